"""Write the committed files of one version: model.onnx, evaluation.json, baseline.json, golden.json, card.md."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from . import baseline, onnx_file, requests
from .evaluation import evaluate
from .tables import Table

EXAMPLES = Path(__file__).resolve().parents[1]
GOLDEN_SINGLE_ROWS = 16
GOLDEN_BATCH_ROWS = 5
TOLERANCE = 1e-5


@dataclass(frozen=True)
class Model:
    name: str
    classes: list[str]
    inputs: list[requests.Input]
    held_out: Table
    data_licence: str

    @property
    def directory(self) -> Path:
        return EXAMPLES / self.name

    def write_held_out(self) -> None:
        self.directory.mkdir(exist_ok=True)
        (self.directory / "holdout.csv").write_text(self.held_out.csv())


@dataclass(frozen=True)
class Trained:
    """A fitted version. `reported` is what its author evaluated on, where that was not the held-out rows themselves."""

    version: str
    graph: onnx.ModelProto
    training: Table
    seed: int
    changed: str
    expected_probabilities: np.ndarray
    features: list[str] | None = None
    reported: Table | None = None
    reported_on: str = ""


def write(model: Model, trained: Trained) -> None:
    """All files of the version; refuses when the graph does not answer as scikit-learn does."""
    directory = model.directory / trained.version
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / "model.onnx"
    graph = onnx_file.finish(trained.graph, model.name, trained.version, _metadata(model, trained))
    file.write_bytes(graph.SerializeToString(deterministic=True))
    _, probabilities = onnx_file.run(file, requests.feeds(model.held_out, model.inputs))
    gap = np.abs(probabilities - trained.expected_probabilities).max()
    assert gap < 1e-4, f"{model.name} {trained.version}: graph and scikit-learn differ by {gap}"

    evaluation = _evaluation(model, trained, file, model.held_out, "holdout.csv")
    _json(directory / "evaluation.json", evaluation)
    shown = evaluation
    if trained.reported is not None:
        shown = _evaluation(model, trained, file, trained.reported, trained.reported_on)
        _json(directory / "evaluation-reported.json", shown)
    _json(directory / "baseline.json", {"model": model.name, "version": trained.version} | baseline.describe(trained.training, model.classes))
    _json(directory / "golden.json", _golden(model, file))
    template = (model.directory / "card.template.md").read_text()
    (directory / "card.md").write_text(_card(template, trained, shown))
    rate = evaluation["metrics"]["wrongLabelRate"]["value"]
    print(f"{model.name} {trained.version}: {rate:.2%} wrong labels of {evaluation['rows']}, {file.stat().st_size} bytes")


def digest(file: Path) -> str:
    return "sha256:" + hashlib.sha256(file.read_bytes()).hexdigest()


def _metadata(model: Model, trained: Trained) -> dict[str, object]:
    features = {} if trained.features is None else {"slipway.features": trained.features}
    return features | {
        "slipway.classes": model.classes,
        "slipway.labelOutput": "label",
        "slipway.trainingDataDigest": trained.training.digest(),
        "slipway.seed": str(trained.seed),
        "slipway.dataLicence": model.data_licence,
    }


def _evaluation(model: Model, trained: Trained, file: Path, table: Table, source: str) -> dict:
    label, probabilities = onnx_file.run(file, requests.feeds(table, model.inputs))
    truth, predicted = [str(v) for v in table.labels], [str(v) for v in label]
    return {
        "model": model.name,
        "version": trained.version,
        "modelDigest": digest(file),
        "dataset": source,
        "datasetSha256": table.digest().removeprefix("sha256:"),
        "rows": len(table),
        "labelColumn": table.label_column,
    } | evaluate(truth, predicted, probabilities, model.classes)


def _golden(model: Model, file: Path) -> list[dict]:
    """Single rows spread over the held-out rows, then one batch: what every runtime must answer (`goldenCases` of the registry)."""
    rows = np.linspace(0, len(model.held_out) - 1, GOLDEN_SINGLE_ROWS).astype(int)
    groups = [(f"held-out row {r + 1}", np.array([r])) for r in rows]
    groups.append((f"batch of the first {GOLDEN_BATCH_ROWS} held-out rows", np.arange(GOLDEN_BATCH_ROWS)))
    cases = []
    for name, group in groups:
        table = model.held_out.take(group)
        answer = onnx_file.run(file, requests.feeds(table, model.inputs))
        request = requests.request(table, model.inputs)
        cases.append({"name": name, "request": request, "response": requests.response(*answer), "tolerance": TOLERANCE})
    return cases


def _card(template: str, trained: Trained, evaluation: dict) -> str:
    figures = ["| metric | value | 95 % interval |", "|---|---|---|"]
    for name, m in evaluation["metrics"].items():
        figures.append(f"| {name} | {m['value']:.4f} | {m['low']:.4f} to {m['high']:.4f} |")
    parts = {
        "version": trained.version,
        "changed": trained.changed,
        "figures": "\n".join(figures),
        "evaluatedOn": f"{evaluation['dataset']}, {evaluation['rows']} rows",
        "trainingRows": str(len(trained.training)),
    }
    for key, value in parts.items():
        template = template.replace("{{" + key + "}}", value)
    assert "{{" not in template
    return template


def _json(file: Path, value: object) -> None:
    file.write_text(_pretty(value, 0) + "\n")


def _pretty(value: object, depth: int) -> str:
    packed = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if not isinstance(value, (dict, list)) or len(packed) + 2 * depth <= 120 or _is_flat(value):
        return packed
    pad, end = "  " * (depth + 1), "  " * depth
    if isinstance(value, list):
        return "[\n" + ",\n".join(pad + _pretty(v, depth + 1) for v in value) + f"\n{end}]"
    return "{\n" + ",\n".join(f"{pad}{json.dumps(k)}: {_pretty(v, depth + 1)}" for k, v in value.items()) + f"\n{end}}}"


def _is_flat(value: object) -> bool:
    return isinstance(value, list) and not any(isinstance(v, (dict, list)) for v in value)
