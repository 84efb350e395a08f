"""What the training data look like: the reference that later traffic is compared with. Counts only, never rows.

Numeric column: ten bins of about equal mass. Bin i is [edge_i, edge_i+1); the last edge is the first float32 above the largest value, so
that every training value lies in a bin; below the first and from the last edge on are UNDER and OVER, empty here. Equal deciles collapse.
A column of at most 20 distinct whole numbers, or of text, is a list of values with counts.
"""

from __future__ import annotations

import numpy as np

from .tables import Table

QUANTILES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]


def describe(training: Table, classes: list[str]) -> dict:
    return {
        "rows": len(training),
        "trainingDataDigest": training.digest(),
        "features": [_feature(name, column) for name, column in training.columns.items()],
        "classes": [
            {"label": c, "count": n, "share": round(n / len(training), 6)}
            for c in classes
            for n in [int(sum(1 for v in training.labels if str(v) == c))]
        ],
    }


def _feature(name: str, column: np.ndarray) -> dict:
    if column.dtype == object:
        present = [v for v in column if v != ""]
        return {"name": name, "type": "text", "nulls": len(column) - len(present), "values": _counts(present)}
    present = column[~np.isnan(column)].astype(np.float32)
    nulls = int(len(column) - len(present))
    distinct = np.unique(present)
    if len(distinct) <= 20 and np.all(distinct == np.round(distinct)):
        return {"name": name, "type": "integer", "nulls": nulls, "values": _counts([int(v) for v in present])}
    edges = np.unique(np.quantile(present, np.linspace(0, 1, 11)).astype(np.float32))
    edges[-1] = np.nextafter(present.max(), np.float32(np.inf))
    counts = np.histogram(present, bins=edges)[0]
    return {
        "name": name,
        "type": "number",
        "nulls": nulls,
        "min": _short(present.min()),
        "max": _short(present.max()),
        "mean": float(f"{present.astype(np.float64).mean():.6g}"),
        "sd": float(f"{present.astype(np.float64).std(ddof=1):.6g}"),
        "quantiles": {str(q): _short(v) for q, v in zip(QUANTILES, np.quantile(present, QUANTILES), strict=True)},
        "binEdges": [_short(e) for e in edges],
        "binCounts": [int(c) for c in counts],
    }


def _counts(values: list) -> list[dict]:
    kinds = sorted(set(values))
    return [{"value": kind, "count": values.count(kind)} for kind in kinds]


def _short(value: float) -> float:
    """The shortest decimal that is this float32."""
    return float(str(np.float32(value)))
