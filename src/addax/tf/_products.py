"""Products of tensors, and what is built on them."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.tf._assertions import assert_less, assert_non_negative
from addax.tf._linear_operators import _dispatch


def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    output_type: Any = None,
    grad_a: bool = False,
    grad_b: bool = False,
    name: str | None = None,
) -> Any:
    """The matrix product of the last two axes, either factor transposed or adjoint if asked for.

    Args:
        a: A tensor of shape `(..., n, k)`, or a `tf.linalg.LinearOperator`.
        b: A tensor of shape `(..., k, m)`, or an operator.
        transpose_a: Whether to swap the last two axes of `a` first.
        transpose_b: Whether to swap those of `b` first.
        adjoint_a: Like `transpose_a`, with the complex conjugate.
        adjoint_b: Like `transpose_b`, with the complex conjugate.
        a_is_sparse: Accepted for TensorFlow's sake.
        b_is_sparse: Accepted for TensorFlow's sake.
        output_type: A dtype to give the result in.
        grad_a: Accepted for TensorFlow's sake.
        grad_b: Accepted for TensorFlow's sake.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If a factor has no two axes, or the inner dimensions differ.
    """
    if _dispatch.is_operator(a) or _dispatch.is_operator(b):
        return _dispatch.product(a, b, transpose_a or transpose_b, adjoint_a, adjoint_b)
    a, b = _factor(a, transpose_a, adjoint_a), _factor(b, transpose_b, adjoint_b)
    product = operators.matmul(a, b)
    return product if output_type is None else ops.cast(product, output_type)


def _factor(x: Any, transpose: bool, adjoint: bool) -> Any:
    if not hasattr(x, "shape"):
        x = ops.convert_to_tensor(x)
    if len(x.shape) < 2:
        raise ValueError(
            message(
                "tf.matmul() multiplies matrices.",
                expected="rank 2 or more",
                received=f"shape {tuple(x.shape)}",
            )
        )
    if adjoint:
        x = ops.conj(x)
    return ops.swapaxes(x, -1, -2) if transpose or adjoint else x


def matvec(
    a: Any, b: Any, transpose_a: bool = False, adjoint_a: bool = False, name: Any = None, **ignored: Any
) -> Any:
    """The product of matrices with vectors.

    Args:
        a: A tensor of shape `(..., n, k)`.
        b: A tensor of shape `(..., k)`.
        transpose_a: Whether to swap the last two axes of `a` first.
        adjoint_a: Like `transpose_a`, with the complex conjugate.
        **ignored: Accepted for TensorFlow's sake: hints that a factor is sparse.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of shape `(..., n)`.

    Raises:
        ValueError: If `a` has no two axes, or the inner dimensions differ.

    Example:
        >>> import addax.tf as tf
        >>> tf.linalg.matvec([[1, 2], [3, 4]], [10, 1]).numpy()
        array([12, 34], dtype=int32)
    """
    if _dispatch.is_operator(a) and not transpose_a:
        return a.matvec(b, adjoint=adjoint_a)
    return ops.squeeze(operators.matmul(_factor(a, transpose_a, adjoint_a), ops.expand_dims(b, -1)), axis=-1)


def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Any:
    """The sum of products over some axes of both tensors.

    Args:
        a: A tensor.
        b: Another one.
        axes: How many of the last axes of `a` are summed with the first ones of `b`; or two lists (or numbers): the
            axes of `a`, and those of `b` that belong to them.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of the remaining axes of `a`, then those of `b`.

    Example:
        >>> import addax.tf as tf
        >>> tf.tensordot([[1, 2], [3, 4]], [[1, 0], [2, 1]], axes=[[0], [0]]).numpy().tolist()
        [[7, 3], [10, 4]]
    """
    if isinstance(axes, (list, tuple)):
        axes = tuple(tuple(x) if isinstance(x, (list, tuple)) else (int(x),) for x in axes)
    return ops.tensordot(a, b, axes=axes)


def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Any:
    """A sum of products in Einstein's notation."""
    kwargs.pop("name", None), kwargs.pop("optimize", None)
    return ops.einsum(equation, *inputs, **kwargs)


def cross(a: Any, b: Any, name: str | None = None) -> Any:
    """The cross product of vectors of length 3 along the last axis."""
    return ops.cross(a, b)


def confusion_matrix(
    labels: Any,
    predictions: Any,
    num_classes: Any = None,
    weights: Any = None,
    dtype: Any = "int32",
    name: Any = None,
) -> Any:
    """How often class i (row) was predicted as class j (column).

    Args:
        labels: The true classes, integers of shape `(n,)`.
        predictions: The predicted classes, integers of shape `(n,)`.
        num_classes: The number of rows and columns; the greatest class and one more if None, for which the values
            must be known.
        weights: What each pair counts, of shape `(n,)`; 1 if None.
        dtype: The dtype of the result, to which the weights are cast.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If a class is negative, or not below `num_classes`; in compiled code, when that has run.

    Example:
        >>> import addax.tf as tf
        >>> tf.math.confusion_matrix([0, 1, 1], [0, 1, 0]).numpy().tolist()
        [[1, 0], [1, 1]]
    """
    labels, predictions = ops.convert_to_tensor(labels), ops.convert_to_tensor(predictions)
    if num_classes is None:
        num_classes = int(ops.convert_to_numpy(ops.maximum(ops.max(labels), ops.max(predictions)))) + 1
    for what, classes in (("labels", labels), ("predictions", predictions)):
        assert_non_negative(classes, f"Negative classes among the {what}.")
        assert_less(classes, num_classes, f"Classes among the {what} that are not below `num_classes`.")
    ones = ops.ones(labels.shape, dtype=dtype) if weights is None else ops.cast(weights, dtype)
    indices = operators.stack([ops.cast(labels, "int32"), ops.cast(predictions, "int32")], axis=-1)
    return ops.scatter(indices, ones, (int(num_classes), int(num_classes)))


def l2_normalize(
    x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None, dim: Any = None
) -> Any:
    """`x` divided by its norm along some axes (by that of all elements if None).

    Args:
        x: A float tensor.
        axis: An axis, several, or None.
        epsilon: The least square of the norm to divide by the root of, so that zeros stay zeros.
        dim: The old name of `axis`, and used instead of it if given.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.math.l2_normalize([3.0, 4.0]).numpy().round(4)
        array([0.6, 0.8], dtype=float32)
    """
    axis = axis if dim is None else dim
    axis = tuple(axis) if isinstance(axis, list) else axis
    total = ops.sum(ops.square(x), axis=axis, keepdims=True)
    return operators.multiply(x, ops.rsqrt(ops.maximum(total, epsilon)))


def nextafter(x1: Any, x2: Any, name: str | None = None) -> Any:
    """Element-wise next representable number from `x1` towards `x2`."""
    return ops.nextafter(x1, x2)


def zero_fraction(value: Any, name: str | None = None) -> Any:
    """The share of elements that are zero."""
    return ops.mean(ops.cast(operators.equal(value, 0), "float32"))


def in_top_k(targets: Any, predictions: Any, k: int, name: str | None = None) -> Any:
    """For each row whether the target is among the k largest predictions.

    Args:
        targets: The right classes, integers of shape `(batch,)`.
        predictions: The scores, floats of shape `(batch, classes)`.
        k: How many of the largest count; a tie with the last of them counts too.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of bools of shape `(batch,)`.
    """
    return ops.in_top_k(targets, predictions, k)
