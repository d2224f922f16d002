"""Training on four devices gives what one gives; variables lie as they are told to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.four_devices import run

import addax as keras
from addax.core import tree


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return json.loads(run(Path(__file__).with_name("_distributed.py")))


@pytest.mark.parametrize("kind", ["data", "model"])
def test_several_devices_compute_what_one_computes(found: dict[str, Any], kind: str) -> None:
    one, several = tree.flatten(found["one"]), tree.flatten(found[kind])
    assert len(one) == len(several)
    np.testing.assert_allclose(several, one, rtol=1e-4, atol=1e-5)


def test_a_model_stays_on_the_devices_it_was_made_for(found: dict[str, Any]) -> None:
    assert found["left"][0] == 4


def test_variables_and_their_slots_lie_as_the_map_says(found: dict[str, Any]) -> None:
    assert found["specs"] == [[None, "model"], [], [], [], ["model"], []]
    assert found["slots"] == [[None, "model"], [None, "model"]]


def test_a_loaded_model_is_laid_out_too(found: dict[str, Any]) -> None:
    spec, outputs = found["loaded"]
    assert spec == [None, "model"]
    np.testing.assert_allclose(outputs, found["before"], rtol=1e-5)


def test_a_tensor_moves_to_its_layout(found: dict[str, Any]) -> None:
    assert found["moved"] == [2, 2, 2, 2]


def test_a_layout_that_does_not_divide_the_variable_is_refused(found: dict[str, Any]) -> None:
    assert "first/kernel" in found["error"] and "(4, 3)" in found["error"]


def test_devices_have_names_and_a_count() -> None:
    names = keras.distribution.list_devices("cpu")
    assert names[0] == "cpu:0" and keras.distribution.get_device_count("CPU") == len(names)
    with pytest.raises(ValueError, match="no such device"):
        keras.distribution.list_devices("quantum")


@pytest.mark.parametrize(("shape", "names"), [((), []), ((2, 2), ["batch"]), ((3,), ["batch"])])
def test_a_mesh_that_does_not_fit_is_refused(shape: tuple, names: list[str]) -> None:
    with pytest.raises(ValueError, match="mesh"):
        keras.distribution.DeviceMesh(shape, names, ["cpu:0"])


def test_layouts_are_found_by_key_then_by_pattern() -> None:
    mesh = keras.distribution.DeviceMesh((1, 1), ["batch", "model"], ["cpu:0"])
    layouts = keras.distribution.LayoutMap(mesh)
    layouts["dense/kernel"] = keras.distribution.TensorLayout((None, "batch"))
    layouts[".*kernel"] = (None, "model")
    assert layouts["dense/kernel"].axes == (None, "batch") and layouts["dense/kernel"].device_mesh is mesh
    assert layouts["other/kernel"].axes == (None, "model") and layouts["other/bias"] is None
    layouts["other.*"] = (None, None)
    with pytest.raises(ValueError, match="Several keys"):
        layouts["other/kernel"]
    with pytest.raises(ValueError, match="already"):
        layouts[".*kernel"] = (None, None)
    with pytest.raises(ValueError, match="TensorLayout"):
        layouts["x"] = "model"
    with pytest.raises(ValueError, match="axes"):
        layouts["y"] = ("rows",)


def test_model_parallel_wants_a_map_and_a_known_axis() -> None:
    with pytest.raises(ValueError, match="layout_map"):
        keras.distribution.ModelParallel()
    mesh = keras.distribution.DeviceMesh((1,), ["batch"], ["cpu:0"])
    with pytest.raises(ValueError, match="batch_dim_name"):
        keras.distribution.ModelParallel(layout_map=keras.distribution.LayoutMap(mesh), batch_dim_name="rows")


def test_a_distribution_is_in_force_inside_of_its_block_only() -> None:
    data = keras.distribution.DataParallel(devices=["cpu:0"])
    assert keras.distribution.distribution() is None
    with data.scope():
        assert keras.distribution.distribution() is data
    assert keras.distribution.distribution() is None
    with pytest.raises(ValueError, match="no distribution"):
        keras.distribution.set_distribution("data")  # type: ignore[arg-type]
