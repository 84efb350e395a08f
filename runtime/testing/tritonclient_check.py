"""Asks a running runtime by tritonclient (HTTP, aio and gRPC) and prints one line of JSON for each client. Used by runtime/tritonclient.process.test.ts."""

import asyncio
import json
import sys

import numpy as np
import tritonclient.grpc as grpc_client
import tritonclient.http as http_client
import tritonclient.http.aio as aio_client

http_url, grpc_url = sys.argv[1], sys.argv[2]
ROWS = np.array([[1, 2, 3, 4], [-9, 0, 0, 0]], dtype=np.float32)


def inputs_of(client, **options):
    tensor = client.InferInput("x", list(ROWS.shape), "FP32")
    tensor.set_data_from_numpy(ROWS, **options)
    return [tensor]


def say(name, result, **more):
    labels = result.as_numpy("label")
    marks = result.as_numpy("mark")
    print(json.dumps({"client": name, "labels": labels.tolist(), "marks": marks.tolist(), **more}))


def over_http():
    client = http_client.InferenceServerClient(http_url)
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("marked")
    metadata = client.get_model_metadata("marked")
    say("http binary", client.infer("marked", inputs_of(http_client), request_id="one"), inputs=metadata["inputs"])
    outputs = [http_client.InferRequestedOutput(name, binary_data=False) for name in ("label", "mark")]
    say("http json", client.infer("marked", inputs_of(http_client, binary_data=False), outputs=outputs))
    for algorithm in ("gzip", "deflate"):
        say(
            "http " + algorithm,
            client.infer(
                "marked",
                inputs_of(http_client),
                request_compression_algorithm=algorithm,
                response_compression_algorithm=algorithm,
            ),
        )
    assert client.get_inference_statistics("marked")["model_stats"]
    assert client.get_model_repository_index()
    try:
        client.infer("nobody", inputs_of(http_client))
    except Exception as error:
        print(json.dumps({"client": "http error", "message": str(error)}))


async def over_aio():
    async with aio_client.InferenceServerClient(http_url) as client:
        assert await client.is_model_ready("marked")
        say("aio", await client.infer("marked", inputs_of(aio_client)))


def over_grpc():
    client = grpc_client.InferenceServerClient(grpc_url)
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("marked")
    assert client.get_server_metadata().name == "slipway"
    assert list(client.get_model_metadata("marked").inputs[0].shape) == [-1, 4]
    say("grpc", client.infer("marked", inputs_of(grpc_client), request_id="two", client_timeout=10.0))
    answers = []
    client.start_stream(lambda result, error: answers.append((result, error)))
    for number in range(3):
        client.async_stream_infer("marked", inputs_of(grpc_client), request_id=str(number))
    client.stop_stream()
    assert len(answers) == 3 and all(error is None for _, error in answers)
    say("grpc stream", answers[0][0])
    assert client.get_inference_statistics("marked").model_stats
    assert client.get_model_repository_index().models
    try:
        client.infer("nobody", inputs_of(grpc_client))
    except Exception as error:
        print(json.dumps({"client": "grpc error", "message": str(error)}))


over_http()
asyncio.run(over_aio())
over_grpc()
