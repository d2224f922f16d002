"""Rows of the other families: regularization, shapes, merging, recurrence, attention, images, sounds."""

from __future__ import annotations

import numpy as np
from tests.conformance._layers_registry import FIRST, B, F, I, _rng, grid, row

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
