"""Tables of named columns: CSV text that is equal byte for byte wherever it is made, and float32 values as the models see them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Table:
    """Rows of features and their true label. A column is float64 (NaN = missing) or object (text, "" = missing)."""

    columns: dict[str, np.ndarray]
    labels: np.ndarray
    label_column: str

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def features(self) -> list[str]:
        return list(self.columns)

    def numbers(self) -> np.ndarray:
        """All columns as one float32 matrix; only for tables of numbers."""
        return np.column_stack([np.asarray(c, dtype=np.float32) for c in self.columns.values()])

    def mixed(self) -> np.ndarray:
        """All columns as one object matrix, numbers rounded to float32 as on the wire."""
        return np.column_stack([self._wire(c).astype(object) for c in self.columns.values()])

    def take(self, rows: np.ndarray) -> Table:
        columns = {name: column[rows] for name, column in self.columns.items()}
        return Table(columns, self.labels[rows], self.label_column)

    def with_columns(self, **changed: np.ndarray) -> Table:
        return Table({**self.columns, **changed}, self.labels, self.label_column)

    def csv(self) -> str:
        """Header, then one line a row, the label last. A missing value is an empty cell. No cell needs quotes."""
        lines = [",".join([*self.columns, self.label_column])]
        cells = [[_cell(v) for v in column] for column in self.columns.values()]
        cells.append([str(v) for v in self.labels])
        lines += [",".join(row) for row in zip(*cells, strict=True)]
        text = "\n".join(lines) + "\n"
        assert '"' not in text
        return text

    def digest(self) -> str:
        return "sha256:" + hashlib.sha256(self.csv().encode()).hexdigest()

    @staticmethod
    def _wire(column: np.ndarray) -> np.ndarray:
        return column if column.dtype == object else column.astype(np.float32)


def _cell(value: object) -> str:
    if isinstance(value, str):
        return value
    number = float(value)  # type: ignore[arg-type]
    if np.isnan(number):
        return ""
    return str(int(number)) if number == int(number) else repr(float(str(np.float32(number))))
