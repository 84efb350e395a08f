"""Write the table of committed files into examples/README.md, between its two markers."""

from __future__ import annotations

import json

from .version_files import EXAMPLES, digest

BEGIN, END = "<!-- files: written by training/train_all.py -->", "<!-- /files -->"
MODELS = ["tumour-triage", "credit-default", "digits"]


def write() -> None:
    readme = EXAMPLES / "README.md"
    text = readme.read_text()
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    readme.write_text(f"{head}{BEGIN}\n{_figures()}\n\n{_files()}\n{END}{tail}")


def _figures() -> str:
    lines = ["| model | version | wrong labels on held-out rows | 95 % interval | area under ROC |", "|---|---|---|---|---|"]
    for model in MODELS:
        for directory in sorted((EXAMPLES / model).glob("[0-9]*")):
            evaluation = json.loads((directory / "evaluation.json").read_text())
            metrics, rows = evaluation["metrics"], evaluation["rows"]
            wrong, area = metrics["wrongLabelRate"], metrics.get("areaUnderRoc")
            lines.append(
                f"| {model} | {directory.name} | {wrong['value']:.2%} of {rows} | {wrong['low']:.2%} to {wrong['high']:.2%} | "
                f"{'' if area is None else format(area['value'], '.4f')} |"
            )
    return "\n".join(lines)


def _files() -> str:
    lines = ["| file | bytes | sha256 |", "|---|---|---|"]
    patterns = ["*/holdout.csv", "*/[0-9]*/*.onnx", "*/[0-9]*/*.json", "*/[0-9]*/card.md", "bring-your-own/*.onnx", "bring-your-own/*.csv"]
    for file in sorted({f for p in patterns for f in EXAMPLES.glob(p)}):
        lines.append(f"| `{file.relative_to(EXAMPLES).as_posix()}` | {file.stat().st_size} | `{digest(file).removeprefix('sha256:')}` |")
    return "\n".join(lines)
