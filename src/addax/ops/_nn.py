"""Everything of `ops.nn`: the ops that layers are made of."""

from __future__ import annotations

from addax.ops._nn_activation import *  # noqa: F403
from addax.ops._nn_activation import __all__ as _activation
from addax.ops._nn_conv import *  # noqa: F403
from addax.ops._nn_conv import __all__ as _conv
from addax.ops._nn_loss import *  # noqa: F403
from addax.ops._nn_loss import __all__ as _loss
from addax.ops._nn_norm import *  # noqa: F403
from addax.ops._nn_norm import __all__ as _norm
from addax.ops._nn_pool import *  # noqa: F403
from addax.ops._nn_pool import __all__ as _pool

__all__ = [*_activation, *_conv, *_loss, *_norm, *_pool]
