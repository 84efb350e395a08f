"""Finish an exported graph: stable names, a named batch dimension, metadata; and run it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

OPSET = {"": 17, "ai.onnx.ml": 3}
IR_VERSION = 8


def finish(model: onnx.ModelProto, name: str, version: str, metadata: dict[str, object]) -> onnx.ModelProto:
    """Outputs become `label` and `probabilities`, the free dimension `N`; `metadata` goes into metadata_props, values as JSON unless text."""
    _rename_outputs(model.graph, ["label", "probabilities"])
    for value in [*model.graph.input, *model.graph.output]:
        value.type.tensor_type.shape.dim[0].dim_param = "N"
    model.graph.name = name
    model.graph.doc_string = ""
    model.doc_string = f"{name} {version}, an example of Slipway"
    model.ir_version = IR_VERSION
    # The exporter lists the opsets in the order of a set, some twice: sort, or equal models get unequal digests.
    opsets = {opset.domain: opset.version for opset in model.opset_import}
    del model.opset_import[:]
    model.opset_import.extend(helper.make_opsetid(domain, version) for domain, version in sorted(opsets.items()))
    del model.metadata_props[:]
    props = {k: v if isinstance(v, str) else json.dumps(v, separators=(",", ":")) for k, v in metadata.items()}
    helper.set_model_props(model, props)
    onnx.checker.check_model(model, full_check=True)
    return model


def put_image_input_in_front(model: onnx.ModelProto, image: str, shape: list[int], divisor: float) -> None:
    """Replace the flat input by `image` [N, *shape]: flatten and divide inside the graph, so that callers send raw pixels."""
    graph = model.graph
    flat = graph.input[0].name
    graph.initializer.append(numpy_helper.from_array(np.array(divisor, dtype=np.float32), "pixel_divisor"))
    graph.node.insert(0, helper.make_node("Flatten", [image], ["pixels"], name="FlattenImage", axis=1))
    graph.node.insert(1, helper.make_node("Div", ["pixels", "pixel_divisor"], [flat], name="ScalePixels"))
    del graph.input[:]
    graph.input.append(helper.make_tensor_value_info(image, onnx.TensorProto.FLOAT, ["N", *shape]))


def run(file: Path, feeds: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Labels and probabilities as onnxruntime computes them, on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    label, probabilities = session.run(["label", "probabilities"], feeds)
    return label, probabilities


def _rename_outputs(graph: onnx.GraphProto, names: list[str]) -> None:
    assert len(graph.output) == len(names)
    mapping = {value.name: name for value, name in zip(graph.output, names, strict=True)}
    taken = {n for node in graph.node for n in node.output} - set(mapping)
    # An inner value may already carry the name that the output is to have.
    mapping |= {name: f"inner_{name}" for name in names if name in taken}
    for node in graph.node:
        node.input[:] = [mapping.get(n, n) for n in node.input]
        node.output[:] = [mapping.get(n, n) for n in node.output]
    for value in graph.output:
        value.name = mapping[value.name]
