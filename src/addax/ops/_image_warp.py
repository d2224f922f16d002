"""Images through a map of coordinates: affine, perspective, elastic."""

from __future__ import annotations

from typing import Any

from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jax, jnp
from addax.ops._composite import composite
from addax.ops._dtypes import to_float
from addax.ops._image_color import channel_axis
from addax.ops._image_filter import blur
from addax.ops._seed import draw_seed

__all__ = ["affine_transform", "elastic_transform", "map_coordinates", "perspective_transform"]

_ORDERS = {"nearest": 0, "bilinear": 1}
_FILL_MODES = ("constant", "nearest", "wrap", "mirror", "reflect")


def _check(interpolation: str, fill_mode: str) -> int:
    if interpolation not in _ORDERS:
        raise ValueError(
            message("Unknown interpolation.", expected="'nearest' or 'bilinear'", received=interpolation)
        )
    _check_fill(fill_mode)
    return _ORDERS[interpolation]


def _check_fill(fill_mode: str) -> None:
    if fill_mode not in _FILL_MODES:
        raise ValueError(
            message("Unknown fill_mode.", expected=", ".join(map(repr, _FILL_MODES)), received=fill_mode)
        )


@op(static=("order",))
def map_coordinates(
    inputs: Any, coordinates: Any, order: int, fill_mode: str = "constant", fill_value: float = 0
) -> Any:
    """The values of a tensor at points between its elements.

    Args:
        inputs: A tensor of rank r.
        coordinates: Tensor of shape `(r, ...)`: the points.
        order: 0 for the nearest element, 1 for linear interpolation.
        fill_mode: What lies outside: `"constant"`, `"nearest"`, `"wrap"`, `"mirror"` or `"reflect"`.
        fill_value: The constant.

    Returns:
        A tensor of shape `coordinates.shape[1:]`.

    Raises:
        ValueError: If an argument is wrong.

    Example:
        >>> import addax as keras
        >>> keras.ops.image.map_coordinates([0.0, 10.0, 20.0], [[0.5, 1.2]], order=1).numpy()
        array([ 5., 12.], dtype=float32)
    """
    inputs, coordinates = jnp.asarray(inputs), jnp.asarray(coordinates)
    if coordinates.ndim < 2 or coordinates.shape[0] != inputs.ndim:
        raise ValueError(
            message(
                "map_coordinates(): the coordinates do not fit the inputs.",
                expected=f"shape ({inputs.ndim}, ...), one row for each axis, and rank 2 at least",
                received=f"shape {tuple(coordinates.shape)}",
            )
        )
    if order not in (0, 1):
        raise ValueError(message("map_coordinates(): wrong `order`.", expected="0 or 1", received=order))
    _check_fill(fill_mode)
    return jax.scipy.ndimage.map_coordinates(inputs, coordinates, order, fill_mode, fill_value)


def _sample(images: Any, y: Any, x: Any, order: int, fill_mode: str, fill_value: Any) -> Any:
    """A batch of images (channels last) at the points `(y, x)` of each."""

    def channel(plane: Any, y: Any, x: Any) -> Any:
        return jax.scipy.ndimage.map_coordinates(plane, [y, x], order, fill_mode, fill_value)

    return jax.vmap(jax.vmap(channel, in_axes=(-1, None, None), out_axes=-1))(images, y, x)


def _batch_of(images: Any, data_format: Any, name: str) -> tuple[Any, bool, bool]:
    first = channel_axis(images, data_format, name) == -3
    single = images.ndim == 3
    images = images[None] if single else images
    return (jnp.moveaxis(images, 1, -1) if first else images), single, first


def _restored(images: Any, single: bool, first: bool) -> Any:
    images = jnp.moveaxis(images, -1, 1) if first else images
    return images[0] if single else images


def _projected(transforms: Any, height: int, width: int) -> tuple[Any, Any]:
    """Where the pixels of the result come from, as `affine_transform` explains it: y and x."""
    y, x = jnp.meshgrid(jnp.arange(height), jnp.arange(width), indexing="ij")
    a0, a1, a2, b0, b1, b2, c0, c1 = (transforms[:, i, None, None] for i in range(8))
    scale = c0 * x + c1 * y + 1
    return (b0 * x + b1 * y + b2) / scale, (a0 * x + a1 * y + a2) / scale


@op
def affine_transform(
    images: Any,
    transform: Any,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0,
    data_format: Any = None,
) -> Any:
    """Images under projective maps, each given by where the pixels of the result come from.

    Args:
        images: Tensor of shape `(height, width, channels)` or with a batch before, or channels first.
        transform: Tensor of shape `(8,)` or `(batch, 8)`: `a0, a1, a2, b0, b1, b2, c0, c1`. The pixel (x, y)
            is that of `((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k)` with `k = c0 x + c1 y + 1`.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_mode: What lies outside: `"constant"`, `"nearest"`, `"wrap"`, `"mirror"` or `"reflect"`.
        fill_value: The constant.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.

    Returns:
        A tensor of the same shape.

    Raises:
        ValueError: If an argument is wrong.

    Example:
        >>> import addax as keras
        >>> to_left = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0]
        >>> keras.ops.image.affine_transform([[[1.0], [2.0]]], to_left).numpy().ravel()
        array([2., 0.], dtype=float32)
    """
    images, transform = jnp.asarray(images), to_float(transform)
    order = _check(interpolation, fill_mode)
    batch, single, first = _batch_of(images, data_format, "affine_transform")
    if transform.ndim not in (1, 2) or transform.shape[-1] != 8:
        raise ValueError(
            message(
                "affine_transform(): wrong `transform`.",
                expected="shape (8,) or (batch, 8)",
                received=f"shape {tuple(transform.shape)}",
            )
        )
    transforms = jnp.broadcast_to(jnp.atleast_2d(transform), (batch.shape[0], 8))
    y, x = _projected(transforms, *batch.shape[1:3])
    return _restored(_sample(batch, y, x, order, fill_mode, fill_value), single, first)


def _homography(start: Any, end: Any) -> Any:
    """The eight numbers of the projective maps that take the corners `end` to the corners `start`."""
    x, y = end[..., 0], end[..., 1]
    zero, one = jnp.zeros_like(x), jnp.ones_like(x)
    u, v = start[..., 0], start[..., 1]
    rows_u = jnp.stack([x, y, one, zero, zero, zero, -u * x, -u * y], axis=-1)
    rows_v = jnp.stack([zero, zero, zero, x, y, one, -v * x, -v * y], axis=-1)
    matrix = jnp.concatenate([rows_u, rows_v], axis=-2)
    target = jnp.concatenate([u, v], axis=-1)
    return jnp.linalg.solve(matrix, target[..., None])[..., 0]


@op
def perspective_transform(
    images: Any,
    start_points: Any,
    end_points: Any,
    interpolation: str = "bilinear",
    fill_value: float = 0,
    data_format: Any = None,
) -> Any:
    """Images under the projective map that takes four points to four others.

    Args:
        images: Tensor of shape `(height, width, channels)` or with a batch before, or channels first.
        start_points: Tensor of shape `(4, 2)` or `(batch, 4, 2)`: points (x, y) of the images.
        end_points: Where these points go, of the same shape.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_value: What lies outside.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.

    Returns:
        A tensor of the same shape.

    Raises:
        ValueError: If an argument is wrong.

    Example:
        >>> import addax as keras
        >>> corners = keras.ops.convert_to_tensor([[0.0, 0.0], [3.0, 0.0], [0.0, 3.0], [3.0, 3.0]])
        >>> keras.ops.image.perspective_transform(keras.ops.ones((4, 4, 1)), corners, corners).shape
        TensorShape([4, 4, 1])
    """
    images, start, end = jnp.asarray(images), jnp.asarray(start_points), jnp.asarray(end_points)
    order = _check(interpolation, "constant")
    batch, single, first = _batch_of(images, data_format, "perspective_transform")
    if start.shape != end.shape or start.ndim not in (2, 3) or start.shape[-2:] != (4, 2):
        raise ValueError(
            message(
                "perspective_transform(): wrong points.",
                expected="start_points and end_points of shape (4, 2) or (batch, 4, 2)",
                received=f"shapes {tuple(start.shape)} and {tuple(end.shape)}",
            )
        )
    transforms = _homography(start.astype(jnp.float32), end.astype(jnp.float32))
    transforms = jnp.broadcast_to(jnp.atleast_2d(transforms), (batch.shape[0], 8))
    y, x = _projected(transforms, *batch.shape[1:3])
    return _restored(_sample(batch, y, x, order, "constant", fill_value), single, first)


@op
def homography(start: Any, end: Any) -> Any:
    """The eight numbers of the projective maps that take points `end` to `start`, each of shape (batch, 4, 2)."""
    return _homography(to_float(start), to_float(end))


@op(name="elastic_transform")
def elastic(
    images: Any,
    key: Any,
    alpha: Any,
    sigma: Any,
    side: int = 31,
    order: int = 1,
    fill_mode: str = "reflect",
    fill_value: float = 0.0,
    data_format: Any = None,
) -> Any:
    """Images under displacements of strength `alpha`, smoothed by a filter of `side` pixels."""
    images = jnp.asarray(images)
    batch, single, first = _batch_of(images, data_format, "elastic_transform")
    count, height, width, _ = batch.shape
    dtype = batch.dtype if jnp.issubdtype(batch.dtype, jnp.floating) else jnp.float32
    key = jax.random.wrap_key_data(jnp.asarray(key).astype(jnp.uint32), impl="threefry2x32")
    alpha, sigma = jnp.asarray(alpha, dtype), jnp.asarray(sigma, dtype)
    noise = jax.random.normal(key, (count, height, width, 2), dtype) * sigma
    shift = alpha * blur(noise, (side, side), (sigma, sigma))
    y, x = jnp.meshgrid(jnp.arange(height), jnp.arange(width), indexing="ij")
    out = _sample(batch, y + shift[..., 0], x + shift[..., 1], order, fill_mode, fill_value)
    return _restored(out.astype(images.dtype), single, first)


@composite
def elastic_transform(
    images: Any,
    alpha: float = 20.0,
    sigma: float = 5.0,
    interpolation: str = "bilinear",
    fill_mode: str = "reflect",
    fill_value: float = 0.0,
    seed: Any = None,
    data_format: Any = None,
) -> Any:
    """Images under smooth random displacements (Simard et al., 2003).

    Args:
        images: Tensor of shape `(height, width, channels)` or with a batch before, or channels first.
        alpha: How strong the displacements are.
        sigma: How smooth they are: the standard deviation of a Gaussian filter, in pixels.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_mode: What lies outside: `"constant"`, `"nearest"`, `"wrap"`, `"mirror"` or `"reflect"`.
        fill_value: The constant.
        seed: An integer, a `SeedGenerator`, or None for the global generator.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.

    Returns:
        A tensor of the same shape and dtype.

    Raises:
        ValueError: If an argument is wrong.

    Example:
        >>> import addax as keras
        >>> keras.ops.image.elastic_transform(keras.ops.ones((2, 8, 8, 3)), seed=0).shape
        TensorShape([2, 8, 8, 3])
    """
    order = _check(interpolation, fill_mode)
    return elastic(
        images,
        draw_seed(seed),
        float(alpha),
        float(sigma),
        side=int(6 * sigma) | 1,
        order=order,
        fill_mode=fill_mode,
        fill_value=fill_value,
        data_format=data_format,
    )
