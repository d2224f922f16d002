"""Whatever a body says, it is answered or refused; nothing else is raised."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addax.serving import _tensorflow, _v2
from addax.serving._errors import RequestError
from addax.serving._signature import LoadedModel, ServedSignature, TensorInfo
from addax.serving._tensors import parse_json, to_array

INFOS = (
    TensorInfo("x", (None, 2), "float32"),
    TensorInfo("n", (None,), "int8"),
    TensorInfo("s", (None, None), "string"),
)
FLOAT, INTEGER, TEXT = INFOS
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False)
    | st.text(max_size=3)
    | st.just({"b64": "YQ=="})
)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3), max_leaves=8)
names = st.sampled_from(["x", "n", "s", "y"])
keys = st.sampled_from(["instances", "inputs", "examples", "signature_name", "parameters", "outputs", "id"])
tensors = st.fixed_dictionaries(
    {}, optional={"name": names, "shape": values, "datatype": st.sampled_from(["FP32", "INT8", "BYTES", "?"])}
).flatmap(lambda made: values.map(lambda data: {**made, "data": data}))
contents = (
    values
    | st.dictionaries(names, values, max_size=3)
    | st.lists(tensors | st.dictionaries(names, values), max_size=3)
)
PROTOCOLS = (_tensorflow.predict, _tensorflow.classify, _tensorflow.regress, _tensorflow.vertex, _v2.infer)


def model(info: TensorInfo) -> LoadedModel:
    return LoadedModel("m", 1, "", {"f": ServedSignature("f", (info,), (info,), True, dict)})


@pytest.mark.parametrize("protocol", PROTOCOLS)
@settings(max_examples=150, deadline=None)
@given(st.dictionaries(keys, contents, max_size=3), st.sampled_from(INFOS))
def test_any_json(protocol, content, info):
    try:
        call = protocol(model(info), parse_json(json.dumps(content).encode()))
    except RequestError as error:
        assert 400 <= error.status < 500
    else:
        assert [name for name in call.inputs] == [info.name]
        assert call.inputs[info.name].ndim == len(info.shape)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=40) | st.text('[]{}":,0123456789eE-.NaInfity', max_size=40).map(str.encode))
def test_any_bytes(body):
    try:
        assert isinstance(parse_json(body), dict)
    except RequestError as error:
        assert error.status == 400


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"a":' * 100_000, b'{"a": ' + b"9" * 10_000 + b"}", b'{"a": NaN}']
)
def test_bodies_that_are_hard_to_read(body):
    with pytest.raises(RequestError) as refused:
        parse_json(body)
    assert refused.value.status == 400


def test_a_long_string_among_many_does_not_take_its_length_for_each():
    rows = [["x" * 4_000_000, 1], *([["", 1]] * 500_000)]  # 16 TB as an array of NumPy's
    with pytest.raises(RequestError, match="Only numbers"):
        to_array(rows, FLOAT)


def test_numbers_that_are_not_finite_once_read():
    with pytest.raises(RequestError, match="out of range"):
        to_array(parse_json(b'{"v": [[1e999, 1]]}')["v"], FLOAT)
    assert to_array([[1, 2.5]], FLOAT).dtype == np.float32
