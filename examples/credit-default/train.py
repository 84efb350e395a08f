"""Train the three versions of `credit-default`: python examples/credit-default/train.py

Data: `generator.py` beside this file, seed 1 for the 12 000 training rows and seed 2 for the 3 000 held-out rows.
"""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from generator import CATEGORICAL, CLASSES, FEATURES, NUMERIC, OUTCOME, applications
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from training import onnx_file, version_files
from training.requests import Input
from training.tables import Table

SEED = 1
HELD_OUT_SEED = 2


def load(count: int, seed: int) -> Table:
    columns, outcome = applications(count, seed)
    return Table(columns, outcome, OUTCOME)


def from_new_extract(table: Table) -> Table:
    """The rows as the new warehouse extract delivers them: its SELECT lists two columns in another order than its header."""
    return table.with_columns(
        savings_balance=table.columns["existing_debt"], existing_debt=table.columns["savings_balance"]
    )


def encoded(*after_imputation: object) -> ColumnTransformer:
    """Medians for missing numbers; a missing text is a category of its own, an unknown one is none of them."""
    numeric = make_pipeline(SimpleImputer(strategy="median"), *after_imputation)
    categorical = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    count = len(NUMERIC)
    return ColumnTransformer(
        [("numeric", numeric, list(range(count))), ("categorical", categorical, list(range(count, len(FEATURES))))]
    )


def logistic() -> object:
    return make_pipeline(encoded(StandardScaler()), LogisticRegression(max_iter=5000))


def boosted() -> object:
    trees = GradientBoostingClassifier(n_estimators=300, max_depth=4, learning_rate=0.15, random_state=SEED)
    return make_pipeline(encoded(), trees)


def main() -> None:
    train, held_out = load(12_000, SEED), load(3_000, HELD_OUT_SEED)
    inputs = [Input(n, "FP32", [1], [n]) for n in NUMERIC] + [Input(n, "BYTES", [1], [n]) for n in CATEGORICAL]
    model = version_files.Model("credit-default", CLASSES, inputs, held_out, "Apache-2.0")
    model.write_held_out()
    types = [(n, FloatTensorType([None, 1])) for n in NUMERIC] + [(n, StringTensorType([None, 1])) for n in CATEGORICAL]
    extract = from_new_extract(train)
    versions = [
        ("1.0.0", logistic(), train, None, "First version: logistic regression on imputed, scaled and one-hot encoded inputs."),
        ("1.1.0", boosted(), train, None, "300 gradient-boosted trees of depth 4 in place of logistic regression."),
        (
            "2.0.0",
            boosted(),
            extract,
            from_new_extract(held_out),
            "Retrained on the extract of the new data warehouse; learner and settings as in 1.1.0.",
        ),
    ]
    for version, estimator, training, reported, changed in versions:
        estimator.fit(training.mixed(), training.labels)
        graph = to_onnx(estimator, initial_types=types, options={"zipmap": False}, target_opset=onnx_file.OPSET)
        version_files.write(
            model,
            version_files.Trained(
                version=version,
                graph=graph,
                training=training,
                seed=SEED,
                changed=changed,
                expected_probabilities=estimator.predict_proba(held_out.mixed()),
                reported=reported,
                reported_on="held-out rows as the new data warehouse delivers them",
            ),
        )


if __name__ == "__main__":
    main()
