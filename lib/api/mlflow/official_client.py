"""Drives a Slipway server with the unmodified MLflow client. Prints one line a check: ok or FAILED, a tab, the name of the check."""

import json
import os
import sys
import tempfile
import traceback
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

import mlflow  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402

MODEL_FILES = sys.argv[1:4]  # three ONNX files with different bytes
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def refused(code, act):
    try:
        act()
    except MlflowException as error:
        assert error.error_code == code, (error.error_code, error.message)
        return error.message
    raise AssertionError("not refused")


def log_directory(path):
    """An MLflow model directory with an ONNX file, as mlflow.onnx.log_model lays it out."""
    directory = tempfile.mkdtemp()
    with open(path, "rb") as source, open(os.path.join(directory, "model.onnx"), "wb") as target:
        target.write(source.read())
    with open(os.path.join(directory, "MLmodel"), "w") as target:
        target.write("flavors:\n  onnx:\n    data: model.onnx\n    onnx_version: 1.16.0\n  python_function:\n    data: model.onnx\n    loader_module: mlflow.onnx\n")
    return directory


client = MlflowClient()


@check
def create_get_update_rename_delete():
    client.create_registered_model("Claims Triage", tags={"team": "claims"}, description="Sorts claims by urgency.")
    model = client.get_registered_model("Claims Triage")
    assert (model.name, model.description, model.tags) == ("Claims Triage", "Sorts claims by urgency.", {"team": "claims"})
    assert client.update_registered_model("Claims Triage", "Sorts claims.").description == "Sorts claims."
    client.rename_registered_model("Claims Triage", "Claims Sorting")
    assert client.get_registered_model("Claims Sorting").description == "Sorts claims."
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_registered_model("Claims Triage"))
    client.delete_registered_model("Claims Sorting")
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_registered_model("Claims Sorting"))
    client.create_registered_model("Claims Sorting")


@check
def create_twice():
    client.create_registered_model("twice")
    assert "already exists" in refused("RESOURCE_ALREADY_EXISTS", lambda: client.create_registered_model("twice"))


@check
def invalid_names():
    for name in ["", "a/b", "a:b"]:
        refused("INVALID_PARAMETER_VALUE", lambda: client.create_registered_model(name))


@check
def model_tags():
    client.create_registered_model("tagged")
    client.set_registered_model_tag("tagged", "number", 12345)
    assert client.get_registered_model("tagged").tags == {"number": "12345"}
    client.delete_registered_model_tag("tagged", "number")
    assert client.get_registered_model("tagged").tags == {}


@check
def search_models_with_pages_and_order():
    names = [f"page-{number:03d}" for number in range(12)]
    for name in names:
        client.create_registered_model(name, tags={"page": name[-1]})
    for size in [1, 5, 100]:
        seen, token = [], None
        while True:
            page = client.search_registered_models("name LIKE 'page-%'", max_results=size, order_by=["name DESC"], page_token=token)
            seen += [model.name for model in page]
            token = page.token
            if not token:
                break
        assert seen == names[::-1], seen
    assert [model.name for model in client.search_registered_models("tags.page = '7'")] == ["page-007"]
    assert [model.name for model in client.search_registered_models("name ILIKE 'PAGE-%1'")] == ["page-001", "page-011"]
    refused("INVALID_PARAMETER_VALUE", lambda: client.search_registered_models("name = 'a' OR name = 'b'"))


@check
def version_elsewhere():
    client.create_registered_model("elsewhere")
    first = client.create_model_version("elsewhere", "s3://bucket/model", tags={"key": "value", "other": "value"})
    assert (first.version, first.status, first.source, first.tags) == ("1", "READY", "s3://bucket/model", {"key": "value", "other": "value"}) or str(first.version) == "1"
    second = client.create_model_version("elsewhere", "s3://bucket/model2", run_id="run-2")
    assert int(second.version) == 2
    assert client.get_model_version_download_uri("elsewhere", "1") == "s3://bucket/model"
    assert client.update_model_version("elsewhere", "1", "described").description == "described"
    client.set_model_version_tag("elsewhere", "1", "stage", "blue")
    assert client.get_model_version("elsewhere", "1").tags["stage"] == "blue"
    client.delete_model_version_tag("elsewhere", "1", "stage")
    assert "stage" not in client.get_model_version("elsewhere", "1").tags
    assert [int(one.version) for one in client.search_model_versions("run_id = 'run-2'")] == [2]
    assert [int(one.version) for one in client.search_model_versions("name = 'elsewhere'", order_by=["version_number ASC"])] == [1, 2]
    assert [int(one.version) for one in client.get_latest_versions("elsewhere")] == [2]
    client.delete_model_version("elsewhere", "1")
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_model_version("elsewhere", "1"))
    assert int(client.create_model_version("elsewhere", "s3://bucket/model3").version) == 3


@check
def free_aliases():
    client.create_registered_model("aliased")
    client.create_model_version("aliased", "s3://bucket/model")
    client.set_registered_model_alias("aliased", "candidate", "1")
    assert int(client.get_model_version_by_alias("aliased", "candidate").version) == 1
    assert client.get_registered_model("aliased").aliases == {"candidate": "1"} or client.get_registered_model("aliased").aliases == {"candidate": 1}
    client.delete_registered_model_alias("aliased", "candidate")
    refused("INVALID_PARAMETER_VALUE", lambda: client.get_model_version_by_alias("aliased", "candidate"))
    refused("INVALID_PARAMETER_VALUE", lambda: client.set_registered_model_alias("aliased", "latest", "1"))


@check
def governed_alias_without_endpoint():
    client.create_registered_model("governed")
    client.create_model_version("governed", "s3://bucket/model")
    message = refused("PERMISSION_DENIED", lambda: client.set_registered_model_alias("governed", "champion", "1"))
    assert "no endpoint" in message, message


@check
def log_and_register_from_run():
    mlflow.set_experiment("credit scoring")
    with mlflow.start_run() as run:
        mlflow.log_param("depth", 6)
        mlflow.log_metric("auc", 0.91)
        mlflow.set_tag("git", "abc")
        mlflow.log_artifacts(log_directory(MODEL_FILES[0]), "model")
    stored = client.get_run(run.info.run_id)
    assert stored.data.params == {"depth": "6"} and stored.data.metrics == {"auc": 0.91} and stored.data.tags["git"] == "abc"
    assert stored.info.status == "FINISHED"
    assert sorted(file.path for file in client.list_artifacts(run.info.run_id, "model")) == ["model/MLmodel", "model/model.onnx"]
    client.create_registered_model("credit")
    version = client.create_model_version("credit", f"{run.info.artifact_uri}/model", run_id=run.info.run_id)
    assert version.status == "READY" and version.run_id == run.info.run_id, version
    version = client.get_model_version("credit", version.version)
    assert version.status_message in ("", None), version.status_message


@check
def register_model_function():
    with mlflow.start_run() as run:
        mlflow.log_artifacts(log_directory(MODEL_FILES[1]), "model")
    version = mlflow.register_model(f"runs:/{run.info.run_id}/model", "registered")
    assert int(version.version) == 1 and version.status == "READY", version


@check
def download_by_alias():
    client.set_registered_model_alias("credit", "checked", "1")
    directory = mlflow.artifacts.download_artifacts("models:/credit@checked")
    with open(MODEL_FILES[0], "rb") as one, open(os.path.join(directory, "model.onnx"), "rb") as other:
        assert one.read() == other.read()


@check
def unreadable_files_fail_with_the_reason():
    with mlflow.start_run() as run:
        mlflow.log_text("not a model", "model/model.onnx")
    client.create_registered_model("unreadable")
    try:
        version = client.create_model_version("unreadable", f"{run.info.artifact_uri}/model", run_id=run.info.run_id, await_creation_for=5)
        assert version.status == "FAILED_REGISTRATION" and version.status_message, version
    except MlflowException as error:
        assert "FAILED_REGISTRATION" in error.message or "failed" in error.message.lower(), error.message


@check
def logged_model_api():
    if not hasattr(client, "create_logged_model"):
        return
    experiment = client.create_experiment("logged models")
    logged = client.create_logged_model(experiment, name="scorer")
    client.finalize_logged_model(logged.model_id, "READY")
    assert client.get_logged_model(logged.model_id).status == "READY"


for function in CHECKS:
    try:
        function()
        print(f"ok\t{function.__name__}", flush=True)
    except Exception:
        print(f"FAILED\t{function.__name__}\t{json.dumps(traceback.format_exc()[-1500:])}", flush=True)
