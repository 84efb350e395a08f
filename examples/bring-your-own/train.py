"""Train the example that is registered by hand: python examples/bring-your-own/train.py

A plain export, as an engineer would bring it: one tensor without column names, no metadata of Slipway's.
"""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from training import onnx_file
from training.tables import Table

HERE = Path(__file__).resolve().parent
COLUMNS = ["sepal_length_cm", "sepal_width_cm", "petal_length_cm", "petal_width_cm"]


def main() -> None:
    data = load_iris()
    species = np.array([data.target_names[t] for t in data.target], dtype=object)
    table = Table({n: data.data[:, i] for i, n in enumerate(COLUMNS)}, species, "species")
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(table.numbers(), species)
    graph = to_onnx(
        pipeline,
        initial_types=[("measurements", FloatTensorType([None, len(COLUMNS)]))],
        options={"zipmap": False},
        target_opset=onnx_file.OPSET,
    )
    onnx_file.finish(graph, "iris", "1.0.0", {})
    (HERE / "iris.onnx").write_bytes(graph.SerializeToString(deterministic=True))
    (HERE / "sample.csv").write_text(table.take(np.arange(0, len(table), 3)).csv())


if __name__ == "__main__":
    main()
