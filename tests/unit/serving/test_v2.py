from __future__ import annotations

import pytest

INFER = "/v2/models/sum/infer"


def tensor(**changes) -> dict:
    return {"name": "x", "shape": [2, 3], "datatype": "FP32", "data": [1, 2, 3, 4, 5, 6], **changes}


@pytest.mark.parametrize("data", [[1, 2, 3, 4, 5, 6], [[1, 2, 3], [4, 5, 6]]])
def test_infer(client, data):
    request = {"id": "one", "inputs": [tensor(data=data)], "outputs": [{"name": "output_0"}]}
    assert client.post(INFER, json=request).json() == {
        "model_name": "sum",
        "model_version": "1",
        "id": "one",
        "outputs": [{"name": "output_0", "shape": [2, 1], "datatype": "FP32", "data": [6.0, 15.0]}],
    }


def test_infer_with_several_tensors(pair_client):
    inputs = [
        {"name": "n", "shape": [1, 1], "datatype": "INT64", "data": [3]},
        {"name": "a", "shape": [1, 2], "datatype": "FP64", "data": [1, 2]},
    ]
    answer = pair_client.post("/v2/models/pair/versions/1/infer", json={"inputs": inputs}).json()
    found = {item["name"]: (item["datatype"], item["data"]) for item in answer["outputs"]}
    assert found == {"total": ("FP32", [6.0]), "double": ("INT32", [6])}


def test_health_and_metadata(client):
    assert client.get("/v2/health/live").status_code == 200
    assert client.get("/v2/health/ready").status_code == 200
    assert client.get("/v2/models/sum/ready").json() == {"name": "sum", "ready": True}
    assert client.get("/v2").json()["name"] == "addax"
    assert client.get("/v2/models/sum").json() == {
        "name": "sum",
        "versions": ["1"],
        "platform": "addax",
        "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 3]}],
        "outputs": [{"name": "output_0", "datatype": "FP32", "shape": [-1, 1]}],
    }


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"inputs": []},
        {"inputs": {"x": [1]}},
        {"inputs": ["x"]},
        {"inputs": [tensor(), tensor()]},
        {"inputs": [tensor(name="y")]},
        {"inputs": [tensor(datatype="INT32")]},
        {"inputs": [tensor(datatype=None)]},
        {"inputs": [tensor(shape=[3, 2])]},
        {"inputs": [tensor(shape=[6])]},
        {"inputs": [tensor(shape=[2, -3])]},
        {"inputs": [tensor(shape=[2, 4])]},
        {"inputs": [tensor(shape="23")]},
        {"inputs": [tensor(shape=[2**30] * 9)]},
        {"inputs": [tensor(data=[[1, 2], [3, 4], [5, 6]])]},
        {"inputs": [tensor(data=5)]},
        {"inputs": [tensor(data=["1"] * 6)]},
        {"inputs": [tensor(shape=[0, 3], data=[])]},
        {"inputs": [tensor()], "outputs": [{"name": "other"}]},
        {"inputs": [tensor()], "outputs": "output_0"},
        {"inputs": [tensor()], "id": 5},
        {"inputs": [tensor()], "parameters": {"signature_name": "other"}},
    ],
)
def test_what_is_wrong_is_said(client, request_):
    answer = client.post(INFER, json=request_)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_binary_tensors_are_refused(client):
    answer = client.post(INFER, content=b"{}\0", headers={"inference-header-content-length": "2"})
    assert answer.status_code == 400 and "JSON" in answer.json()["error"]


def test_wrong_addresses(client):
    assert client.get(INFER).status_code == 405
    assert client.get("/v2/models/other").status_code == 404
    assert client.get("/v2/models/sum/versions/2/ready").status_code == 404
