from __future__ import annotations

import numpy as np
import pytest
from starlette.testclient import TestClient

import addax as keras
from addax import tf
from addax.export import Endpoint, InputSpec, SavedVariable, write_saved_model
from addax.serving import ServeOptions, create_app

PREDICT = "/v1/models/sum:predict"


def error(answer, status=400) -> str:
    assert answer.status_code == status, answer.text
    assert answer.json().keys() == {"error"}
    return answer.json()["error"]


def test_rows(client):
    answer = client.post(PREDICT, json={"instances": [[1, 2, 3], [4, 5, 6.5]]})
    assert answer.json() == {"predictions": [[6.0], [15.5]]}
    assert answer.headers["content-type"] == "application/json"


def test_rows_by_name_of_a_version_and_signature(client):
    request = {"signature_name": "serving_default", "instances": [{"x": [1, 2, 3]}]}
    assert client.post("/v1/models/sum/versions/1:predict", json=request).json() == {"predictions": [[6.0]]}


@pytest.mark.parametrize("inputs", [[[1, 2, 3]], {"x": [[1, 2, 3]]}])
def test_columns(client, inputs):
    assert client.post(PREDICT, json={"inputs": inputs}).json() == {"outputs": [[6.0]]}


def test_more_rows_than_a_batch_holds(client):
    rows = [[n, 0, 0] for n in range(11)]
    answer = client.post(PREDICT, json={"instances": rows})
    assert answer.json() == {"predictions": [[float(n)] for n in range(11)]}


def test_several_inputs_and_outputs_in_rows(pair_client):
    rows = [{"a": [1, 2], "n": [3]}, {"a": [4, 5], "n": [6]}]
    answer = pair_client.post("/v1/models/pair:predict", json={"instances": rows}).json()
    assert answer == {"predictions": [{"total": [6.0], "double": [6]}, {"total": [15.0], "double": [12]}]}


def test_several_inputs_and_outputs_in_columns(pair_client):
    columns = {"a": [[1, 2], [4, 5]], "n": [[3], [6]]}
    answer = pair_client.post("/v1/models/pair:predict", json={"inputs": columns}).json()
    assert answer == {"outputs": {"total": [[6.0], [15.0]], "double": [[6], [12]]}}


def test_inputs_of_different_length(pair_client):
    answer = pair_client.post("/v1/models/pair:predict", json={"inputs": {"a": [[1, 2]], "n": [[3], [6]]}})
    assert "different numbers of examples" in error(answer)


def test_status(client):
    for address in ("/v1/models/sum", "/v1/models/sum/versions/1"):
        (status,) = client.get(address).json()["model_version_status"]
        assert (status["version"], status["state"], status["status"]["error_code"]) == (
            "1",
            "AVAILABLE",
            "OK",
        )


def test_metadata(client):
    answer = client.get("/v1/models/sum/metadata").json()
    assert answer["model_spec"] == {"name": "sum", "signature_name": "", "version": "1"}
    signature = answer["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert signature["method_name"] == "tensorflow/serving/predict"
    assert signature["inputs"]["x"]["dtype"] == "DT_FLOAT"
    assert [dim["size"] for dim in signature["inputs"]["x"]["tensor_shape"]["dim"]] == ["-1", "3"]
    assert [dim["size"] for dim in signature["outputs"]["output_0"]["tensor_shape"]["dim"]] == ["-1", "1"]


def test_classify(client):
    request = {"context": {"x": [0, 0, 1]}, "examples": [{}, {"x": [1, 2, 3]}]}
    answer = client.post("/v1/models/sum:classify", json=request)
    assert answer.json() == {"result": [[["", 1.0]], [["", 6.0]]]}


def test_regress(client):
    answer = client.post("/v1/models/sum:regress", json={"examples": [{"x": [1, 2, 3]}, {"x": [0, 0, 1]}]})
    assert answer.json() == {"result": [6.0, 1.0]}


def test_classify_where_the_signature_does_not(pair_client):
    request = {"examples": [{"a": [1, 2], "n": 3}]}
    assert "cannot classify" in error(pair_client.post("/v1/models/pair:classify", json=request))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_00, "not JSON"),
        (b"[1]", "no object"),
        (b'{"instances": [[NaN, 1, 2]]}', "NaN, which JSON does not have"),
        (b'{"instances": [[Infinity, 1, 2]]}', "Infinity, which JSON does not have"),
        (b'{"instances": [[1e999, 1, 2]]}', "out of range"),
        (b'{"instances": [[1e39, 1, 2]]}', "out of range"),
        (b'{"instances": [[1' + b"0" * 5000 + b", 1, 2]]}", "not JSON"),
        (b'{"instances": [[1' + b"0" * 400 + b", 1, 2]]}", "Only numbers"),
        (b'{"instances": [[1, 2]]}', "Wrong shape"),
        (b'{"instances": [1, 2, 3]}', "Wrong shape"),
        (b'{"instances": [[1, 2, 3], [1, 2]]}', "different lengths"),
        (b'{"instances": [["1", "2", "3"]]}', "Only numbers"),
        (b'{"instances": [[true, true, true]]}', "Only numbers"),
        (b'{"instances": [[null, 1, 2]]}', "Only numbers"),
        (b'{"instances": [' + b"[" * 900 + b"]" * 900 + b"]}", ""),
        (b'{"instances": ' + b'{"x":' * 900 + b"1" + b"}" * 900 + b"}", "no examples"),
        (b'{"instances": []}', "no examples"),
        (b'{"instances": {}}', "no examples"),
        (b'{"instances": [{"y": [1, 2, 3]}]}', "not those of the inputs"),
        (b'{"instances": [{"x": [1, 2, 3], "y": 1}]}', "not those of the inputs"),
        (b'{"inputs": {"xx": [[1, 2, 3]]}}', "Did you mean 'x'"),
        (b'{"inputs": []}', "Wrong shape"),
        (b'{"inputs": [[]]}', "Wrong shape"),
        (b"{}", "one form"),
        (b'{"instances": [[1, 2, 3]], "inputs": [[1, 2, 3]]}', "one form"),
        (b'{"instances": [[1, 2, 3]], "signature_name": "other"}', "no such signature"),
        (b'{"instances": [[1, 2, 3]], "signature_name": 3}', "no such signature"),
    ],
)
def test_what_is_wrong_is_said(client, body, words):
    assert words in error(client.post(PREDICT, content=body))
    assert client.post(PREDICT, json={"instances": [[1, 2, 3]]}).json() == {"predictions": [[6.0]]}


@pytest.mark.parametrize("values", [[1.5], [2**31], ["1"], [True], [2**70]])
def test_integers_are_taken_as_they_are_or_not_at_all(pair_client, values):
    answer = pair_client.post("/v1/models/pair:predict", json={"inputs": {"a": [[1, 2]], "n": [values]}})
    assert "'n'" in error(answer)


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/v1/models/other", 404),
        ("GET", "/v1/models/sum/versions/7", 404),
        ("POST", "/v1/models/sum/versions/7:predict", 404),
        ("POST", "/v1/models/sum:unknown", 404),
        ("GET", "/v1/models/sum:predict", 405),
        ("POST", "/v1/models/sum", 405),
        ("DELETE", "/v1/models/sum", 405),
        ("GET", "/nothing", 404),
        ("GET", "/v1/models/%2e%2e/%2e%2e/etc", 404),
    ],
)
def test_wrong_addresses(client, method, address, status):
    error(
        client.request(method, address, json={"instances": [[1, 2, 3]]} if method == "POST" else None), status
    )


def test_a_large_body(client):
    assert "too large" in error(client.post(PREDICT, content=b"[" * 20_001), 413)
    pieces = iter([b"[" * 15_000, b"[" * 15_000])
    assert "too large" in error(client.post(PREDICT, content=pieces), 413)


def test_a_compressed_body(client):
    assert "compressed" in error(
        client.post(PREDICT, content=b"x", headers={"content-encoding": "gzip"}), 415
    )


def test_vertex_routes(keras_file):
    routes = {"AIP_HEALTH_ROUTE": "/v1/health", "AIP_PREDICT_ROUTE": "/v1/models/m:predict"}
    environment = {"AIP_HTTP_PORT": "8080", **routes}
    options = ServeOptions(batch_sizes=(1,)).with_environment(environment)
    assert (options.host, options.port) == ("0.0.0.0", 8080)
    with TestClient(create_app(keras_file, options)) as client:
        assert client.get("/v1/health").status_code == 200
        request = {"instances": [[1, 2, 3]], "parameters": {"signature_name": "serving_default"}}
        assert client.post("/v1/models/m:predict", json=request).json() == {"predictions": [[6.0]]}
        assert "no examples" in error(client.post("/v1/models/m:predict", json={"inputs": [[1, 2, 3]]}))


def test_signatures_of_a_saved_model(tmp_path):
    def table(values, index):
        return {"row": values[0][index], "index": index + 1}

    endpoints = {
        "serving_default": Endpoint(lambda values, x: x * 2, [InputSpec("x", (None,))]),
        "table": Endpoint(table, [InputSpec("index", (), "int32")]),
        "turn": Endpoint(lambda values, z: z * 1j, [InputSpec("z", (None,))]),
        "half": Endpoint(lambda values, h: h * 2, [InputSpec("h", (None,), "bfloat16")]),
    }
    variables = [SavedVariable("table", np.float32([[1, 2], [3, 4]]))]
    write_saved_model(tmp_path / "m", endpoints, variables)
    with TestClient(create_app(tmp_path / "m", ServeOptions(batch_sizes=(1, 4)))) as client:

        def ask(**request):
            return client.post("/v1/models/m:predict", json=request)

        assert ask(instances=[1, 2.5]).json() == {"predictions": [2.0, 5.0]}
        answer = ask(signature_name="table", inputs=1)
        assert answer.json() == {"outputs": {"row": [3.0, 4.0], "index": 2}}
        assert "Wrong shape" in error(ask(signature_name="table", instances=[1]))
        assert "complex" in error(ask(signature_name="turn", instances=[1]), 500)
        assert ask(signature_name="half", instances=[0.5, 3]).json() == {"predictions": [1.0, 6.0]}
        names = client.get("/v1/models/m/metadata").json()["metadata"]["signature_def"]["signature_def"]
        assert set(endpoints) <= set(names)


def test_a_version_that_cannot_be_loaded_is_told_of(tmp_path, make_linear):
    make_linear(1.0).export(tmp_path / "m" / "1")
    (tmp_path / "m" / "2").mkdir()
    (tmp_path / "m" / "2" / "saved_model.pb").write_bytes(b"no")
    with TestClient(create_app(tmp_path / "m", ServeOptions(batch_sizes=(1,)))) as client:
        good, bad = client.get("/v1/models/m").json()["model_version_status"]
        assert (good["version"], good["state"]) == ("1", "AVAILABLE")
        assert (bad["version"], bad["state"]) == ("2", "END") and bad["status"]["error_message"]
        assert client.get("/v1/models/m/versions/2").json()["model_version_status"] == [bad]
        assert 'addax_model_loads_total{outcome="failed"} 1' in client.get("/metrics").text


def test_strings(tmp_path):
    lookup = keras.layers.StringLookup(vocabulary=["red", "green"], output_mode="one_hot")
    keras.Sequential([keras.Input((1,), dtype="string", name="word"), lookup]).save(tmp_path / "words.keras")
    with TestClient(create_app(tmp_path / "words.keras", ServeOptions(batch_sizes=(1, 4)))) as client:
        address = "/v1/models/words:predict"
        rows = [["green"], ["blue"], [{"b64": "cmVk"}]]
        answer = client.post(address, json={"instances": rows})
        assert answer.json() == {"predictions": [[0, 0, 1], [1, 0, 0], [0, 1, 0]]}
        for wrong in ([[1]], [["a", "b"]], ["a"], [[["a"]]], [["a"], "b"], [[{"b64": "?"}]], [[]], [[None]]):
            error(client.post(address, json={"instances": wrong}))


def test_a_saved_model_of_texts(tmp_path):
    layers = [
        keras.layers.TextVectorization(vocabulary=["good", "bad"], name="words"),
        keras.layers.Embedding(4, 2, embeddings_initializer="ones"),
        keras.layers.GlobalAveragePooling1D(),
    ]
    model = keras.Sequential([keras.Input((1,), dtype="string", name="text"), *layers])
    names = keras.layers.StringLookup(vocabulary=["no", "yes"], invert=True)(
        keras.ops.argmax(model.output, -1)
    )
    tf.saved_model.save(
        keras.Model(model.input, {"mean": model.output, "name": names}), tmp_path / "texts" / "1"
    )
    app = create_app(tmp_path / "texts", ServeOptions(batch_sizes=(1, 4)))
    assert (
        not app.state.service.store.current.default.batched
    )  # the longest text would say how wide the others are
    with TestClient(app) as client:
        body = {"instances": [["so good"], [{"b64": "YmFk"}]]}
        answer = client.post("/v1/models/texts:predict", json=body)
        assert answer.json() == {"predictions": [{"mean": [1.0, 1.0], "name": "[UNK]"}] * 2}
        inputs = [{"name": "text", "shape": [1, 1], "datatype": "BYTES", "data": ["bad"]}]
        outputs = client.post("/v2/models/texts/infer", json={"inputs": inputs}).json()["outputs"]
        assert {x["name"]: x["data"] for x in outputs} == {"mean": [1.0, 1.0], "name": ["[UNK]"]}
        assert client.get("/v1/models/texts/metadata").text.count("DT_STRING") == 2
