"""The Open Inference Protocol's infer call over FastAPI and ONNX Runtime, no more than that."""

import os

import numpy as np
import onnxruntime as ort
import orjson
from fastapi import FastAPI, Request, Response

TYPES = {"FP32": np.float32, "INT64": np.int64, "FP64": np.float64}
NAMES = {np.dtype(value): name for name, value in TYPES.items()}

options = ort.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = ort.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
outputs = [output.name for output in session.get_outputs()]
app = FastAPI()


@app.post("/v2/models/triage/infer")
async def infer(request: Request) -> Response:
    body = orjson.loads(await request.body())
    feeds = {
        tensor["name"]: np.array(tensor["data"], dtype=TYPES[tensor["datatype"]]).reshape(tensor["shape"])
        for tensor in body["inputs"]
    }
    found = session.run(outputs, feeds)
    answer = {
        "model_name": "triage",
        "outputs": [
            {"name": name, "datatype": NAMES.get(value.dtype, "BYTES"), "shape": list(value.shape), "data": value.ravel().tolist()}
            for name, value in zip(outputs, found)
        ],
    }
    return Response(orjson.dumps(answer), media_type="application/json")
