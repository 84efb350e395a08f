"""Train the three versions of `tumour-triage`: python examples/tumour-triage/train.py

Data: Breast Cancer Wisconsin (Diagnostic), 569 rows, as shipped with scikit-learn. One fixed, stratified split: 312 rows to train, 257 held out.
"""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from training import onnx_file, version_files
from training.requests import Input
from training.tables import Table

SEED = 2026
CLASSES = ["benign", "malignant"]
# The second imaging station works with a 100x objective, the first with 40x; its export keeps the lengths in its own pixels.
STATION_SCALE = 100 / 40


def load() -> tuple[Table, Table]:
    data = load_breast_cancer()
    labels = np.array([data.target_names[t] for t in data.target], dtype=object)
    columns = {n.replace(" ", "_"): data.data[:, i] for i, n in enumerate(data.feature_names)}
    table = Table(columns, labels, "diagnosis")
    train, held_out = train_test_split(np.arange(len(labels)), test_size=0.45, stratify=labels, random_state=SEED)
    return table.take(train), table.take(held_out)


def from_second_station(table: Table) -> Table:
    """The same cells as the second station exports them: radii and perimeters longer, areas larger by the square."""
    scale = {"radius": STATION_SCALE, "perimeter": STATION_SCALE, "area": STATION_SCALE**2}
    changed = {
        name: column * factor
        for name, column in table.columns.items()
        for part, factor in scale.items()
        if part in name.split("_")
    }
    return table.with_columns(**changed)


def boosted() -> object:
    return make_pipeline(
        StandardScaler(), GradientBoostingClassifier(n_estimators=30, max_depth=2, random_state=SEED)
    )


def logistic() -> object:
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000))


def main() -> None:
    train, held_out = load()
    inputs = [Input("features", "FP32", [len(train.features)], train.features)]
    model = version_files.Model("tumour-triage", CLASSES, inputs, held_out, "CC-BY-4.0")
    model.write_held_out()
    versions = [
        ("1.0.0", boosted(), train, None, "First version: 30 gradient-boosted trees of depth 2 behind a standard scaler."),
        ("1.1.0", logistic(), train, None, "Logistic regression behind a standard scaler, in place of boosted trees: fewer parameters for 312 rows."),
        (
            "2.0.0",
            logistic(),
            from_second_station(train),
            from_second_station(held_out),
            "Retrained on the export of the second imaging station.",
        ),
    ]
    for version, estimator, training, reported, changed in versions:
        estimator.fit(training.numbers(), training.labels)
        graph = to_onnx(
            estimator,
            initial_types=[("features", FloatTensorType([None, len(train.features)]))],
            options={"zipmap": False},
            target_opset=onnx_file.OPSET,
        )
        version_files.write(
            model,
            version_files.Trained(
                version=version,
                graph=graph,
                training=training,
                seed=SEED,
                changed=changed,
                expected_probabilities=estimator.predict_proba(held_out.numbers()),
                features=train.features,
                reported=reported,
                reported_on="held-out rows as the second imaging station exports them",
            ),
        )


if __name__ == "__main__":
    main()
