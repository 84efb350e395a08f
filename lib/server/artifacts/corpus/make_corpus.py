"""Writes the valid artifacts of this directory with the real frameworks.

    python make_corpus.py sklearn     scikit-learn, joblib, cloudpickle; once per version of scikit-learn
    python make_corpus.py onnx        scikit-learn, skl2onnx
    python make_corpus.py tensorflow  tensorflow-cpu

The PMML documents are written by hand after the standard's own examples, the torch archives by the tests, after torch.serialization.
"""
import os
import sys
import pickle
import tarfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))


def path(name):
    return os.path.join(HERE, name)


def fitted():
    import numpy as np
    from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    rng = np.random.default_rng(0)
    rows = rng.normal(size=(60, 4))
    labels = (rows[:, 0] > 0).astype(int)
    return {
        "logistic": make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, labels),
        "forest": RandomForestClassifier(4, max_depth=3, random_state=0).fit(rows, labels),
        "boosting": GradientBoostingRegressor(n_estimators=4, max_depth=2, random_state=0).fit(rows, rows[:, 1]),
        "svc": SVC().fit(rows, labels),
        "knn": KNeighborsClassifier().fit(rows, labels),
    }


def sklearn_files():
    import joblib
    import numpy as np
    import sklearn

    tag = "sklearn-" + ".".join(sklearn.__version__.split(".")[:2])
    models = fitted()
    for protocol in range(6):
        with open(path(f"{tag}-logistic-p{protocol}.pkl"), "wb") as out:
            pickle.dump(models["logistic"], out, protocol=protocol)
    for name in ("forest", "svc", "knn"):
        with open(path(f"{tag}-{name}.pkl"), "wb") as out:
            pickle.dump(models[name], out)
    joblib.dump(models["forest"], path(f"{tag}-forest.joblib"))
    joblib.dump(models["boosting"], path(f"{tag}-boosting-zlib.joblib"), compress=3)
    joblib.dump(models["knn"], path(f"{tag}-knn-gzip.joblib"), compress=("gzip", 3))
    joblib.dump(
        {"names": np.array(["a", "b"], dtype=object), "model": models["logistic"]}, path(f"{tag}-objects.joblib")
    )


def onnx_files():
    from skl2onnx import to_onnx
    import numpy as np

    models = fitted()
    sample = np.zeros((1, 4), dtype=np.float32)
    for opset, ml in ((12, 1), (15, 2), (17, 3), (21, 3)):
        exported = to_onnx(models["logistic"], sample, target_opset={"": opset, "ai.onnx.ml": ml}, options={"zipmap": False})
        with open(path(f"skl2onnx-logistic-opset{opset}.onnx"), "wb") as out:
            out.write(exported.SerializeToString())
    with open(path("skl2onnx-boosting.onnx"), "wb") as out:
        out.write(to_onnx(models["boosting"], sample).SerializeToString())


def tensorflow_files():
    import shutil
    import tempfile

    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf

    class Linear(tf.Module):
        def __init__(self):
            super().__init__()
            self.weights = tf.Variable(tf.ones([4, 2]))
            self.bias = tf.Variable(tf.zeros([2]))

        @tf.function
        def score(self, features):
            logits = features @ self.weights + self.bias
            return {"probability": tf.nn.softmax(logits), "label": tf.argmax(logits, axis=1)}

    class Reader(Linear):
        @tf.function
        def read(self, path):
            return {"text": tf.io.read_file(path)}

    class Length(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="texts")])
        def __call__(self, texts):
            return tf.strings.length(texts)

    features = tf.TensorSpec([None, 4], tf.float32, name="features")
    scratch = tempfile.mkdtemp()
    linear = Linear()
    tf.saved_model.save(
        linear, os.path.join(scratch, "linear"), signatures={"serving_default": linear.score.get_concrete_function(features)}
    )
    reader = Reader()
    reading = reader.read.get_concrete_function(tf.TensorSpec([], tf.string, name="path"))
    tf.saved_model.save(
        reader,
        os.path.join(scratch, "reads-files"),
        signatures={"serving_default": reader.score.get_concrete_function(features), "read": reading},
    )
    tf.saved_model.save(Linear(), os.path.join(scratch, "no-signature"))
    tf.saved_model.save(Length(), os.path.join(scratch, "text"))
    for name, form in (("linear", "tar"), ("linear", "tgz"), ("linear", "zip"), ("text", "tgz"), ("no-signature", "tgz"), ("reads-files", "tgz")):
        archive(os.path.join(scratch, name), path(f"tensorflow-{name}.{form}"), form)
    shutil.rmtree(scratch)


def archive(directory, to, form):
    if form == "zip":
        with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as out:
            for folder, _, names in sorted(os.walk(directory)):
                for name in sorted(names):
                    whole = os.path.join(folder, name)
                    out.write(whole, os.path.relpath(whole, directory))
        return
    with tarfile.open(to, "w:gz" if form == "tgz" else "w") as out:
        out.add(directory, arcname="model")


if __name__ == "__main__":
    {"sklearn": sklearn_files, "onnx": onnx_files, "tensorflow": tensorflow_files}[sys.argv[1]]()
