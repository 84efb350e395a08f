"""The same model as a BentoML service; its HTTP form is its own, so the body is read by hand."""

import os

import bentoml
import numpy as np
import onnxruntime as ort

TYPES = {"FP32": np.float32, "INT64": np.int64, "FP64": np.float64}


@bentoml.service(workers="cpu_count", logging={"access": {"enabled": False}}, metrics={"enabled": False})
class Triage:
    def __init__(self) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.session = ort.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
        self.names = [output.name for output in self.session.get_outputs()]

    @bentoml.api(route="/v2/models/triage/infer")
    def infer(self, inputs: list[dict]) -> dict:
        feeds = {
            tensor["name"]: np.array(tensor["data"], dtype=TYPES[tensor["datatype"]]).reshape(tensor["shape"])
            for tensor in inputs
        }
        found = self.session.run(self.names, feeds)
        return {
            "model_name": "triage",
            "outputs": [
                {"name": name, "shape": list(value.shape), "data": value.ravel().tolist()}
                for name, value in zip(self.names, found)
            ],
        }
