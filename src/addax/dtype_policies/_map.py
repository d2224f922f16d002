"""`DTypePolicyMap`: policies for the layers of a model, by path."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from typing import Any

from addax.core import serial
from addax.core.errors import message
from addax.dtype_policies._policy import DTypePolicy


class DTypePolicyMap(DTypePolicy, MutableMapping):
    """A dictionary from layer paths (or patterns of them) to policies.

    Args:
        default_policy: The policy of paths that are not in the map; the global policy if None.
        policy_map: Path or regular expression -> policy.

    Raises:
        ValueError: If the default policy is a map.
        TypeError: If `policy_map` is not a dict.

    Example:
        >>> import addax as keras
        >>> policies = keras.dtype_policies.DTypePolicyMap("float32")
        >>> policies["block_.*/dense"] = keras.DTypePolicy("mixed_bfloat16")
        >>> policies["block_1/dense"].name, policies["head"].name
        ('mixed_bfloat16', 'float32')
    """

    def __init__(self, default_policy: Any = None, policy_map: dict | None = None) -> None:
        if isinstance(default_policy, DTypePolicyMap):
            raise ValueError("`default_policy` cannot be a `DTypePolicyMap`.")
        if policy_map is not None and not isinstance(policy_map, dict):
            raise TypeError(message("`policy_map` must be a dict.", received=policy_map))
        self._default_policy_arg = default_policy
        self._policy_map: dict[str, DTypePolicy] = dict(policy_map or {})
        self.default_policy  # noqa: B018 - a wrong default is reported here, not when a layer is made

    @property
    def default_policy(self) -> DTypePolicy:
        """The policy of paths that are not in the map."""
        from addax.dtype_policies._lookup import get

        return get(self._default_policy_arg)

    @property
    def name(self) -> str:
        """The name, made of the default policy's."""
        return f"map_{self.default_policy.name}"

    @property
    def variable_dtype(self) -> str:
        """The variable dtype of the default policy."""
        return self.default_policy.variable_dtype

    @property
    def compute_dtype(self) -> str:
        """The compute dtype of the default policy."""
        return self.default_policy.compute_dtype

    @property
    def quantization_mode(self) -> str | None:
        """The quantization mode of the default policy."""
        return self.default_policy.quantization_mode

    def __getitem__(self, key: str) -> DTypePolicy:
        if key in self._policy_map:
            return self._policy_map[key]
        matching = [pattern for pattern in self._policy_map if re.fullmatch(pattern, key)]
        if len(matching) > 1:
            raise ValueError(
                message(
                    f"Path '{key}' matches multiple dtype policy specification keys.",
                    expected="one key at most",
                    received=", ".join(matching),
                )
            )
        return self._policy_map[matching[0]] if matching else self.default_policy

    def __setitem__(self, key: str, policy: Any) -> None:
        from addax.dtype_policies._lookup import get

        if key in self._policy_map:
            raise ValueError(f"{key} is already in the DTypePolicyMap, with {self._policy_map[key]}.")
        self._policy_map[key] = get(policy)

    def __delitem__(self, key: str) -> None:
        del self._policy_map[key]

    def __contains__(self, key: object) -> bool:
        return key in self._policy_map

    def __len__(self) -> int:
        return len(self._policy_map)

    def __iter__(self) -> Iterator[str]:
        return iter(self._policy_map)

    def __eq__(self, other: Any) -> bool:
        return (
            type(other) is DTypePolicyMap
            and self.default_policy == other.default_policy
            and self._policy_map == other._policy_map
        )

    __hash__ = object.__hash__

    def get_config(self) -> dict[str, Any]:
        """The default policy and the map, as plain data."""
        return {
            "default_policy": serial.serialize(self._default_policy_arg),
            "policy_map": serial.serialize(self._policy_map),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Make a map from what `get_config` gave."""
        return cls(
            serial.deserialize(config.get("default_policy"), custom_objects),
            serial.deserialize(config.get("policy_map"), custom_objects),
        )

    def __repr__(self) -> str:
        mapping = [(key, policy.name) for key, policy in self._policy_map.items()]
        return f"<DTypePolicyMap default_policy={self.default_policy.name}, mapping={mapping}>"
