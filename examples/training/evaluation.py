"""Metrics of a classifier on rows that it has not seen, each with its 95 % confidence interval.

Shape: `evaluationDocument` of `lib/contracts/registry-api.ts`. Proportions: Wilson score interval; a share of nothing is left out. Brier score (sum over classes of the squared error, mean over rows): mean +- z * standard error.
Area under the ROC curve (two classes): DeLong. `examples/held-out-metrics.ts` computes the same figures in the tests.
"""

from __future__ import annotations

import numpy as np

Z95 = 1.959963984540054


def evaluate(truth: list[str], predicted: list[str], probabilities: np.ndarray, classes: list[str]) -> dict:
    """`probabilities` has one column for each of `classes`; for two classes the ROC curve is of the first one."""
    rows = len(truth)
    matrix = [[sum(1 for t, p in zip(truth, predicted) if (t, p) == (a, b)) for b in classes] for a in classes]
    correct = sum(matrix[i][i] for i in range(len(classes)))
    metrics = {
        "wrongLabelRate": _proportion(rows - correct, rows),
        "accuracy": _proportion(correct, rows),
        "brierScore": _brier(truth, probabilities, classes),
    }
    for i, name in enumerate(classes):
        metrics[f"recall:{name}"] = _proportion(matrix[i][i], sum(matrix[i]))
        metrics[f"precision:{name}"] = _proportion(matrix[i][i], sum(row[i] for row in matrix))
    if len(classes) == 2:
        metrics["areaUnderRoc"] = _area_under_roc(np.array([t == classes[0] for t in truth]), probabilities[:, 0])
    return {
        "metrics": {name: metric for name, metric in metrics.items() if metric is not None},
        "confidence": 0.95,
        "confusion": {"classes": classes, "rowsAre": "truth", "columnsAre": "prediction", "counts": matrix},
    }


def _metric(value: float, low: float, high: float) -> dict:
    return {"value": round(float(value), 6), "low": round(float(low), 6), "high": round(float(high), 6)}


def _proportion(hits: int, n: int) -> dict | None:
    """None when there is nothing to take a share of."""
    if n == 0:
        return None
    share, z2 = hits / n, Z95 * Z95
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * np.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return _metric(share, max(0.0, centre - half), min(1.0, centre + half))


def _brier(truth: list[str], probabilities: np.ndarray, classes: list[str]) -> dict:
    target = np.array([[1.0 if t == c else 0.0 for c in classes] for t in truth])
    losses = ((probabilities.astype(np.float64) - target) ** 2).sum(axis=1)
    mean, half = losses.mean(), Z95 * losses.std(ddof=1) / np.sqrt(len(losses))
    return _metric(mean, max(0.0, mean - half), mean + half)


def _area_under_roc(positive: np.ndarray, score: np.ndarray) -> dict:
    hit, miss = score[positive].astype(np.float64), score[~positive].astype(np.float64)
    above = (hit[:, None] > miss[None, :]) + 0.5 * (hit[:, None] == miss[None, :])
    by_hit, by_miss = above.mean(axis=1), above.mean(axis=0)
    area = above.mean()
    half = Z95 * np.sqrt(by_hit.var(ddof=1) / len(hit) + by_miss.var(ddof=1) / len(miss))
    return _metric(area, max(0.0, area - half), min(1.0, area + half))
