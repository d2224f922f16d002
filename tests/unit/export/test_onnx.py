"""Models as ONNX files, run in onnxruntime."""

import jax
import numpy as np
import onnx
import pytest
from tests.unit.export._onnx import assert_same, chain, check_file, draw, randomize, session

import addax as keras
from addax.engine import Tensor, raw_of
from addax.export import ONNXExportError

layers, ops = keras.layers, keras.ops


def functional(shapes, function, dtypes=None):
    inputs = [
        keras.Input(shape, dtype=dtype)
        for shape, dtype in zip(shapes, dtypes or ["float32"] * len(shapes), strict=True)
    ]
    model = keras.Model(inputs, function(*inputs))
    randomize(model)
    return model


def of_dicts():
    inputs = {"wide": keras.Input((2,), name="wide"), "ids": keras.Input((3,), dtype="int32", name="ids")}
    deep = layers.Flatten()(layers.Embedding(9, 2)(inputs["ids"]))
    joined = layers.concatenate([inputs["wide"], deep])
    return keras.Model(inputs, {"b": layers.Dense(1)(joined), "a": layers.Dense(2)(deep)})


def quantized(mode):
    model = chain((6,), layers.Dense(8, activation="relu"), layers.Dense(4))
    model.quantize(mode)
    return model


def transformer():
    ids = keras.Input((None,), dtype="int32")
    x = layers.Embedding(6, 8)(ids)
    for _ in range(2):
        x = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 4)(x, x, use_causal_mask=True))
        x = layers.LayerNormalization()(x + layers.Dense(8)(layers.Dense(16, activation="gelu")(x)))
    model = keras.Model(ids, layers.Dense(6)(x))
    randomize(model)
    return model


def recurrent():
    return chain((None, 3), layers.LSTM(4, return_sequences=True), layers.GRU(2, go_backwards=True))


def unet():
    image = keras.Input((16, 16, 3))
    wide = layers.Conv2D(4, 3, padding="same", activation="relu")(image)
    deep = layers.Conv2D(8, 3, padding="same")(layers.MaxPooling2D()(wide))
    back = layers.Conv2DTranspose(4, 3, strides=2, padding="same")(layers.BatchNormalization()(deep))
    model = keras.Model(image, layers.Conv2D(1, 1, activation="sigmoid")(layers.concatenate([wide, back])))
    randomize(model)
    return model


PAIRS = [(4, 3), (4, 3)]
MODELS = {
    **{
        f"merge by {merge.__name__}": lambda merge=merge: functional(PAIRS, lambda a, b: merge([a, b]))
        for merge in (
            layers.add,
            layers.subtract,
            layers.multiply,
            layers.average,
            layers.maximum,
            layers.minimum,
            layers.concatenate,
        )
    },
    "dot": lambda: functional(PAIRS, lambda a, b: layers.Dot(axes=2, normalize=True)([a, b])),
    "multi-head attention": lambda: functional(
        [(5, 6), (7, 6)], lambda a, b: layers.MultiHeadAttention(2, 4)(a, b)
    ),
    "multi-head attention of any length": lambda: functional(
        [(None, 6)], lambda a: layers.MultiHeadAttention(2, 4)(a, a)
    ),
    "grouped query attention": lambda: functional(
        [(5, 8)], lambda a: layers.GroupedQueryAttention(4, 4, 2)(a, a)
    ),
    "attention": lambda: functional([(5, 6), (7, 6)], lambda a, b: layers.Attention(use_scale=True)([a, b])),
    "additive attention": lambda: functional(
        [(5, 6), (7, 6)], lambda a, b: layers.AdditiveAttention()([a, b])
    ),
    "two sequences of any length": lambda: functional(
        [(None, 3), (None, 3)], lambda a, b: layers.add([a, b])
    ),
    "lstm with states": lambda: functional(
        [(5, 3)], lambda a: layers.LSTM(4, return_state=True, return_sequences=True)(a)
    ),
    "shared layer": lambda: functional(PAIRS, lambda a, b: [*map(layers.Dense(2), (a, b))]),
    "nest of outputs": lambda: functional([(3,)], lambda a: {"y": [a + 1, a * 2], "z": a}),
    "bilinear": lambda: functional([(4,), (3,)], lambda a, b: ops.einsum("ab,ac->abc", a, b)),
    "integers": lambda: functional(
        [(4,)], lambda a: {"q": a // 3, "r": a % 3, "p": a**2, "s": ops.sum(a, axis=-1)}, ["int32"]
    ),
    "conditions": lambda: functional(
        PAIRS, lambda a, b: [ops.where((a > b) | ~(a > 0), a, b), ops.any(a > 1, axis=1), a >= b]
    ),
    "ordering": lambda: functional(
        [(5,)], lambda a: [ops.sort(a), ops.argsort(a), ops.argmax(a, axis=-1), *ops.top_k(a, 2)]
    ),
    "running sums": lambda: functional(
        [(5, 2)], lambda a: [ops.cumsum(a, axis=1), ops.flip(a, axis=1), ops.roll(a, 2, axis=1)]
    ),
    "mathematics": lambda: functional(
        [(5,)],
        lambda a: [
            ops.log1p(ops.abs(a)),
            ops.expm1(a / 100),
            ops.erf(a),
            ops.rsqrt(ops.abs(a) + 1),
            ops.round(a),
            ops.logaddexp(a, 1.0),
            ops.sin(a),
            ops.arctan(a),
            ops.sign(a),
            ops.norm(a, axis=-1),
        ],
    ),
    "bits": lambda: functional(
        [(8,)],
        lambda a: [
            ops.bitwise_xor(a, 5),
            ~a,
            ops.left_shift(a, 2),
            ops.cast(a * 50, "int8") - ops.cast(100, "int8"),
        ],
        ["int32"],
    ),
    "angles": lambda: functional([(8,), (8,)], lambda a, b: ops.arctan2(a - 3, b - 3), ["int32", "int32"]),
    "running products": lambda: chain(
        (5, 2),
        layers.Lambda(
            lambda x: Tensor(
                jax.lax.cumprod(raw_of(x), axis=1)
                + jax.lax.cummax(raw_of(x), axis=1, reverse=True)
                - jax.lax.cummin(raw_of(x), axis=1)
            )
        ),
    ),
    "slices": lambda: functional(
        [(5, 4)],
        lambda a: [
            a[:, 1:-1, ::2],
            a[:, -1],
            a[..., None, 0],
            ops.split(a, 2, axis=-1)[1],
            ops.take(a, [2, 0], axis=2),
            ops.stack([a, a], axis=2),
        ],
    ),
    "one hot": lambda: functional([(4,)], lambda a: ops.one_hot(a, 6), ["int32"]),
    "gathered along": lambda: functional(
        [(4, 3), (2, 3)], lambda a, i: ops.take_along_axis(a, i % 4, axis=1), ["float32", "int32"]
    ),
    "scattered": lambda: functional([(4, 3)], lambda a: ops.slice_update(a, (0, 1, 0), a[:, :2] * 2)),
    "shape in numbers": lambda: chain(
        (4,), layers.Lambda(lambda x: x / ops.cast(ops.shape(x)[0] * 2 + 1, "float32"))
    ),
    "loop": lambda: functional(
        [(4,)], lambda a: ops.fori_loop(0, 5, lambda i, x: ops.tanh(x) + ops.cast(i, "float32"), a)
    ),
    "while": lambda: functional(
        [(4,)], lambda a: ops.while_loop(lambda x: ops.max(x) < 50, lambda x: [x * 2 + 1], [ops.abs(a)])[0]
    ),
    "branch": lambda: chain(
        (4,), layers.Lambda(lambda x: ops.cond(ops.sum(x) > 0, lambda: x + 1, lambda: x * 3))
    ),
    "switch": lambda: chain(
        (4,),
        layers.Lambda(
            lambda x: ops.switch(ops.cast(ops.sum(x) > 0, "int32") + 1, [ops.abs, ops.exp, ops.tanh], x)
        ),
    ),
    "quantized to 8 bits": lambda: quantized("int8"),
    "quantized to 4 bits": lambda: quantized("int4"),
    "dicts": of_dicts,
    "transformer": transformer,
    "u-net": unet,
}


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_a_model_computes_what_it_did(make, tmp_path) -> None:
    assert_same(make(), tmp_path)


@pytest.mark.parametrize("opset", [18, 20, 23])
@pytest.mark.parametrize("make", [transformer, unet, recurrent])
def test_every_version_of_the_operators_says_the_same(make, opset, tmp_path) -> None:
    assert_same(make(), tmp_path, opset_version=opset)
    (stated,) = onnx.load(str(tmp_path / "model.onnx")).opset_import
    assert stated.version == opset


def test_names_are_those_of_the_model(tmp_path) -> None:
    model = of_dicts()
    model.export(tmp_path / "m", format="onnx")
    graph = check_file(tmp_path / "m").graph
    assert [x.name for x in graph.input] == ["ids", "wide"]
    assert [x.name for x in graph.output] == ["a", "b"]
    assert graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"
    weights = {x.name: onnx.numpy_helper.to_array(x) for x in graph.initializer}
    for variable in model.variables:
        np.testing.assert_array_equal(weights[variable.path], variable)


def test_an_output_may_have_the_name_of_an_input(tmp_path) -> None:
    x = keras.Input((2,), name="x")
    model = keras.Model({"x": x}, {"x": layers.Dense(1)(x)})
    assert_same(model, tmp_path)
    assert [x.name for x in session(tmp_path / "model.onnx").get_outputs()] == ["x_1"]


def test_a_subclassed_model_is_exported(tmp_path) -> None:
    class Twice(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(3)

        def call(self, x):
            return self.dense(x) * 2

    model, x = Twice(), draw((4, 3))
    want = np.asarray(model(x))
    model.export(tmp_path / "m", format="onnx")
    (result,) = session(tmp_path / "m").run(["output_0"], {"inputs": x})
    np.testing.assert_allclose(result, want, rtol=1e-5, atol=1e-6)


def test_halves_are_exported(tmp_path) -> None:
    model = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2)])
    for dtype, options in (("float16", {}), ("bfloat16", {"opset_version": 22})):
        half = keras.models.clone_model(
            model,
            clone_function=lambda layer, dtype=dtype: type(layer).from_config(
                {**layer.get_config(), "dtype": dtype}
            ),
        )
        half.export(tmp_path / dtype, format="onnx", **options)
        check_file(tmp_path / dtype)
    with pytest.raises(ONNXExportError, match=r"(?s)bfloat16, which takes opset_version=22.*Conv2D"):
        half.export(tmp_path / "m", format="onnx")
    x = draw((2, 8, 8, 3))
    running = session(tmp_path / "float16")
    (result,) = running.run(None, {running.get_inputs()[0].name: x})
    assert result.shape == (2, 2) and result.dtype == np.float16


class Decomposition(layers.Layer):
    def call(self, x):
        return ops.cholesky(x)


def test_what_has_no_rule_is_named_with_its_layer(tmp_path) -> None:
    path = tmp_path / "m.onnx"
    with pytest.raises(
        ONNXExportError, match=r"(?s)'cholesky'.*batch,3,3.*Decomposition 'sequential\w*/decomposition\w*'"
    ):
        chain((3, 3), layers.Dense(3), Decomposition()).export(path, format="onnx")
    ordered = layers.Lambda(lambda x: Tensor(jax.lax.sort((raw_of(x), raw_of(x)), num_keys=2)[0]))
    with pytest.raises(ONNXExportError, match=r"(?s)'sort' has no ONNX form here: .*keys.*Lambda"):
        chain((3,), ordered).export(path, format="onnx")
    assert not list(tmp_path.iterdir())


def test_an_export_that_fails_leaves_the_old_file(tmp_path, monkeypatch) -> None:
    path = tmp_path / "m.onnx"
    model = chain((3,), layers.Dense(3))
    model.export(path, format="onnx")
    old = path.read_bytes()
    with pytest.raises(ValueError, match="opset_version of 18 to 23"):
        model.export(path, format="onnx", opset_version=9)
    with pytest.raises(ValueError, match="not built"):
        keras.Sequential([layers.Dense(1)]).export(path, format="onnx")
    with pytest.raises(ValueError, match="layer 'words' does with texts"):
        keras.Sequential([keras.Input((1,), dtype="string"), layers.Hashing(3, name="words")]).export(
            path, format="onnx"
        )
    with pytest.raises(ValueError, match="inputs that the model was built with"):
        model.export(path, format="onnx", input_signature=[keras.InputSpec(shape=(2, 3))])
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        chain((3,), layers.Dense(4)).export(path, format="onnx")
    assert path.read_bytes() == old and [f.name for f in tmp_path.iterdir()] == ["m.onnx"]
    with pytest.raises(IsADirectoryError):
        model.export(tmp_path, format="onnx")


def test_large_weights_lie_beside_the_file(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("addax.export.onnx._export._LARGEST", 2000)
    model = chain((30,), layers.Dense(40), layers.Dense(3), layers.Dense(400))
    assert_same(model, tmp_path)
    (first,) = tmp_path.glob("model.onnx.*.data")
    assert first.stat().st_size > 4 * (30 * 40 + 3 * 400)
    weights = {
        x.name: onnx.numpy_helper.to_array(x) for x in check_file(tmp_path / "model.onnx").graph.initializer
    }
    for variable in model.variables:
        np.testing.assert_array_equal(weights[variable.path], variable)
    randomize(model)
    (tmp_path / "model.onnx.mine.data").write_text("")
    assert_same(model, tmp_path)
    names = sorted(f.name for f in tmp_path.iterdir())
    assert len(names) == 3 and first.name not in names and "model.onnx.mine.data" in names
    monkeypatch.undo()
    assert_same(model, tmp_path)
    assert sorted(f.name for f in tmp_path.iterdir()) == ["model.onnx", "model.onnx.mine.data"]


def test_complex_numbers_are_refused_where_they_show(tmp_path) -> None:
    magnitude = layers.Lambda(lambda x: Tensor(jax.numpy.abs(jax.numpy.fft.rfft(raw_of(x)))))
    with pytest.raises(ONNXExportError, match=r"(?s)no complex numbers, which the primitive 'abs'.*Lambda"):
        chain((8,), magnitude).export(tmp_path / "m.onnx", format="onnx")
