"""Expressions of ragged and sparse tensors, and a plain form of what they give; runs under TensorFlow and Addax."""

from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
EXPRESSIONS = (HERE / "composite_expressions.txt").read_text().splitlines()


def names(tf):
    """What the expressions are about."""
    return {
        "tf": tf,
        "np": np,
        "rt": tf.ragged.constant([[3, 1, 4, 1], [], [5, 9, 2], [6], []]),
        "f": tf.ragged.constant([[1.0, 2.0], [3.0]]),
        "r3": tf.ragged.constant([[[1, 2], [3]], [], [[4, 5, 6]]]),
        "rs": tf.ragged.constant([["a", "b"], ["c"]]),
        "st": tf.SparseTensor([[0, 1], [0, 3], [2, 0]], [5.0, 7.0, -2.0], [3, 4]),
        "s2": tf.SparseTensor([[0, 1], [1, 2]], [1.0, 1.0], [3, 4]),
        "d": tf.constant(np.arange(8.0, dtype="float32").reshape(4, 2)),
        "ss": tf.SparseTensor([[0, 0], [2, 1]], ["a", "b"], [3, 2]),
        "si": tf.SparseTensor([[0, 0], [0, 1], [2, 0]], [1, 3, 0], [3, 2]),
    }


def plain(value):
    """Nested lists of numbers and text, with the kind of tensor in front."""
    if hasattr(value, "row_splits"):
        return ["ragged", _text(value.to_list())]
    if hasattr(value, "dense_shape"):
        parts = (value.indices, value.values, value.dense_shape)
        return ["sparse", *(_text(part.numpy().tolist()) for part in parts)]
    if hasattr(value, "numpy"):
        array = np.asarray(value.numpy())
        return [str(array.dtype).replace("64", "32"), _text(array.tolist())]
    if hasattr(value, "as_list"):
        return value.as_list()
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return _text(value)


def _text(value):
    if isinstance(value, (list, tuple)):
        return [_text(v) for v in value]
    return value.decode() if isinstance(value, bytes) else value


def results(tf):
    """Expression -> plain result."""
    known = names(tf)
    return {expression: plain(eval(expression, known)) for expression in EXPRESSIONS}
