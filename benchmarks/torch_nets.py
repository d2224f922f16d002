"""The workloads in plain PyTorch. A net takes a batch of the workload's data and gives logits or values."""

# ruff: noqa: D101, D102
from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from benchmarks.workloads import gpt2, gru, lstm, resnet20, resnet50, transformer, wide_deep_ids


def _dense(inputs, outputs):
    layer = nn.Linear(inputs, outputs)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


def _convolution(inputs, outputs, size, **options):
    layer = nn.Conv2d(inputs, outputs, size, **options)
    nn.init.xavier_uniform_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


class WideDeep(nn.Module):
    def __init__(self):
        super().__init__()
        self.jobs = nn.Embedding(wide_deep_ids.JOBS, 8)
        self.places = nn.Embedding(wide_deep_ids.PLACES, 16)
        numbers = wide_deep_ids.NUMBERS
        self.deep = nn.Sequential(
            _dense(numbers + 24, 64), nn.ReLU(), _dense(64, 32), nn.ReLU(), _dense(32, 1)
        )
        self.wide = _dense(numbers, 1)

    def forward(self, x):
        ids = (self.jobs(x["job"][:, 0]), self.places(x["place"][:, 0]))
        return self.deep(torch.cat((x["numbers"], *ids), dim=1)) + self.wide(x["numbers"])


class Recurrent(nn.Module):
    def __init__(self, cells, units):
        super().__init__()
        self.cells = cells
        self.head = _dense(units, 10)

    def forward(self, x):
        return self.head(self.cells(x)[0][:, -1])


class Attention(nn.Module):
    def __init__(self, width, heads, dropout, causal):
        super().__init__()
        self.heads, self.dropout, self.causal = heads, dropout, causal
        self.inward, self.outward = _dense(width, 3 * width), _dense(width, width)

    def forward(self, x):
        rows, tokens, width = x.shape
        parts = self.inward(x).view(rows, tokens, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(
            query, key, value, dropout_p=self.dropout if self.training else 0.0, is_causal=self.causal
        )
        return self.outward(seen.transpose(1, 2).reshape(rows, tokens, width))


class Block(nn.Module):
    """A block of a Transformer; GPT-2 normalises before its branches, the encoder after them."""

    def __init__(self, width, heads, inner, dropout, gpt):
        super().__init__()
        self.gpt = gpt
        self.attention = Attention(width, heads, 0.0 if gpt else dropout, gpt)
        activation = nn.GELU() if gpt else nn.ReLU()
        self.thought = nn.Sequential(_dense(width, inner), activation, _dense(inner, width))
        self.first, self.second = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        if self.gpt:
            x = x + self.dropout(self.attention(self.first(x)))
            return x + self.dropout(self.thought(self.second(x)))
        x = self.first(x + self.dropout(self.attention(x)))
        return self.second(x + self.dropout(self.thought(x)))


class Transformer(nn.Module):
    def __init__(self, shape, inner, gpt):
        super().__init__()
        self.gpt = gpt
        self.words = nn.Embedding(shape.WORDS, shape.WIDTH)
        self.positions = nn.Parameter(torch.empty(shape.TOKENS, shape.WIDTH).uniform_(-0.05, 0.05))
        blocks = [Block(shape.WIDTH, shape.HEADS, inner, shape.DROPOUT, gpt) for _ in range(shape.BLOCKS)]
        self.blocks = nn.Sequential(*blocks)
        self.norm = nn.LayerNorm(shape.WIDTH) if gpt else None
        self.head = _dense(shape.WIDTH, shape.WORDS if gpt else 10)

    def forward(self, x):
        x = self.blocks(self.words(x) + self.positions)
        if self.gpt:
            return self.head(self.norm(x)).flatten(0, 1)
        return self.head(x.mean(dim=1))


def _normalised(inputs, outputs, size, strides=1):
    convolution = _convolution(inputs, outputs, size, stride=strides, padding=size // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01))


class Residual(nn.Module):
    def __init__(self, branch, shortcut):
        super().__init__()
        self.branch, self.shortcut = branch, shortcut

    def forward(self, x):
        return functional.relu(self.branch(x) + self.shortcut(x))


def _residual20(inputs, outputs, strides):
    branch = nn.Sequential(
        _normalised(inputs, outputs, 3, strides), nn.ReLU(), _normalised(outputs, outputs, 3)
    )
    shortcut = _normalised(inputs, outputs, 1, strides) if strides != 1 else nn.Identity()
    return Residual(branch, shortcut)


def _residual50(inputs, filters, strides, widen):
    branch = nn.Sequential(
        _normalised(inputs, filters, 1),
        nn.ReLU(),
        _normalised(filters, filters, 3, strides),
        nn.ReLU(),
        _normalised(filters, 4 * filters, 1),
    )
    shortcut = _normalised(inputs, 4 * filters, 1, strides) if widen else nn.Identity()
    return Residual(branch, shortcut)


def _tail(width, classes):
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), _dense(width, classes)]


def _resnet20():
    parts, inputs = [_normalised(3, resnet20.STAGES[0], 3), nn.ReLU()], resnet20.STAGES[0]
    for stage, filters in enumerate(resnet20.STAGES):
        for number in range(3):
            parts.append(_residual20(inputs, filters, 2 if stage and not number else 1))
            inputs = filters
    return nn.Sequential(*parts, *_tail(inputs, 10))


def _resnet50():
    inputs = resnet50.STAGES[0]
    parts = [_normalised(3, inputs, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1)]
    for stage, (depth, filters) in enumerate(zip(resnet50.DEPTHS, resnet50.STAGES, strict=True)):
        for number in range(depth):
            strides = 2 if stage and not number else 1
            parts.append(_residual50(inputs, filters, strides, not number))
            inputs = 4 * filters
    return nn.Sequential(*parts, *_tail(inputs, resnet50.CLASSES))


def _separable():
    def part(inputs, outputs):
        depthwise = _convolution(inputs, inputs, 3, padding=1, groups=inputs, bias=False)
        return [depthwise, _convolution(inputs, outputs, 1), nn.ReLU()]

    first = [_convolution(3, 32, 3, padding=1), nn.ReLU()]
    middle = [*part(32, 64), nn.MaxPool2d(2), *part(64, 128), nn.MaxPool2d(2), *part(128, 128)]
    return nn.Sequential(*first, *middle, *_tail(128, 10))


def _cnn():
    return nn.Sequential(
        _convolution(1, 32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        _convolution(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        _dense(1600, 10),
    )


def _autoencoder():
    widths = (784, 128, 32, 128, 784)
    parts = []
    for inputs, outputs in zip(widths[:-1], widths[1:], strict=True):
        parts += [_dense(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*parts[:-1], nn.Sigmoid())


NETS = {
    "linear": lambda: _dense(2, 1),
    "mlp": lambda: nn.Sequential(_dense(784, 128), nn.ReLU(), _dense(128, 10)),
    "cnn": _cnn,
    "autoencoder": _autoencoder,
    "wide_deep_ids": WideDeep,
    "lstm": lambda: Recurrent(nn.LSTM(lstm.WIDTH, lstm.UNITS, batch_first=True), lstm.UNITS),
    "gru": lambda: Recurrent(nn.GRU(gru.WIDTH, gru.UNITS, num_layers=2, batch_first=True), gru.UNITS),
    "transformer": lambda: Transformer(transformer, transformer.INNER, gpt=False),
    "resnet20": _resnet20,
    "separable": _separable,
    "resnet50": _resnet50,
    "gpt2": lambda: Transformer(gpt2, 4 * gpt2.WIDTH, gpt=True),
}
PICTURES = {"cnn", "resnet20", "separable", "resnet50"}


def loss_of(name):
    """The loss of the workload and whether it has an accuracy: functions of (outputs, targets)."""
    if name in ("linear", "autoencoder"):
        return functional.mse_loss, None
    if name == "wide_deep_ids":
        return functional.binary_cross_entropy_with_logits, lambda out, y: ((out > 0) == (y > 0.5)).sum()
    if name == "gpt2":
        return lambda out, y: functional.cross_entropy(out, y.flatten()), None
    return functional.cross_entropy, lambda out, y: (out.argmax(1) == y).sum()


def optimizer_of(name, parameters):
    """The optimizer that the workload's Keras text names, with Keras's defaults."""
    if name == "linear":
        return torch.optim.SGD(parameters, lr=0.01)
    if name in ("resnet20", "resnet50"):
        return torch.optim.SGD(parameters, lr=0.01, momentum=0.9, fused=True)
    return torch.optim.Adam(parameters, lr=0.001, eps=1e-7, fused=True)
