"""`range` and `tf.range` over traced bounds: something to loop over, but no tensor, since its length is unknown."""

from __future__ import annotations

from typing import Any

from addax.core.errors import message
from addax.engine._errors import ShapeNeedsValue, UnknownValue
from addax.engine._jax import jnp
from addax.engine._tensor import Tensor
from addax.engine._variable import Variable


class DynamicRange:
    """The numbers from `start` up to `limit` (exclusive) by steps of `delta`, of which some is a traced scalar."""

    def __init__(self, start: Any, limit: Any, delta: Any, dtype: Any = None) -> None:
        raws = [_raw(x) for x in (start, limit, delta)]
        dtype = dtype or jnp.result_type(*[r for r in raws if hasattr(r, "dtype")])
        self._start, self._limit, self._delta = (jnp.asarray(r, dtype) for r in raws)

    def count(self) -> Tensor:
        """How many numbers there are."""
        span = (self._limit - self._start) / self._delta
        return Tensor(jnp.maximum(jnp.ceil(span), 0).astype(jnp.int32))

    def item(self, i: Any) -> Tensor:
        """The i-th number."""
        return Tensor(self._start + _raw(i).astype(self._start.dtype) * self._delta)

    def __iter__(self) -> Any:
        raise UnknownValue(self._limit, "iter")

    def __addax_tensor__(self) -> Any:
        raise self._refuse()

    @property
    def shape(self) -> Any:
        """Never known."""
        raise self._refuse()

    def __len__(self) -> int:
        raise self._refuse()

    def __getitem__(self, key: Any) -> Any:
        raise self._refuse()

    def _refuse(self) -> ShapeNeedsValue:
        return ShapeNeedsValue(
            message(
                "The length of this range is a value that is computed inside the compiled function.",
                hint="Loop over it, or take its length from x.shape.",
            )
        )


def _raw(value: Any) -> Any:
    return (
        value._value if isinstance(value, Tensor) else value._raw() if isinstance(value, Variable) else value
    )
