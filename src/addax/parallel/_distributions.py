"""Distributions: how variables and batches lie on a mesh. The engine knows them as placements."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from addax.core import context
from addax.core.errors import message
from addax.engine import _placement
from addax.engine._jax import jax
from addax.parallel._devices import list_devices
from addax.parallel._layouts import DeviceMesh, LayoutMap, TensorLayout

_BATCH = "batch"


class Distribution:
    """How variables and batches are laid out on a mesh; the base of `DataParallel` and `ModelParallel`.

    All devices compute one program together, so that results are those of one device, whatever the layouts are. A
    batch that the devices cannot share evenly is computed by each of them.

    Args:
        device_mesh: The mesh.
        batch_dim_name: The axis of the mesh that batches are cut along.
        auto_shard_dataset: Whether each of several processes takes its part of a `Dataset` by itself.

    Source: `keras.distribution`.
    """

    replicas = 0

    def __init__(
        self, device_mesh: DeviceMesh, batch_dim_name: str | None = None, auto_shard_dataset: bool = True
    ) -> None:
        self._device_mesh = device_mesh
        self._batch_dim_name = batch_dim_name
        self._auto_shard_dataset = auto_shard_dataset

    @property
    def device_mesh(self) -> DeviceMesh:
        """The mesh."""
        return self._device_mesh

    @property
    def batch_dim_name(self) -> Any:
        """The axis of the mesh that batches are cut along."""
        return self._batch_dim_name

    @property
    def axis(self) -> str:
        """The same, as the engine calls it."""
        return self._batch_dim_name or self._device_mesh.axis_names[0]

    @property
    def auto_shard_dataset(self) -> bool:
        """Whether each of several processes takes its part of a `Dataset` by itself."""
        return self._auto_shard_dataset

    @auto_shard_dataset.setter
    def auto_shard_dataset(self, auto_shard_dataset: bool) -> None:
        self._auto_shard_dataset = auto_shard_dataset

    @property
    def num_processes(self) -> int:
        """The number of processes that `initialize` brought together."""
        return jax.process_count()

    @property
    def num_model_replicas(self) -> int:
        """The number of parts that a batch is cut into."""
        return self._device_mesh.devices.shape[list(self._device_mesh.axis_names).index(self.axis)]

    @property
    def data_shard_id(self) -> int:
        """Which part of the data this process reads."""
        return jax.process_index() // max(1, self.num_processes // self.num_model_replicas)

    def get_data_layout(self, data_shape: Any) -> TensorLayout:
        """The layout of an array of data: cut along the batch.

        Args:
            data_shape: Its shape.
        """
        return TensorLayout([self.axis, *[None] * (len(data_shape) - 1)], self._device_mesh)

    def get_variable_layout(self, variable: Any) -> Any:
        """The layout of a variable: the one it was given, else whole on every device.

        Args:
            variable: The variable; its path and shape are known.
        """
        given = getattr(variable, "_layout", None)
        return given if given is not None else TensorLayout([None] * len(variable.shape), self._device_mesh)

    def get_tensor_layout(self, path: str) -> Any:
        """The layout of a layer's output; None to leave it to the compiler.

        Args:
            path: The path of the layer and `/output`.
        """
        return None

    def batch_sharding(self, shape: tuple[int, ...], stacked: bool = False) -> Any:
        """The JAX sharding of a batch, or of batches on top of each other; whole where the parts are uneven.

        Args:
            stacked: Whether the second axis is the batch, rather than the first.
            shape: The shape.
        """
        at = int(stacked)
        if len(shape) <= at or shape[at] % self.num_model_replicas:
            return TensorLayout([], self._device_mesh).backend_layout
        return TensorLayout([*[None] * at, self.axis], self._device_mesh).backend_layout

    @contextlib.contextmanager
    def scope(self) -> Iterator[Distribution]:
        """A `with` block in which this distribution is in force."""
        with context.entered(mesh=self):
            yield self

    def distribute_dataset(self, dataset: Any) -> Any:
        """The part of a dataset that this process reads: all of it, if it is the only one.

        Args:
            dataset: A batched `Dataset`; its batches are those of all processes together.

        Raises:
            ValueError: If there are several processes, and it is no `Dataset` that can be cut.
        """
        parts = min(self.num_processes, self.num_model_replicas)
        if parts == 1 or not self._auto_shard_dataset:
            return dataset
        if not hasattr(dataset, "unbatch"):
            raise ValueError(
                message(
                    "This data cannot be cut for several processes.",
                    expected="a batched tf.data.Dataset",
                    received=type(dataset).__name__,
                    hint="Let each process read its own part, and pass auto_shard_dataset=False.",
                )
            )
        return dataset.map(lambda *batch: _part_of(batch, parts, self.data_shard_id))

    def __deepcopy__(self, memo: dict) -> Distribution:
        return self  # devices cannot be copied, and a copy of a model is trained where the model is

    def __repr__(self) -> str:
        return f"<{type(self).__name__} device_mesh={self.device_mesh}>"


def _part_of(batch: tuple, parts: int, which: int) -> Any:
    from addax.core import tree

    def cut(x: Any) -> Any:
        rows = x.shape[0]
        if rows % parts:
            raise ValueError(
                message(
                    "A batch cannot be shared evenly among the processes.",
                    expected=f"a batch size that {parts} divides",
                    received=f"{rows}",
                )
            )
        return x[which * (rows // parts) : (which + 1) * (rows // parts)]

    found = tree.map_structure(cut, batch)
    return found if len(found) > 1 else found[0]


class DataParallel(Distribution):
    """Each device has all variables and computes a part of each batch.

    Args:
        device_mesh: A mesh of one axis; if it has more, batches are cut along the first.
        devices: Names of devices, in place of a mesh.
        auto_shard_dataset: Whether each of several processes takes its part of a `Dataset` by itself.

    Raises:
        ValueError: If `device_mesh` is no `DeviceMesh`.

    Source: `keras.distribution.DataParallel`.

    Example:
        >>> import addax as keras
        >>> data_parallel = keras.distribution.DataParallel(devices=["cpu:0"])
        >>> with data_parallel.scope():
        ...     kernel = keras.layers.Dense(2).build((None, 3))
        >>> data_parallel
        <DataParallel device_mesh=<DeviceMesh shape=(1,), axis_names=['batch']>>
    """

    def __init__(
        self, device_mesh: DeviceMesh | None = None, devices: Any = None, auto_shard_dataset: bool = True
    ) -> None:
        if device_mesh is None:
            names = np.array(devices if devices is not None else list_devices())
            device_mesh = DeviceMesh(names.shape, [_BATCH], names)
        elif not isinstance(device_mesh, DeviceMesh):
            raise ValueError(
                message("Argument `device_mesh` is wrong.", expected="a DeviceMesh", received=device_mesh)
            )
        elif device_mesh.devices.ndim != 1:
            warnings.warn(
                f"DataParallel cuts batches along the first axis of the mesh only; the mesh is {device_mesh}.",
                stacklevel=2,
            )
        super().__init__(device_mesh, device_mesh.axis_names[0], auto_shard_dataset)


class ModelParallel(Distribution):
    """Variables are cut as a `LayoutMap` says, batches along one axis of the mesh.

    Args:
        layout_map: The layouts of variables by path, and of layers' outputs by path and `/output`.
        batch_dim_name: The axis that batches are cut along; the first one of the mesh if None.
        auto_shard_dataset: Whether each of several processes takes its part of a `Dataset` by itself.
        **kwargs: `device_mesh`, which is that of the map.

    Raises:
        ValueError: If there is no `LayoutMap`, or its mesh has no axis of this name.

    Source: `keras.distribution.ModelParallel`.

    Example:
        >>> import addax as keras
        >>> mesh = keras.distribution.DeviceMesh((1, 1), ["batch", "model"], ["cpu:0"])
        >>> layouts = keras.distribution.LayoutMap(mesh)
        >>> layouts[".*kernel"] = (None, "model")
        >>> with keras.distribution.ModelParallel(layout_map=layouts).scope():
        ...     layer = keras.layers.Dense(4)
        ...     layer(keras.ops.ones((2, 3))).shape
        TensorShape([2, 4])
    """

    def __init__(
        self,
        *,
        layout_map: LayoutMap | None = None,
        batch_dim_name: str | None = None,
        auto_shard_dataset: bool = True,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("device_mesh", None)
        if kwargs:
            raise TypeError(f"ModelParallel() got unexpected keyword arguments {sorted(kwargs)}.")
        if not isinstance(layout_map, LayoutMap) or layout_map.device_mesh is None:
            raise ValueError(
                message(
                    "ModelParallel needs to know how variables lie.",
                    expected="layout_map=LayoutMap(device_mesh)",
                    received=layout_map,
                )
            )
        names = list(layout_map.device_mesh.axis_names)
        if batch_dim_name is not None and batch_dim_name not in names:
            raise ValueError(
                message(
                    "Argument `batch_dim_name` is wrong.", expected=f"one of {names}", received=batch_dim_name
                )
            )
        super().__init__(layout_map.device_mesh, batch_dim_name or names[0], auto_shard_dataset)
        self._layout_map = layout_map

    def get_variable_layout(self, variable: Any) -> Any:
        """The layout of a variable: the one it was given, else the map's, else whole on every device."""
        found = None if getattr(variable, "_layout", None) is not None else self._layout_map[variable.path]
        return found if found is not None else super().get_variable_layout(variable)

    def get_tensor_layout(self, path: str) -> Any:
        """The layout that the map has for a layer's output, or None."""
        return self._layout_map[path]


def distribution() -> Any:
    """The distribution in force, None without one.

    Source: `keras.distribution.distribution`.

    Example:
        >>> import addax as keras
        >>> with keras.distribution.DataParallel(devices=["cpu:0"]).scope() as mine:
        ...     keras.distribution.distribution() is mine
        True
    """
    found = _placement.in_force()
    return found if isinstance(found, Distribution) and not found.replicas else None


def set_distribution(value: Distribution | None) -> None:
    """Put a distribution in force for the process; call it before models are made.

    Args:
        value: The distribution; None ends that of before.

    Raises:
        ValueError: If it is none.

    Source: `keras.distribution.set_distribution`.

    Example:
        >>> import addax as keras
        >>> keras.distribution.set_distribution(None)
    """
    if value is not None and not isinstance(value, Distribution):
        raise ValueError(
            message("That is no distribution.", expected="a DataParallel or a ModelParallel", received=value)
        )
    _placement.set_placement(value)
