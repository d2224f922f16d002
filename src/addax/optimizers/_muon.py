"""Muon: momentum made orthogonal, for matrices; AdamW for the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Unpack

from addax.core import config
from addax.engine._jax import jnp
from addax.optimizers._adam import moments, unbiased_rate
from addax.optimizers._optimizer import Optimizer
from addax.optimizers._slots import Slot
from addax.optimizers._state import LearningRate, SharedOptions


def orthogonalized(x: Any, steps: int, a: float, b: float, c: float) -> Any:
    """A matrix with the same singular vectors and singular values near 1, by Newton and Schulz's iteration.

    Args:
        x: Shape (n, m).
        steps: Iterations.
        a: Coefficient of the linear term.
        b: Coefficient of the cubic term.
        c: Coefficient of the quintic term.
    """
    tall = x.shape[-2] > x.shape[-1]
    x = jnp.swapaxes(x, -1, -2) if tall else x
    x = x / (jnp.linalg.norm(x, axis=(-2, -1), keepdims=True) + 1e-7)
    for _ in range(steps):
        square = x @ jnp.swapaxes(x, -1, -2)
        x = a * x + (b * square + c * square @ square) @ x
    return jnp.swapaxes(x, -1, -2) if tall else x


class Muon(Optimizer):
    """Muon (Jordan et al., 2024; Liu et al., 2025): for hidden matrices; everything else follows AdamW.

    Embeddings and the output layer should not follow Muon: name the latter in `exclude_layers`.

    Args:
        learning_rate: A number, a `LearningRateSchedule`, or a callable without arguments.
        adam_beta_1: AdamW's `beta_1`.
        adam_beta_2: AdamW's `beta_2`.
        adam_weight_decay: Weight decay of the variables that follow AdamW, or None.
        epsilon: AdamW's epsilon; None for `keras.config.epsilon()`.
        weight_decay: Weight decay of the variables that follow Muon, or None.
        exclude_layers: Regular expressions; variables with a match in their path follow AdamW.
        exclude_embeddings: Whether variables with "embedding" in their path follow AdamW.
        muon_a: Coefficient of the linear term of the iteration.
        muon_b: Coefficient of the cubic term.
        muon_c: Coefficient of the quintic term.
        adam_lr_ratio: AdamW's learning rate over Muon's.
        momentum: What the momentum keeps of itself.
        ns_steps: Iterations that make the momentum orthogonal.
        nesterov: Whether the momentum looks one step ahead.
        rms_rate: Steps are scaled by this times `sqrt(max(n, m))`, so that AdamW's rates fit; None for not.
        **options: The arguments of `Optimizer`.

    Example:
        >>> import addax as keras
        >>> kernel = keras.Variable([[1.0, 0.0], [0.0, 1.0]], name="kernel")
        >>> optimizer = keras.optimizers.Muon(0.1)
        >>> optimizer.apply([kernel.value], [kernel])
        >>> [v.name for v in optimizer.variables[2:]]
        ['kernel_momentum']
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float | None = 1e-7,
        weight_decay: float | None = 0.004,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.7750,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
        **options: Unpack[SharedOptions],
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay, **options)
        self.adam_beta_1 = adam_beta_1
        self.adam_beta_2 = adam_beta_2
        self.adam_weight_decay = adam_weight_decay
        self.epsilon = config.epsilon() if epsilon is None else epsilon
        self.exclude_layers = list(exclude_layers or [])
        self.exclude_embeddings = exclude_embeddings
        self.muon_a = muon_a
        self.muon_b = muon_b
        self.muon_c = muon_c
        self.adam_lr_ratio = adam_lr_ratio
        self.momentum = momentum
        self.ns_steps = ns_steps
        self.nesterov = nesterov
        self.rms_rate = rms_rate

    def _follows_adam(self, variable: Any) -> bool:
        path = variable.path
        if len(variable.shape) != 2 or (self.exclude_embeddings and "embedding" in path.lower()):
            return True
        return any(re.search(pattern, path) for pattern in self.exclude_layers)

    def _decay_of(self, variable: Any) -> float | None:
        if not self._use_weight_decay(variable):
            return None
        return self.adam_weight_decay if self._follows_adam(variable) else self.weight_decay

    def slots(self, variable: Any) -> list[Slot]:
        """The momentum; AdamW's mean square too, for variables that follow it."""
        return [Slot("momentum"), *([Slot("velocity")] if self._follows_adam(variable) else [])]

    def apply_one(
        self, grad: Any, param: Any, slots: dict[str, Any], step: Any, lr: Any
    ) -> tuple[Any, dict[str, Any]]:
        """One step of AdamW, or one along the orthogonal matrix nearest to the momentum."""
        if "velocity" in slots:
            m, v = moments(grad, slots, self.adam_beta_1, self.adam_beta_2)
            alpha = unbiased_rate(lr * self.adam_lr_ratio, step, self.adam_beta_1, self.adam_beta_2)
            return param - m * alpha / (jnp.sqrt(v) + self.epsilon), {"momentum": m, "velocity": v}
        m = slots["momentum"] * self.momentum + grad
        ahead = grad + self.momentum * m if self.nesterov else m
        change = lr * orthogonalized(ahead, self.ns_steps, self.muon_a, self.muon_b, self.muon_c)
        if self.rms_rate is not None:
            change = change * (max(param.shape) ** 0.5 * self.rms_rate)
        return param - change, {"momentum": m}
