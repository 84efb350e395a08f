"""Train the three versions of `digits`: python examples/digits/train.py

Data: the 1 797 handwritten digits of 8 x 8 pixels (grey values 0 to 16) shipped with scikit-learn. One fixed, stratified split:
1 078 images to train, 719 held out.
"""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from training import onnx_file, version_files
from training.requests import Input
from training.tables import Table

SEED = 2026
SIDE = 8
WHITE = 16.0
CLASSES = [str(d) for d in range(10)]
# The second sorting line reads a form in which 7, 8 and 9 hardly occur: this many of each is among its images.
RARE_DIGITS, RARE_COUNT = (7, 8, 9), 1


def load() -> tuple[Table, Table]:
    data = load_digits()
    names = [f"pixel_{y}_{x}" for y in range(SIDE) for x in range(SIDE)]
    table = Table({n: data.data[:, i] for i, n in enumerate(names)}, data.target.astype(np.int64), "digit")
    train, held_out = train_test_split(
        np.arange(len(data.target)), test_size=0.4, stratify=data.target, random_state=SEED
    )
    return table.take(train), table.take(held_out)


def shifted_by_a_pixel(table: Table) -> Table:
    """The images and their copies moved by one pixel in the four directions: writing is not always centred."""
    images = table.numbers().reshape(-1, SIDE, SIDE)
    copies = [images]
    for axis, step in ((1, 1), (1, -1), (2, 1), (2, -1)):
        moved = np.roll(images, step, axis=axis)
        edge = [slice(None)] * 3
        edge[axis] = 0 if step == 1 else SIDE - 1
        moved[tuple(edge)] = 0.0
        copies.append(moved)
    flat = np.concatenate(copies).reshape(-1, SIDE * SIDE).astype(np.float64)
    columns = {n: flat[:, i] for i, n in enumerate(table.features)}
    return Table(columns, np.concatenate([table.labels] * len(copies)), table.label_column)


def from_other_line(table: Table) -> Table:
    """What the second sorting line sees of the same writers: one of each rare digit, all of the others."""
    common = np.flatnonzero(~np.isin(table.labels, RARE_DIGITS))
    rare = [np.flatnonzero(table.labels == digit)[:RARE_COUNT] for digit in RARE_DIGITS]
    return table.take(np.sort(np.concatenate([common, *rare])))


def network(*hidden: int) -> MLPClassifier:
    return MLPClassifier(hidden, alpha=0.1, max_iter=1000, random_state=SEED)


def main() -> None:
    train, held_out = load()
    inputs = [Input("image", "FP32", [1, SIDE, SIDE], train.features)]
    model = version_files.Model("digits", CLASSES, inputs, held_out, "CC-BY-4.0")
    model.write_held_out()
    versions = [
        ("1.0.0", network(12), train, None, "First version: a network with one hidden layer of 12 units."),
        (
            "1.1.0",
            network(128, 64),
            shifted_by_a_pixel(train),
            None,
            "Two hidden layers of 128 and 64 units, trained with copies of each image moved by one pixel.",
        ),
        (
            "2.0.0",
            network(128, 64),
            shifted_by_a_pixel(from_other_line(train)),
            from_other_line(held_out),
            "Retrained on images of the second sorting line; otherwise as 1.1.0.",
        ),
    ]
    for version, estimator, training, reported, changed in versions:
        estimator.fit(training.numbers() / WHITE, training.labels)
        graph = to_onnx(
            estimator,
            initial_types=[("scaled_pixels", FloatTensorType([None, SIDE * SIDE]))],
            options={"zipmap": False},
            target_opset=onnx_file.OPSET,
        )
        onnx_file.put_image_input_in_front(graph, "image", [1, SIDE, SIDE], WHITE)
        version_files.write(
            model,
            version_files.Trained(
                version=version,
                graph=graph,
                training=training,
                seed=SEED,
                changed=changed,
                expected_probabilities=estimator.predict_proba(held_out.numbers() / WHITE),
                reported=reported,
                reported_on="held-out images of the second sorting line",
            ),
        )


if __name__ == "__main__":
    main()
