"""`Options`: the switches of TensorFlow's pipelines. They are kept and shown; ours need no tuning."""

from __future__ import annotations

import enum
from typing import Any

from addax.core.errors import message, suggest
from addax.data._node import Cursor, Node, Positional


class AutoShardPolicy(enum.IntEnum):
    """How a dataset is shared out among workers."""

    OFF = -1
    AUTO = 0
    FILE = 1
    DATA = 2
    HINT = 3


class ExternalStatePolicy(enum.Enum):
    """What happens when a pipeline depends on state outside of it."""

    WARN = 0
    IGNORE = 1
    FAIL = 2


class AutotuneAlgorithm(enum.Enum):
    """How TensorFlow chooses degrees of parallelism."""

    DEFAULT = 0
    HILL_CLIMB = 1
    GRADIENT_DESCENT = 2
    MAX_PARALLELISM = 3
    STAGE_BASED = 4


class _Group:
    """Settings with fixed names, None where nothing was chosen."""

    _defaults: dict[str, Any] = {}

    def __init__(self) -> None:
        for name, value in self._defaults.items():
            object.__setattr__(
                self, name, value() if isinstance(value, type) and issubclass(value, _Group) else value
            )

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self._defaults:
            kind = type(self).__name__
            raise AttributeError(
                message(
                    f"{kind} has no setting {name!r}.",
                    hint=suggest(name, self._defaults) or f"The settings are {', '.join(self._defaults)}.",
                )
            )
        object.__setattr__(self, name, value)

    def __eq__(self, other: Any) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(type(self))

    def _merged(self, other: _Group) -> Any:
        new = type(self)()
        for name, default in new.__dict__.items():
            mine, theirs = getattr(self, name), getattr(other, name)
            if isinstance(default, _Group):
                object.__setattr__(new, name, mine._merged(theirs))
            else:
                object.__setattr__(new, name, mine if theirs == default else theirs)
        return new


class AutotuneOptions(_Group):
    """Settings of `Options.autotune`."""

    _defaults = dict.fromkeys(
        (
            "enabled",
            "cpu_budget",
            "ram_budget",
            "autotune_algorithm",
            "initial_parallelism",
            "min_parallelism",
        )
    )


class DistributeOptions(_Group):
    """Settings of `Options.experimental_distribute`."""

    _defaults = {"auto_shard_policy": AutoShardPolicy.AUTO, "num_devices": None}


class OptimizationOptions(_Group):
    """Settings of `Options.experimental_optimization`."""

    _defaults = dict.fromkeys(
        (
            "apply_default_optimizations",
            "filter_fusion",
            "filter_parallelization",
            "inject_prefetch",
            "map_and_batch_fusion",
            "map_and_filter_fusion",
            "map_fusion",
            "map_parallelization",
            "noop_elimination",
            "parallel_batch",
            "seq_interleave_prefetch",
            "shuffle_and_repeat_fusion",
        )
    )


class ServiceOptions(_Group):
    """Settings of `Options.experimental_service`."""

    _defaults = {"pinned": None}


class ThreadingOptions(_Group):
    """Settings of `Options.threading`."""

    _defaults = {"max_intra_op_parallelism": None, "private_threadpool_size": None}


class Options(_Group):
    """Switches for `Dataset.with_options`, by TensorFlow's names.

    Example:
        >>> options = Options()
        >>> options.deterministic = False
        >>> options.threading.private_threadpool_size = 4
    """

    _defaults = {
        "autotune": AutotuneOptions,
        "dataset_name": None,
        "deterministic": None,
        "experimental_distribute": DistributeOptions,
        "experimental_external_state_policy": None,
        "experimental_optimization": OptimizationOptions,
        "experimental_service": ServiceOptions,
        "experimental_slack": None,
        "experimental_symbolic_checkpoint": None,
        "experimental_warm_start": None,
        "framework_type": None,
        "threading": ThreadingOptions,
    }

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__({"experimental_deterministic": "deterministic"}.get(name, name), value)

    @property
    def experimental_deterministic(self) -> bool | None:
        """The older name of `deterministic`."""
        return self.__dict__["deterministic"]

    @property
    def experimental_threading(self) -> ThreadingOptions:
        """The older name of `threading`."""
        return self.__dict__["threading"]

    def merge(self, options: Options) -> Options:
        """These options, with what `options` chooses in place of them."""
        return self._merged(options)


class OptionsNode(Positional):
    """The input, with options that `options_of` finds."""

    label = "Options"

    def __init__(self, node: Node, options: Options) -> None:
        self.inputs = (node,)
        self.options = options

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return self.input.start()


def options_of(node: Node) -> Options:
    """The options in force at a node: its own, over those of its inputs."""
    options = Options()
    for source in node.inputs:
        options = options.merge(options_of(source))
    return options.merge(node.options) if isinstance(node, OptionsNode) else options
