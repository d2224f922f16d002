"""One row for each layer: what to construct it with and call it on.

`test_layers.py` here and in `tests/parity` run over all rows.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

B = 4  # the size of the batch axis, unknown in graphs
_rng = np.random.default_rng(11)

FLAGS = {
    "random",  # draws in training: there only shapes can be compared
    "grad",  # gradients are compared with Keras's
    "train",  # does something else in training, without drawing
    "noparity",  # not in Keras 3; the row says why
    "fixed",  # not defined for an unknown batch size
    "noconfig",  # its config holds code, which neither side writes like the other
    "nolow",  # not defined for bfloat16
}


@dataclasses.dataclass(frozen=True)
class Row:
    """A layer's constructor arguments and inputs.

    Attributes:
        name: The class.
        arguments: Constructor arguments, or a function of the namespace (Addax or Keras) that gives them.
        inputs: An array, or a list of arrays.
        call: Keyword arguments of the call.
        flags: Some of `FLAGS`.
        number: Counts the rows of a class.
    """

    name: str
    arguments: dict[str, Any] | Callable[[Any], dict[str, Any]]
    inputs: Any
    call: dict[str, Any]
    flags: frozenset[str]
    number: int

    @property
    def id(self) -> str:
        """The name in a test report."""
        return f"{self.name}-{self.number}"

    def make(self, keras: Any, **more: Any) -> Any:
        """The layer, in Addax or in Keras."""
        arguments = self.arguments(keras) if callable(self.arguments) else self.arguments
        return getattr(keras.layers, self.name)(**{**arguments, **more})

    def shapes(self) -> Any:
        """The shapes of the inputs, with an unknown batch size."""
        return map_arrays(lambda x: (None, *x.shape[1:]), self.inputs)


def map_arrays(function: Callable, inputs: Any) -> Any:
    """Apply a function to an array or to each of a list or dict."""
    if isinstance(inputs, list):
        return [function(x) for x in inputs]
    if isinstance(inputs, dict):
        return {key: function(x) for key, x in inputs.items()}
    return function(inputs)


ROWS: list[Row] = []


def row(name: str, inputs: Any, *grid: Any, flags: str = "", call: dict[str, Any] | None = None) -> None:
    """Add a row for each set of constructor arguments in `grid`; one without arguments if there is none."""
    chosen = frozenset(flags.split())
    assert chosen <= FLAGS, chosen - FLAGS
    for arguments in grid or ({},):
        number = sum(r.name == name for r in ROWS)
        ROWS.append(Row(name, arguments, inputs, call or {}, chosen, number))


def rows(*without: str) -> Iterator[Row]:
    """All rows that have none of some flags."""
    return (r for r in ROWS if not r.flags & set(without))


def grid(**choices: list) -> list[dict[str, Any]]:
    """All combinations of arguments."""
    return [dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())]


def F(*shape: int) -> np.ndarray:
    """Floats, all different, with the batch axis in front."""
    return _rng.normal(size=(B, *shape)).astype("float32")


def I(*shape: int, high: int) -> np.ndarray:  # noqa: E743
    """Integers from 0."""
    return _rng.integers(0, high, (B, *shape)).astype("int32")


FIRST = {"data_format": "channels_first"}

# core
row(
    "Dense",
    F(3),
    {"units": 4},
    {"units": 4, "activation": "relu", "use_bias": False, "kernel_initializer": "he_normal"},
    {"units": 2, "kernel_regularizer": "l2", "bias_constraint": "non_neg", "activity_regularizer": "l1"},
    flags="grad",
)
row("Dense", F(5, 3), {"units": 4, "trainable": False})
row("Dense", F(3), {"units": 4, "lora_rank": 2}, flags="grad")
row(
    "Dense", F(3), {"units": 4, "lora_rank": 2, "lora_alpha": 8}, flags="noparity"
)  # Keras forgets this alpha
row("Conv2D", F(4, 4, 3), {"filters": 4, "kernel_size": 2, "lora_rank": 2, "kernel_regularizer": "l2"})
row("EinsumDense", F(3), {"equation": "ab,bcd->acd", "output_shape": (2, 4), "lora_rank": 2})
row("Embedding", I(3, high=6), {"input_dim": 6, "output_dim": 4, "lora_rank": 2})
row("Activation", F(3), {"activation": "relu"}, {"activation": "softmax"}, {"activation": "linear"})
row(
    "EinsumDense",
    F(5, 3),
    {"equation": "abc,cd->abd", "output_shape": (None, 4), "bias_axes": "d", "activation": "tanh"},
    {"equation": "abc,cde->abde", "output_shape": (None, 2, 4), "bias_axes": "de"},
    {
        "equation": "abc,cde->adbe",
        "output_shape": (2, None, 4),
        "bias_axes": "d",
        "activity_regularizer": "l2",
    },
    {"equation": "...x,xy->...y", "output_shape": 4, "bias_axes": "y"},
    flags="grad",
)
row("EinsumDense", F(3, 5), {"equation": "ab...,bc->ac...", "output_shape": (4,), "bias_axes": "c"})
row(
    "Embedding",
    I(3, high=6),
    {"input_dim": 6, "output_dim": 4},
    {"input_dim": 6, "output_dim": 4, "mask_zero": True, "embeddings_constraint": "unit_norm"},
    {"input_dim": 6, "output_dim": 2, "activity_regularizer": "l2", "embeddings_initializer": "he_normal"},
)
row("Embedding", F(3) * 0 + 2, {"input_dim": 6, "output_dim": 4})
row(
    "ReversibleEmbedding",
    I(3, high=6),
    {"input_dim": 6, "output_dim": 4},
    {"input_dim": 6, "output_dim": 4, "tie_weights": False, "mask_zero": True},
)
row(
    "ReversibleEmbedding",
    F(3, 4),
    {"input_dim": 6, "output_dim": 4, "logit_soft_cap": 2.0},
    {"input_dim": 6, "output_dim": 4, "tie_weights": False, "reverse_dtype": "float32"},
    call={"reverse": True},
)
row("Identity", F(3))
row("Masking", np.where(_rng.random((B, 5, 1)) < 0.5, 0, F(5, 3)).astype("float32"), {}, {"mask_value": 1.5})
row(
    "Lambda",
    F(3),
    lambda keras: {"function": keras.ops.square},
    {"function": lambda x: x * 2},
    flags="noconfig",
)
row("Lambda", F(3), lambda keras: {"function": keras.activations.relu, "arguments": {"max_value": 0.5}})
row(
    "Wrapper", F(3), lambda keras: {"layer": keras.layers.Dense(4, name="inner")}, flags="noparity nolow"
)  # Keras's has no call; the layer inside has its own dtype
row(
    "ReLU",
    F(3),
    {},
    {"max_value": 0.5, "negative_slope": 0.1, "threshold": 0.2},
    {"activity_regularizer": "l2"},
)
row("LeakyReLU", F(3), {}, {"negative_slope": 0.1}, flags="grad")
row("PReLU", F(5, 3), {}, {"shared_axes": [1], "alpha_regularizer": "l2"}, {"shared_axes": 2}, flags="grad")
row("ELU", F(3), {}, {"alpha": 0.5})
row("Softmax", F(5, 3), {}, {"axis": 1}, {"axis": [1, 2]})
row("ThresholdedReLU", F(3), {"theta": 0.3}, flags="noparity")  # a layer of tf.keras
row("TernaryDense", F(3), {"units": 4}, {"units": 2, "threshold": 0.3}, flags="noparity")  # of a later Keras

# conv
CONV = {"filters": 4, "kernel_size": 3}
ODD = {"kernel_initializer": "ones", "use_bias": False, "activation": "relu", "activity_regularizer": "l2"}
row(
    "Conv1D",
    F(9, 6),
    CONV,
    {**CONV, "padding": "causal", "dilation_rate": 2},
    {**CONV, "padding": "same", "strides": 2, "groups": 2},
    {**CONV, **ODD},
    flags="grad",
)
row("Conv1D", F(6, 9), {**CONV, **FIRST}, {**CONV, **FIRST, "padding": "causal"})
row(
    "Conv2D",
    F(7, 8, 6),
    CONV,
    {**CONV, "padding": "SAME", "strides": (2, 1), "kernel_size": (2, 3)},
    {**CONV, "dilation_rate": (2, 1), "groups": 2, "bias_regularizer": "l1"},
    flags="grad",
)
row("Conv2D", F(6, 7, 8), {**CONV, **FIRST}, {**CONV, **FIRST, "padding": "same", "strides": 3, "groups": 2})
row("Conv3D", F(5, 4, 6, 2), CONV, {**CONV, "padding": "same", "strides": 2})
row("Conv3D", F(2, 5, 4, 6), {**CONV, **FIRST})
row(
    "Conv1DTranspose",
    F(5, 3),
    CONV,
    {**CONV, "padding": "same", "strides": 2},
    {**CONV, "strides": 3, "output_padding": 1},
    {**CONV, "dilation_rate": 2, "activation": "tanh"},
)
row("Conv1DTranspose", F(3, 5), {**CONV, **FIRST, "strides": 2})
row(
    "Conv2DTranspose",
    F(4, 5, 3),
    CONV,
    {**CONV, "padding": "same", "strides": (2, 3)},
    {**CONV, "padding": "same", "strides": 2, "output_padding": (1, 0)},
    {**CONV, "strides": 2, "use_bias": False},
    flags="grad",
)
row("Conv2DTranspose", F(3, 4, 5), {**CONV, **FIRST, "strides": 2, "padding": "same"})
row("Conv3DTranspose", F(3, 3, 2, 2), CONV, {**CONV, "padding": "same", "strides": 2})
row("Conv3DTranspose", F(2, 3, 3, 2), {**CONV, **FIRST})
row(
    "DepthwiseConv1D",
    F(7, 3),
    {"kernel_size": 3},
    {"kernel_size": 2, "depth_multiplier": 2, "strides": 2, "padding": "same", "use_bias": False},
)
row("DepthwiseConv1D", F(3, 7), {"kernel_size": 3, **FIRST})
row(
    "DepthwiseConv2D",
    F(7, 6, 3),
    {"kernel_size": 3, "depthwise_regularizer": "l2"},
    {"kernel_size": (2, 3), "depth_multiplier": 2, "strides": 2, "padding": "same", "activation": "relu"},
    {"kernel_size": 3, "dilation_rate": 2},
    flags="grad",
)
row("DepthwiseConv2D", F(3, 7, 6), {"kernel_size": 3, "depth_multiplier": 2, **FIRST})
row("SeparableConv1D", F(7, 3), CONV, {**CONV, "padding": "same", "strides": 2, "depth_multiplier": 2})
row("SeparableConv1D", F(3, 7), {**CONV, **FIRST})
row(
    "SeparableConv2D",
    F(7, 6, 3),
    CONV,
    {**CONV, "padding": "same", "strides": 2, "depth_multiplier": 2, "use_bias": False},
    {**CONV, "pointwise_constraint": "max_norm", "depthwise_initializer": "he_normal"},
    flags="grad",
)
row("SeparableConv2D", F(3, 7, 6), {**CONV, **FIRST})

# pool
for rank, last, first in (
    (1, F(7, 3), F(3, 7)),
    (2, F(7, 6, 3), F(3, 7, 6)),
    (3, F(5, 4, 4, 2), F(2, 5, 4, 4)),
):
    for kind in ("Max", "Average"):
        row(
            f"{kind}Pooling{rank}D",
            last,
            {"pool_size": 2},
            {"pool_size": 3, "strides": 2, "padding": "same"},
            {"pool_size": (2,) * rank, "strides": 1},
            flags="grad" if rank == 2 else "",
        )
        row(f"{kind}Pooling{rank}D", first, {"pool_size": 2, **FIRST})
        row(f"Global{kind}Pooling{rank}D", last, {}, {"keepdims": True})
        row(f"Global{kind}Pooling{rank}D", first, FIRST, {**FIRST, "keepdims": True})
        row(f"Adaptive{kind}Pooling{rank}D", last, {"output_size": 2}, {"output_size": (3,) * rank})
        row(f"Adaptive{kind}Pooling{rank}D", first, {"output_size": 2, **FIRST})

# norm
row(
    "BatchNormalization",
    F(5, 3),
    {},
    {"axis": 1, "momentum": 0.5, "epsilon": 0.1},
    {"center": False, "scale": False},
    {"gamma_regularizer": "l2", "moving_mean_initializer": "ones", "beta_constraint": "non_neg"},
    {"trainable": False},
    {"renorm": True, "renorm_clipping": {"rmax": 1.5, "rmin": 0.5, "dmax": 0.5}, "momentum": 0.9},
    {"renorm": True, "renorm_clipping": {}, "renorm_momentum": 0.5},
    flags="grad train",
)
row("BatchNormalization", F(5, 4, 3), {}, {"axis": 1}, flags="train")
row(
    "BatchNormalization", F(3), {"synchronized": True}, flags="train noparity"
)  # Keras refuses it outside TensorFlow
row(
    "LayerNormalization",
    F(5, 3),
    {},
    {"axis": [1, 2], "epsilon": 0.1},
    {"axis": 1, "center": False},
    {"scale": False, "beta_initializer": "ones", "gamma_regularizer": "l1"},
    flags="grad",
)
row(
    "GroupNormalization",
    F(5, 6),
    {"groups": 2},
    {"groups": -1},
    {"groups": 1, "scale": False},
    {"groups": 3, "center": False, "epsilon": 0.1},
    flags="grad",
)
row("GroupNormalization", F(6, 5, 4), {"groups": 2, "axis": 1})
row("RMSNormalization", F(5, 3), {}, {"axis": [1, 2], "epsilon": 0.1}, {"axis": 2})
row("UnitNormalization", F(5, 3), {}, {"axis": 1}, {"axis": [1, 2]}, flags="grad")
row(
    "SpectralNormalization",
    F(5, 4, 3),
    lambda keras: {"layer": keras.layers.Conv2D(4, 2, name="inner"), "power_iterations": 2},
    lambda keras: {"layer": keras.layers.Dense(4, name="inner")},
    flags="train nolow",
)

# regularize
row("Dropout", F(5, 3), {"rate": 0.5}, {"rate": 0.5, "noise_shape": (None, 1, 3), "seed": 3}, flags="random")
row("GaussianNoise", F(5, 3), {"stddev": 0.5}, {"stddev": 0.5, "seed": 3}, flags="random")
row("GaussianDropout", F(5, 3), {"rate": 0.5}, {"rate": 0.25, "seed": 3}, flags="random")
row("AlphaDropout", F(5, 3), {"rate": 0.5}, {"rate": 0.25, "noise_shape": (None, 1, 3)}, flags="random")
row("SpatialDropout1D", F(5, 3), {"rate": 0.5}, {"rate": 0.5, "seed": 3}, flags="random")
row("SpatialDropout2D", F(5, 4, 3), {"rate": 0.5}, {"rate": 0.5, **FIRST}, flags="random")
row("SpatialDropout3D", F(3, 2, 2, 3), {"rate": 0.5}, {"rate": 0.5, **FIRST}, flags="random")
row("ActivityRegularization", F(5, 3), {"l1": 0.1}, {"l2": 0.2})

# reshape
row("Flatten", F(5, 4, 3), {}, FIRST, flags="grad")
row("Flatten", F(), {})
row(
    "Reshape",
    F(6, 4),
    {"target_shape": (2, -1)},
    {"target_shape": (3, 2, 4)},
    {"target_shape": [-1]},
    flags="grad",
)
row("Permute", F(5, 4, 3), {"dims": (3, 1, 2)}, {"dims": [2, 1, 3]})
row("RepeatVector", F(3), {"n": 4})
row("Cropping1D", F(7, 3), {}, {"cropping": (2, 1)}, {"cropping": 2})
row("Cropping2D", F(7, 6, 3), {}, {"cropping": 1}, {"cropping": (2, 1)}, {"cropping": ((2, 1), (0, 3))})
row("Cropping2D", F(3, 7, 6), {"cropping": ((2, 1), (0, 3)), **FIRST})
row("Cropping3D", F(5, 4, 6, 2), {}, {"cropping": ((2, 1), (0, 3), (1, 1))}, {"cropping": (1, 0, 2)})
row("ZeroPadding1D", F(5, 3), {}, {"padding": (2, 1)}, {"padding": 3, **FIRST})
row(
    "ZeroPadding2D", F(5, 4, 3), {}, {"padding": ((2, 1), (0, 3))}, {"padding": (1, 2), **FIRST}, flags="grad"
)
row("ZeroPadding3D", F(3, 2, 3, 2), {}, {"padding": ((2, 1), (0, 3), (1, 1))}, {"padding": 1, **FIRST})
row("UpSampling1D", F(5, 3), {}, {"size": 3})
row(
    "UpSampling2D",
    F(4, 5, 3),
    {},
    {"size": (2, 3), **FIRST},
    *({"size": (2, 3), "interpolation": name} for name in ("bilinear", "bicubic", "lanczos3", "lanczos5")),
)
row("UpSampling2D", F(3, 4, 5), {"size": 2, "interpolation": "bilinear", **FIRST})
row("UpSampling3D", F(2, 3, 2, 2), {}, {"size": (1, 2, 3)}, {"size": 2, **FIRST})

# merge
PAIR = [F(5, 3), F(5, 3)]
for name in ("Add", "Multiply", "Average", "Maximum", "Minimum"):
    row(name, [*PAIR, F(5, 3)], flags="grad")
    row(name, [F(5, 3), F(3), F(5, 1)])
row("Add", [F(3)])
row("Subtract", PAIR, flags="grad")
row("Subtract", [F(3), F(5, 3)])
row("Concatenate", [F(5, 3), F(5, 2), F(5, 1)], {}, {"axis": 2}, flags="grad")
row("Concatenate", [F(5, 3), F(2, 3)], {"axis": 1})
row("Dot", [F(3), F(3)], {"axes": 1}, {"axes": -1, "normalize": True}, flags="grad")
row("Dot", [F(5, 3), F(3, 4)], {"axes": (2, 1)}, {"axes": [2, 1], "normalize": True})
row("Dot", [F(5, 3), F(4, 3)], {"axes": -1}, {"axes": 2})
row("Dot", [F(5, 3), F(3)], {"axes": (2, 1)})

# rnn
for name in ("SimpleRNN", "GRU", "LSTM"):
    row(
        name,
        F(5, 3),
        {"units": 4},
        {"units": 4, "return_sequences": True, "use_bias": False},
        {"units": 2, "go_backwards": True, "return_sequences": True, "unroll": True, "activation": "relu"},
        {"units": 2, "kernel_regularizer": "l2", "recurrent_constraint": "unit_norm"},
        flags="grad",
    )
row("LSTM", F(5, 3), {"units": 4, "activity_regularizer": "l2"})  # Keras 3.15's SimpleRNN loses it
row("GRU", F(5, 3), {"units": 4, "reset_after": False, "recurrent_activation": "hard_sigmoid"}, flags="grad")
row("LSTM", F(5, 3), {"units": 4, "unit_forget_bias": False, "bias_initializer": "ones"}, flags="grad")
row(
    "RNN",
    F(5, 3),
    lambda keras: {"cell": keras.layers.LSTMCell(4, name="cell")},
    lambda keras: {"cell": keras.layers.SimpleRNNCell(4, name="cell"), "return_sequences": True},
    lambda keras: {
        "cell": keras.layers.StackedRNNCells(
            [keras.layers.GRUCell(4, name="one"), keras.layers.LSTMCell(2, name="two")], name="cells"
        ),
        "go_backwards": True,
    },
    flags="grad",
)
for rank in (1, 2, 3):
    row(
        f"ConvLSTM{rank}D",
        F(3, *(4,) * rank, 2),
        {"filters": 3, "kernel_size": 2},
        {"filters": 2, "kernel_size": 3, "padding": "same", "strides": 2, "return_sequences": True},
        {"filters": 2, "kernel_size": 2, "dilation_rate": 2, "use_bias": False, "go_backwards": True},
        flags="grad",
    )
row("ConvLSTM2D", F(3, 2, 4, 5), {"filters": 3, "kernel_size": 2, **FIRST}, flags="grad")
row(
    "Bidirectional",
    F(5, 3),
    *[
        lambda keras, mode=mode, sequences=sequences: {
            "layer": keras.layers.LSTM(4, return_sequences=sequences, name="lstm"),
            "merge_mode": mode,
        }
        for mode, sequences in (("concat", True), ("sum", False), ("mul", True), ("ave", False))
    ],
    lambda keras: {
        "layer": keras.layers.GRU(4, name="gru"),
        "backward_layer": keras.layers.SimpleRNN(4, go_backwards=True, name="simple_rnn"),
    },
    flags="grad",
)
row(
    "TimeDistributed",
    F(5, 6, 3),
    lambda keras: {"layer": keras.layers.Dense(4, name="dense")},
    lambda keras: {"layer": keras.layers.Conv1D(4, 3, activation="relu", name="conv")},
    flags="grad",
)

# preprocess
row("Rescaling", F(5, 3), {"scale": 0.5, "offset": 1.0}, {"scale": [1.0, 2.0, 3.0]}, flags="grad")
row("Normalization", F(5, 3), {"mean": [1.0, 2.0, 3.0], "variance": [1.0, 4.0, 9.0]}, flags="grad")
row("Normalization", F(5, 3), {"axis": (1, 2), "mean": 2.0, "variance": 0.5, "invert": True}, flags="grad")
row("CategoryEncoding", I(5, high=4), *grid(num_tokens=[4], output_mode=["one_hot", "multi_hot", "count"]))
row("Discretization", F(5), {"bin_boundaries": [-0.5, 0.0, 1.0]}, flags="nolow")

# attention
row("Attention", [F(3, 6), F(5, 6)], {}, {"use_scale": True, "score_mode": "concat"}, flags="grad")
row("Attention", [F(3, 6), F(5, 4), F(5, 6)], {"use_scale": True}, flags="grad")
row("AdditiveAttention", [F(3, 6), F(5, 6)], {}, {"use_scale": False}, flags="grad")

# images
IMAGE = np.floor(_rng.uniform(0, 255, (B, 6, 8, 3))).astype("float32")
row(
    "Resizing",
    F(6, 8, 3),
    {"height": 4, "width": 5},
    {"height": 9, "width": 5, "interpolation": "bicubic", "antialias": True},
    {"height": 4, "width": 4, "crop_to_aspect_ratio": True},
    {"height": 4, "width": 4, "pad_to_aspect_ratio": True, "fill_value": 2.0},
)
row("Resizing", F(3, 6, 8), {"height": 4, "width": 5, "interpolation": "nearest", **FIRST})
row("CenterCrop", F(6, 8, 3), {"height": 4, "width": 5}, {"height": 8, "width": 7})
row("CenterCrop", F(3, 6, 8), {"height": 3, "width": 5, **FIRST})
row("AutoContrast", F(6, 8, 3), {"value_range": (-2, 2)})
row("ContrastLimitedAdaptiveHistogramEqualization", IMAGE, {"tile_grid_size": (2, 3)}, flags="fixed nolow")
row("Equalization", IMAGE, {"bins": 32}, call={"training": True}, flags="fixed nolow")
row("MaxNumBoundingBoxes", IMAGE, {"max_number": 3}, flags="noparity")  # Keras's config forgets an argument
for name, arguments in {
    "AugMix": {"num_chains": 1},
    "CutMix": {},
    "MixUp": {},
    "RandAugment": {},
    "RandomBrightness": {"factor": 0.2},
    "RandomColorDegeneration": {"factor": 0.2},
    "RandomColorJitter": {"hue_factor": 0.2},
    "RandomContrast": {"factor": 0.2},
    "RandomElasticTransform": {},
    "RandomErasing": {},
    "RandomFlip": {},
    "RandomGaussianBlur": {},
    "RandomGrayscale": {},
    "RandomHue": {"factor": 0.2},
    "RandomInvert": {},
    "RandomPerspective": {},
    "RandomPosterization": {"factor": 4},
    "RandomRotation": {"factor": 0.2},
    "RandomSaturation": {"factor": 0.2},
    "RandomSharpness": {"factor": 0.2},
    "RandomShear": {"x_factor": (0.1, 0.2)},
    "RandomTranslation": {"height_factor": 0.2, "width_factor": 0.1},
    "RandomZoom": {"height_factor": 0.2},
    "Solarization": {"threshold_factor": 0.2},
}.items():  # what they do in training is in tests/parity/test_layers_image.py
    without = "noparity" if name in ("MixUp", "RandomGrayscale") else ""  # Keras's warn, or forget the seed
    row(name, F(2, 2, 3), {**arguments, "seed": 1}, call={"training": False}, flags=without)
row(
    "Pipeline",
    IMAGE,
    lambda keras: {"layers": [keras.layers.Rescaling(2.0), keras.layers.CenterCrop(4, 4)]},
    flags="nolow noparity",  # as names are counted, the configs inside differ
)

# sounds
row(
    "MelSpectrogram",
    F(160),
    {"fft_length": 32, "sequence_stride": 16, "num_mel_bins": 4, "sequence_length": 24},
)
row(
    "STFTSpectrogram",
    F(40, 2),
    {"frame_length": 12, "window": None},
    {"frame_length": 12, "mode": "psd", "padding": "same", "scaling": "spectrum", "expand_dims": True},
    flags="grad nolow",
)
row(
    "STFTSpectrogram",
    F(2, 40),
    {"frame_length": 16, "mode": "stft", "frame_step": 5, "expand_dims": True, **FIRST},
    {"frame_length": 16, "mode": "angle", "fft_length": 32, **FIRST},
    flags="nolow",
)
