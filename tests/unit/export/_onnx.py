"""What the tests of ONNX exports share: models with random weights, and runs in onnxruntime."""

import numpy as np
import onnx
import onnxruntime

import addax as keras

layers = keras.layers
RNG = np.random.default_rng(0)


def draw(shape, dtype="float32"):
    if dtype == "float32":
        return RNG.normal(size=shape).astype("float32")
    return RNG.integers(0, 6, size=shape).astype(dtype)


def drawn(tensor, batch):
    """Numbers for an input of a model; other unknown dimensions are 9."""
    shape = (batch, *(9 if d is None else d for d in tensor.shape[1:]))
    return draw(shape, str(tensor.dtype))


def randomize(model) -> None:
    """Weights that tell each other apart; variances stay positive."""
    for variable in model.variables:
        if variable.dtype == "float32":
            variable.assign(
                0.5 * np.abs(draw(variable.shape)) + 0.1
                if "variance" in variable.path
                else draw(variable.shape) * 0.4
            )


def check_file(path) -> onnx.ModelProto:
    onnx.checker.check_model(str(path), full_check=True)
    return onnx.load(str(path))


def session(path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def assert_same(model, folder, batches=(1, 3), **options) -> None:
    """The exported model computes what the model does, for each size of batch."""
    path = folder / "model.onnx"
    model.export(path, format="onnx", **options)
    check_file(path)
    running = session(path)
    for batch in batches:
        data = [drawn(x, batch) for x in model.inputs]
        names = [x.name for x in running.get_inputs()]
        results = running.run(None, dict(zip(names, data, strict=True)))
        wanted = keras.tree.flatten(model(keras.tree.pack_sequence_as(model.input, data), training=False))
        assert len(results) == len(wanted)
        for result, want in zip(results, map(np.asarray, wanted), strict=True):
            assert result.shape == want.shape and result.dtype == want.dtype
            scale = np.abs(want[np.isfinite(want)]).max(initial=1e-3)
            np.testing.assert_allclose(result, want, rtol=1e-5, atol=1e-5 * scale)


def chain(shape, *steps, dtype="float32"):
    model = keras.Sequential([keras.Input(shape, dtype=dtype), *steps])
    randomize(model)
    return model
