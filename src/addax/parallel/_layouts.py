"""Meshes of devices, and how the dimensions of arrays lie on their axes."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine import SymbolicTensor, Tensor, op
from addax.engine._jax import jax
from addax.engine._placement import placed
from addax.parallel._devices import device_of, list_devices


class DeviceMesh:
    """Devices in a grid whose axes have names.

    Args:
        shape: The sizes of the axes, such as `(8,)` or `(2, 4)`.
        axis_names: A name for each axis, such as `["batch", "model"]`.
        devices: Names of devices, as many as the grid has places; all of `list_devices()` if None.

    Raises:
        ValueError: If shape, names and devices do not fit each other.

    Source: `keras.distribution.DeviceMesh`.

    Example:
        >>> import addax as keras
        >>> keras.distribution.DeviceMesh((1,), ["batch"], ["cpu:0"])
        <DeviceMesh shape=(1,), axis_names=['batch']>
    """

    def __init__(self, shape: Sequence[int], axis_names: Sequence[str], devices: Any = None) -> None:
        if not shape or not axis_names or len(shape) != len(axis_names):
            raise ValueError(
                message(
                    "A mesh has a size and a name for each axis, and one axis at least.",
                    received=f"shape={shape}, axis_names={axis_names}",
                )
            )
        found = np.array(list_devices() if devices is None else devices)
        if int(np.prod(shape)) != found.size:
            raise ValueError(
                message(
                    "The mesh does not have a place for each device.",
                    expected=f"{int(np.prod(shape))} devices for shape {tuple(shape)}",
                    received=f"{found.size} devices: {found.ravel().tolist()}",
                    hint="Without a GPU, XLA_FLAGS=--xla_force_host_platform_device_count=4 makes four of the CPU."
                    if found.size == 1
                    else "Pass devices=[...], or another shape.",
                )
            )
        self._shape = shape
        self._axis_names = axis_names
        self._devices = found.reshape(tuple(shape))
        self._backend_mesh: Any = None

    @property
    def shape(self) -> Any:
        """The sizes of the axes, as they were given."""
        return self._shape

    @property
    def axis_names(self) -> Any:
        """The names of the axes, as they were given."""
        return self._axis_names

    @property
    def devices(self) -> np.ndarray:
        """The names of the devices, an array of the mesh's shape."""
        return self._devices

    @property
    def backend_mesh(self) -> Any:
        """The `jax.sharding.Mesh`."""
        if self._backend_mesh is None:
            devices = np.empty(self._devices.shape, object)
            devices.ravel()[:] = [device_of(name) for name in self._devices.ravel().tolist()]
            self._backend_mesh = jax.sharding.Mesh(devices, tuple(self._axis_names))
        return self._backend_mesh

    def __repr__(self) -> str:
        return f"<DeviceMesh shape={self.shape}, axis_names={self.axis_names}>"


class TensorLayout:
    """Which axis of a mesh each dimension of an array is cut along.

    Args:
        axes: For each dimension the name of an axis, or None for a dimension that lies whole on every device.
        device_mesh: The mesh; it may be set later, once.

    Raises:
        ValueError: If the mesh has no axis of a name.

    Source: `keras.distribution.TensorLayout`.

    Example:
        >>> import addax as keras
        >>> keras.distribution.TensorLayout((None, "model")).axes
        (None, 'model')
    """

    def __init__(self, axes: Sequence[str | None], device_mesh: DeviceMesh | None = None) -> None:
        self._axes = tuple(axes)
        self._device_mesh: DeviceMesh | None = None
        self._backend_layout: Any = None
        if device_mesh is not None:
            self.device_mesh = device_mesh

    @property
    def axes(self) -> tuple:
        """The names."""
        return self._axes

    @property
    def device_mesh(self) -> DeviceMesh | None:
        """The mesh; None until it is set."""
        return self._device_mesh

    @device_mesh.setter
    def device_mesh(self, device_mesh: DeviceMesh) -> None:
        if self._device_mesh is not None:
            raise ValueError(
                message(
                    "The layout has a mesh already.", received=device_mesh, expected=f"{self._device_mesh}"
                )
            )
        unknown = [axis for axis in self._axes if axis is not None and axis not in device_mesh.axis_names]
        if unknown:
            raise ValueError(
                message(
                    "The layout names axes that the mesh does not have.",
                    expected=f"None, or one of {list(device_mesh.axis_names)}",
                    received=unknown,
                )
            )
        self._device_mesh = device_mesh

    @property
    def backend_layout(self) -> Any:
        """The `jax.sharding.NamedSharding`.

        Raises:
            ValueError: If there is no mesh yet.
        """
        if self._backend_layout is None:
            if self._device_mesh is None:
                raise ValueError(message("The layout has no mesh.", hint="Pass device_mesh=, or set it."))
            spec = jax.sharding.PartitionSpec(*self._axes)
            self._backend_layout = jax.sharding.NamedSharding(self._device_mesh.backend_mesh, spec)
        return self._backend_layout

    def __repr__(self) -> str:
        return f"<TensorLayout axes={self.axes}, device_mesh={self.device_mesh}>"


class LayoutMap(MutableMapping):
    """Layouts by regular expressions of paths: of variables, or of a layer and `/output`.

    Looking a path up gives the layout under exactly this key, else that of the one pattern that matches all of the
    path, else None.

    Args:
        device_mesh: The mesh that layouts without one get.

    Raises:
        ValueError: When a path is looked up that several patterns match, or a key is set a second time.

    Source: `keras.distribution.LayoutMap`.

    Example:
        >>> import addax as keras
        >>> layouts = keras.distribution.LayoutMap(keras.distribution.DeviceMesh((1,), ["model"], ["cpu:0"]))
        >>> layouts[".*dense.*kernel"] = (None, "model")
        >>> layouts["sequential/dense_1/kernel"].axes, layouts["sequential/dense_1/bias"]
        ((None, 'model'), None)
    """

    def __init__(self, device_mesh: DeviceMesh | None = None) -> None:
        self._device_mesh = device_mesh
        self._layouts: dict[str, TensorLayout] = {}

    @property
    def device_mesh(self) -> Any:
        """The mesh."""
        return self._device_mesh

    def __getitem__(self, key: str) -> Any:
        if key in self._layouts:
            return self._layouts[key]
        matching = [pattern for pattern in self._layouts if re.fullmatch(pattern, key)]
        if len(matching) > 1:
            raise ValueError(
                message(
                    f"Several keys of the LayoutMap match path '{key}'.",
                    expected="one key",
                    received=matching,
                    hint="Make the patterns narrower.",
                )
            )
        return self._layouts[matching[0]] if matching else None

    def __setitem__(self, key: str, layout: Any) -> None:
        if key in self._layouts:
            raise ValueError(
                message(
                    f"The LayoutMap has key '{key}' already.",
                    received=layout,
                    expected=f"{self._layouts[key]}",
                )
            )
        if isinstance(layout, (tuple, list)):
            layout = TensorLayout(layout)
        if not isinstance(layout, TensorLayout):
            raise ValueError(
                message(
                    f"The layout of '{key}' is none.",
                    expected="a TensorLayout, or a tuple of names of axes and None",
                    received=layout,
                )
            )
        if layout.device_mesh is None and self._device_mesh is not None:
            layout.device_mesh = self._device_mesh
        self._layouts[key] = layout

    def __delitem__(self, key: str) -> None:
        del self._layouts[key]

    def __len__(self) -> int:
        return len(self._layouts)

    def __iter__(self) -> Iterator[str]:
        return iter(self._layouts)


@op(static=("layout",), name="distribute_tensor")
def _distribute(tensor: Any, layout: Any) -> Any:
    return placed(tensor, layout)


def distribute_tensor(tensor: Any, layout: Any) -> Any:
    """A tensor in another layout; its values stay the same.

    Args:
        tensor: A tensor, of any shape that the layout divides. A symbolic one comes back as it is.
        layout: A `TensorLayout` with a mesh, or a JAX sharding.

    Returns:
        The tensor, of the same shape and dtype; in compiled code, a wish to the compiler.

    Source: `keras.distribution.distribute_tensor`.

    Example:
        >>> import addax as keras
        >>> mesh = keras.distribution.DeviceMesh((1,), ["batch"], ["cpu:0"])
        >>> layout = keras.distribution.TensorLayout(("batch", None), mesh)
        >>> keras.distribution.distribute_tensor(keras.ops.ones((2, 3)), layout).shape
        TensorShape([2, 3])
    """
    if isinstance(tensor, SymbolicTensor):
        return tensor
    if isinstance(tensor, Tensor) and not isinstance(tensor._value, jax.core.Tracer):
        from addax.core import context

        if not context.current().tapes:  # a compiled call would decide by itself where its result lies
            return Tensor(placed(tensor._value, layout))
    if isinstance(tensor, np.ndarray):
        return Tensor(placed(tensor, layout))
    return _distribute(tensor, layout)
