"""`Config`: settings of an experiment, read and written as attributes."""

from __future__ import annotations

import json
from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import Any

from addax.core.errors import suggest


class Config:
    """Named values, as attributes and as items; frozen ones cannot be changed.

    Args:
        **kwargs: The values.

    Example:
        >>> config = Config(rate=0.1, units=8)
        >>> config.units = 16
        >>> config["units"], config.rate
        (16, 0.1)
    """

    def __init__(self, **kwargs: Any) -> None:
        object.__setattr__(self, "_config", kwargs)
        object.__setattr__(self, "_frozen", False)

    @property
    def frozen(self) -> bool:
        """Whether the values are fixed."""
        return self._frozen

    def freeze(self) -> None:
        """Make every change an error."""
        object.__setattr__(self, "_frozen", True)

    def unfreeze(self) -> None:
        """Allow changes again."""
        object.__setattr__(self, "_frozen", False)

    def _changed(self) -> dict[str, Any]:
        if self._frozen:
            raise ValueError("The config is frozen; call unfreeze() to change it.")
        return self._config

    def as_dict(self) -> dict[str, Any]:
        """The values as a dict of their own."""
        return dict(self._config)

    def to_json(self) -> str:
        """The values as JSON."""
        return json.dumps(self._config)

    def keys(self) -> KeysView:
        """The names."""
        return self._config.keys()

    def values(self) -> ValuesView:
        """The values."""
        return self._config.values()

    def items(self) -> ItemsView:
        """Pairs of name and value."""
        return self._config.items()

    def pop(self, *args: Any) -> Any:
        """Remove a value and give it.

        Args:
            *args: The name, and what to give if there is none.
        """
        return self._changed().pop(*args)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Set several values.

        Args:
            *args: A dict.
            **kwargs: Further values.
        """
        self._changed().update(*args, **kwargs)

    def get(self, keyname: str, value: Any = None) -> Any:
        """The value of a name.

        Args:
            keyname: The name.
            value: What to give if there is none.
        """
        return self._config.get(keyname, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(type(self), name):
            raise AttributeError(f"{name!r} is a method of Config; set it as an item: config[{name!r}] = ...")
        self._changed()[name] = value

    def __getattr__(self, name: str) -> Any:
        values = self.__dict__.get("_config", {})
        if name in values:
            return values[name]
        raise AttributeError(f"The config has no {name!r}. {suggest(name, values)}".strip())

    def __setitem__(self, key: str, item: Any) -> None:
        self._changed()[key] = item

    def __getitem__(self, key: str) -> Any:
        return self._config[key]

    def __delitem__(self, key: str) -> None:
        del self._changed()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._config))

    def __len__(self) -> int:
        return len(self._config)

    def __contains__(self, item: object) -> bool:
        return item in self._config

    def __repr__(self) -> str:
        return f"<Config {self._config}>"
