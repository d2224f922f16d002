"""Layers as ONNX files, run in onnxruntime."""

import pytest
from tests.unit.export._onnx import assert_same, chain

import addax as keras

layers = keras.layers

LAYERS = {
    "dense": lambda: chain((3,), layers.Dense(4, activation="relu"), layers.Dense(2, activation="softmax")),
    "dense of rows": lambda: chain((None, 3), layers.Dense(4)),
    "einsum dense": lambda: chain(
        (4, 3), layers.EinsumDense("abc,cd->abd", output_shape=(None, 5), bias_axes="d")
    ),
    "einsum dense heads": lambda: chain(
        (4, 6), layers.EinsumDense("abc,cde->abde", output_shape=(None, 2, 5), bias_axes="de")
    ),
    "conv1d": lambda: chain((9, 4), layers.Conv1D(6, 3, groups=2, strides=2)),
    "conv1d causal": lambda: chain((None, 4), layers.Conv1D(6, 3, dilation_rate=2, padding="causal")),
    "conv2d": lambda: chain((9, 8, 3), layers.Conv2D(4, (3, 2), activation="relu")),
    "conv2d same strides": lambda: chain((9, 8, 3), layers.Conv2D(4, 3, strides=(2, 1), padding="same")),
    "conv2d dilated": lambda: chain((12, 11, 3), layers.Conv2D(4, 3, dilation_rate=(2, 3))),
    "conv2d of any size": lambda: chain((None, None, 3), layers.Conv2D(4, 3, strides=2, padding="same")),
    "conv2d channels first": lambda: chain((3, 9, 8), layers.Conv2D(4, 3, data_format="channels_first")),
    "conv3d": lambda: chain((5, 6, 7, 2), layers.Conv3D(4, 3, groups=2, padding="same")),
    "depthwise": lambda: chain(
        (9, 8, 3), layers.DepthwiseConv2D(3, depth_multiplier=2, strides=2, padding="same")
    ),
    "depthwise 1d": lambda: chain((9, 3), layers.DepthwiseConv1D(3)),
    "separable": lambda: chain((9, 8, 3), layers.SeparableConv2D(4, 3)),
    "separable 1d": lambda: chain((9, 3), layers.SeparableConv1D(4, 3, padding="same")),
    "transposed 1d": lambda: chain((5, 3), layers.Conv1DTranspose(4, 3, strides=2)),
    "transposed 2d": lambda: chain((5, 6, 3), layers.Conv2DTranspose(4, 3, strides=2, padding="same")),
    "transposed 2d apart": lambda: chain((5, 6, 3), layers.Conv2DTranspose(4, 2, strides=3)),
    "transposed 2d apart same": lambda: chain(
        (5, 6, 3), layers.Conv2DTranspose(4, 2, strides=3, padding="same")
    ),
    "transposed 2d dilated": lambda: chain((5, 6, 3), layers.Conv2DTranspose(4, 3, dilation_rate=2)),
    "transposed 2d output padding": lambda: chain(
        (5, 6, 3), layers.Conv2DTranspose(4, 3, strides=2, output_padding=1)
    ),
    "transposed 3d": lambda: chain((3, 4, 5, 2), layers.Conv3DTranspose(2, 3, strides=2)),
    "max pool 1d": lambda: chain((9, 3), layers.MaxPooling1D(2)),
    "max pool 2d same": lambda: chain((9, 8, 3), layers.MaxPooling2D(3, strides=2, padding="same")),
    "max pool 3d": lambda: chain((6, 7, 8, 2), layers.MaxPooling3D(2)),
    "max pool of any size": lambda: chain((None, None, 2), layers.MaxPooling2D(2, padding="same")),
    "average pool 1d": lambda: chain((9, 3), layers.AveragePooling1D(2)),
    "average pool 2d same": lambda: chain((9, 8, 3), layers.AveragePooling2D(3, strides=2, padding="same")),
    "average pool 3d": lambda: chain((6, 7, 8, 2), layers.AveragePooling3D(2, padding="same")),
    "average pool of any size": lambda: chain((None, None, 2), layers.AveragePooling2D(2, padding="same")),
    "average pool channels first": lambda: chain(
        (2, 8, 8), layers.AveragePooling2D(2, data_format="channels_first")
    ),
    "global max 1d": lambda: chain((None, 3), layers.GlobalMaxPooling1D()),
    "global average 2d": lambda: chain((None, None, 3), layers.GlobalAveragePooling2D()),
    "global max 3d keep": lambda: chain((4, 5, 6, 3), layers.GlobalMaxPooling3D(keepdims=True)),
    "adaptive pool": lambda: chain((8, 6, 3), layers.AdaptiveAveragePooling2D((4, 3))),
    "batch normalization": lambda: chain((5, 3), layers.BatchNormalization()),
    "layer normalization": lambda: chain((5, 3), layers.LayerNormalization()),
    "rms normalization": lambda: chain((5, 3), layers.RMSNormalization()),
    "group normalization": lambda: chain((5, 4, 6), layers.GroupNormalization(3)),
    "unit normalization": lambda: chain((5, 3), layers.UnitNormalization()),
    "spectral normalization": lambda: chain((6,), layers.SpectralNormalization(layers.Dense(3))),
    "embedding": lambda: chain((5,), layers.Embedding(6, 3), dtype="int32"),
    "embedding mask": lambda: chain(
        (5,), layers.Embedding(6, 3, mask_zero=True), layers.LSTM(4), dtype="int32"
    ),
    "flatten": lambda: chain((4, 3, 2), layers.Flatten(), layers.Dense(3)),
    "reshape": lambda: chain((4, 6), layers.Reshape((3, -1))),
    "permute": lambda: chain((4, 6, 2), layers.Permute((3, 1, 2))),
    "repeat": lambda: chain((4,), layers.RepeatVector(3)),
    "cropping": lambda: chain((8, 9, 2), layers.Cropping2D(((1, 2), (2, 0)))),
    "zero padding": lambda: chain((4, 5, 2), layers.ZeroPadding2D(((1, 2), (2, 0)))),
    "zero padding 1d": lambda: chain((None, 2), layers.ZeroPadding1D((2, 1))),
    "up sampling": lambda: chain((4, 5, 2), layers.UpSampling2D((2, 3))),
    "up sampling bilinear": lambda: chain((4, 5, 2), layers.UpSampling2D(2, interpolation="bilinear")),
    "up sampling 1d": lambda: chain((None, 2), layers.UpSampling1D(2)),
    "up sampling 3d": lambda: chain((2, 3, 4, 1), layers.UpSampling3D(2)),
    "resizing": lambda: chain((4, 5, 2), layers.Resizing(8, 7)),
    "center crop": lambda: chain((8, 9, 2), layers.CenterCrop(4, 5)),
    "rescaling": lambda: chain((4, 5, 2), layers.Rescaling(1 / 127.5, offset=-1)),
    "normalization": lambda: chain(
        (3,), layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[2.0, 3.0, 4.0])
    ),
    "discretization": lambda: chain((3,), layers.Discretization([-0.5, 0.0, 0.5])),
    "category encoding": lambda: chain(
        (3,), layers.CategoryEncoding(6, output_mode="multi_hot"), dtype="int32"
    ),
    "dropout": lambda: chain(
        (3,),
        layers.Dropout(0.5),
        layers.GaussianNoise(1.0),
        layers.AlphaDropout(0.2),
    ),
    "augmentation": lambda: chain((8, 8, 3), layers.RandomFlip(), layers.RandomRotation(0.1)),
    "mixed masks": lambda: chain(
        (None,),
        layers.Embedding(6, 4, mask_zero=True),
        layers.Bidirectional(layers.GRU(3, return_sequences=True)),
        layers.Bidirectional(layers.LSTM(3)),
        dtype="int32",
    ),
    "transposed of any size": lambda: chain(
        (None, None, 3), layers.Conv2DTranspose(4, 3, strides=2, padding="same")
    ),
    "resizing of any size": lambda: chain((None, None, 2), layers.Resizing(8, 7, interpolation="bicubic")),
    "stft": lambda: chain(
        (1000, 1), layers.STFTSpectrogram(frame_length=256, frame_step=128, fft_length=256)
    ),
    "mel spectrogram": lambda: chain(
        (1000,), layers.MelSpectrogram(fft_length=256, sequence_stride=100, num_mel_bins=20)
    ),
    "leaky": lambda: chain((5,), layers.LeakyReLU()),
    "prelu": lambda: chain((5, 3), layers.PReLU(shared_axes=[1])),
    "elu": lambda: chain((5,), layers.ELU()),
    "relu": lambda: chain((5,), layers.ReLU(max_value=1.0, negative_slope=0.1, threshold=0.2)),
    "softmax": lambda: chain((5, 3), layers.Softmax(axis=1)),
    "time distributed": lambda: chain((4, 8, 8, 2), layers.TimeDistributed(layers.Conv2D(3, 3))),
    "rnn": lambda: chain((None, 3), layers.SimpleRNN(4, return_sequences=True), layers.SimpleRNN(2)),
    "lstm": lambda: chain((7, 3), layers.LSTM(4, return_sequences=True), layers.LSTM(2, go_backwards=True)),
    "lstm of any length": lambda: chain((None, 3), layers.LSTM(4)),
    "lstm unrolled": lambda: chain((4, 3), layers.LSTM(4, unroll=True)),
    "gru": lambda: chain((None, 3), layers.GRU(4, return_sequences=True), layers.GRU(2)),
    "gru reset before": lambda: chain((5, 3), layers.GRU(4, reset_after=False)),
    "bidirectional": lambda: chain((None, 3), layers.Bidirectional(layers.LSTM(4, return_sequences=True))),
    "stacked cells": lambda: chain((5, 3), layers.RNN([layers.GRUCell(4), layers.LSTMCell(2)])),
    "conv lstm": lambda: chain((3, 6, 6, 2), layers.ConvLSTM2D(2, 3)),
    "masking": lambda: chain((5, 3), layers.Masking(), layers.GRU(3)),
}
ACTIVATIONS = (
    "celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu linear log_sigmoid "
    "log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus sparse_sigmoid "
    "sparsemax squareplus tanh tanh_shrink threshold"
).split()


@pytest.mark.grid
@pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)
def test_a_layer_computes_what_it_did(make, tmp_path) -> None:
    assert_same(make(), tmp_path)


@pytest.mark.grid
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_computes_what_it_did(name, tmp_path) -> None:
    function = getattr(keras.activations, name)
    options = {"threshold": 0.1, "default_value": -1.0} if name == "threshold" else {}
    assert_same(chain((4, 6), layers.Lambda(lambda x: function(3 * x, **options))), tmp_path)
