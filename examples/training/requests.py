"""Open Inference Protocol v2 requests from table rows: the Python twin of `examples/replay.ts`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .tables import Table


@dataclass(frozen=True)
class Input:
    """One tensor [N, *row_shape] filled from `columns` in order."""

    name: str
    datatype: str
    row_shape: list[int]
    columns: list[str]


def feeds(table: Table, inputs: list[Input]) -> dict[str, np.ndarray]:
    """The tensors of all rows, as onnxruntime takes them."""
    return {i.name: _tensor(table, i) for i in inputs}


def request(table: Table, inputs: list[Input]) -> dict:
    """The same rows as JSON. Missing is null for numbers and texts alike."""
    return {
        "inputs": [
            {"name": i.name, "shape": [len(table), *i.row_shape], "datatype": i.datatype, "data": _flat(_tensor(table, i))}
            for i in inputs
        ]
    }


def response(label: np.ndarray, probabilities: np.ndarray) -> dict:
    kind = "INT64" if label.dtype == np.int64 else "BYTES"
    return {
        "outputs": [
            {"name": "label", "shape": list(label.shape), "datatype": kind, "data": label.tolist()},
            {"name": "probabilities", "shape": list(probabilities.shape), "datatype": "FP32", "data": _flat(probabilities)},
        ]
    }


def _tensor(table: Table, i: Input) -> np.ndarray:
    kind = object if i.datatype == "BYTES" else np.float32
    flat = np.column_stack([np.asarray(table.columns[c]).astype(kind) for c in i.columns])
    return flat.reshape(len(table), *i.row_shape)


def _flat(tensor: np.ndarray) -> list:
    return [_json(v) for v in tensor.reshape(-1)]


def _json(value: object) -> object:
    if isinstance(value, str):
        return value or None
    if np.isnan(value):  # type: ignore[call-overload]
        return None
    number = float(str(np.float32(value)))  # type: ignore[arg-type]
    return int(number) if number == int(number) else number
