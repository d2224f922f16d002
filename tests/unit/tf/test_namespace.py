"""The names of `addax.tf`: all are there, none is imported before it is used, missing ones say what is near."""

import subprocess
import sys

import pytest

import addax
import addax.tf as tf
from addax.core.errors import MissingName
from addax.engine import Module as EngineModule
from addax.engine import Variable as EngineVariable


def test_every_listed_name_is_there():
    for name in tf.__all__:
        getattr(tf, name)
    for namespace in tf._NAMESPACES:
        module = getattr(tf, namespace)
        if namespace != "keras":  # whose names are those of the root
            for name in getattr(module, "__all__", ()):
                getattr(module, name)


def test_the_import_is_cheap():
    code = (
        "import sys, addax.tf as tf; assert not {'jax', 'numpy', 'malt'} & set(sys.modules);"
        "import addax.tf.math, addax.tf.nn, addax.tf.data; assert not {'jax', 'numpy'} & set(sys.modules);"
        "tf.function; assert 'malt' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("ask", "near"),
    [
        (lambda: tf.reduce_meen, "reduce_mean"),
        (lambda: tf.math.reduce_summ, "reduce_sum"),
        (lambda: tf.nn.conv2dd, "conv2d"),
    ],
)
def test_a_missing_name_suggests_others(ask, near):
    with pytest.raises(MissingName, match=near):
        ask()


def test_keras_is_the_root():
    assert tf.keras.layers is addax.layers and tf.keras.Sequential is addax.Sequential
    assert tf.losses.MeanSquaredError is addax.losses.MeanSquaredError
    assert "layers" in dir(tf.keras)


def test_dtypes_equal_their_names():
    assert tf.float32 == "float32" and tf.as_dtype("half") == tf.float16 and isinstance(tf.int32, tf.DType)
    assert tf.constant(1).dtype == tf.int32 and tf.constant("a").dtype == tf.string and tf.newaxis is None
    with pytest.raises(TypeError, match="float3"):
        tf.as_dtype("float3")


def test_layers_have_tf_variables_and_are_tf_modules():
    layer = addax.layers.Dense(2)
    layer.build((None, 3))
    assert isinstance(layer.kernel, tf.Variable) and isinstance(layer, tf.Module)
    assert isinstance(tf.Variable(1.0), EngineVariable) and issubclass(tf.Module, EngineModule)
    assert not isinstance(tf.constant(1.0), tf.Variable)

    class Mine(tf.Variable):
        pass

    assert not isinstance(layer.kernel, Mine) and isinstance(Mine(1.0), Mine)


def test_errors_are_pythons():
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.matmul([[1.0, 2.0]], [[1.0, 2.0]])
    with pytest.raises(tf.errors.NotFoundError):
        tf.io.read_file("/no/such/file")


def test_version_and_devices():
    assert tf.__version__ == tf.version.VERSION == "2.21.0"
    assert tf.config.list_physical_devices("CPU")[0].device_type == "CPU"
    tf.config.experimental.set_memory_growth(tf.config.list_physical_devices("CPU")[0], True)
    assert tf.test.is_built_with_xla() and tf.get_logger().name == "tensorflow"


def test_nests_of_lists_and_tuples_are_told_apart_if_types_are_checked():
    tf.nest.assert_same_structure([1, (2,)], (1, [2]), check_types=False)
    with pytest.raises(TypeError, match="differ"):
        tf.nest.assert_same_structure([1, 2], (1, 2))
    with pytest.raises(ValueError, match="differ"):
        tf.nest.assert_same_structure([1, 2], (1,), check_types=False)


@pytest.mark.parametrize("convert", [tf.compat.as_bytes, tf.compat.as_text])
def test_numbers_are_no_text(convert):
    with pytest.raises(TypeError, match="no text"):
        convert(3)


def test_devices_can_be_hidden():
    there = tf.config.list_physical_devices("CPU")
    try:
        tf.config.set_visible_devices([], "CPU")
        assert tf.config.get_visible_devices("CPU") == tf.config.list_logical_devices("CPU") == []
        assert tf.config.list_physical_devices("CPU") == there
    finally:
        tf.config.set_visible_devices(there, "CPU")
    assert tf.config.get_visible_devices("CPU") == there
    with pytest.raises(ValueError, match="no such device"):
        tf.config.set_visible_devices(there, "GPU")
