"""LoRA: a frozen weight plus the product of two small ones, which are trained (Hu et al., 2021)."""

from __future__ import annotations

from typing import Any

from addax import initializers, ops
from addax.core.errors import message
from addax.layers._arguments import positive_int
from addax.layers._layer import Layer


class AdaptedWeight:
    """The attribute of a weight that `enable_lora` may add to."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, layer: Any, owner: Any = None) -> Any:
        if layer is None:
            return self
        weight = layer.__dict__.get("_" + self.name)
        if weight is None and getattr(layer, "_storage", None) is None:
            raise AttributeError(f"Layer '{layer.name}' has no '{self.name}' before it is built.")
        return layer._shown_weight(weight)

    def __set__(self, layer: Any, value: Any) -> None:
        layer.__dict__["_" + self.name] = value


class LowRankLayer(Layer):
    """A layer whose main weight can be adapted by two matrices of low rank. Subclasses name the weight.

    The attribute of that name gives the sum; with an underscore in front, the frozen weight.
    """

    _adapted = "kernel"
    lora_enabled = False
    lora_rank: int | None = None
    lora_alpha: float | None = None

    def _take_lora(self, rank: Any, alpha: Any) -> None:
        """Keep the constructor's arguments; `_finish_build` uses them."""
        self.lora_rank = None if rank is None else positive_int(rank, "lora_rank", type(self).__name__)
        self.lora_alpha = self.lora_rank if alpha is None else alpha

    def _finish_build(self) -> None:
        if self.lora_rank is not None:
            self.built = True
            self.enable_lora(self.lora_rank, lora_alpha=self.lora_alpha)

    def enable_lora(
        self,
        rank: int,
        lora_alpha: float | None = None,
        a_initializer: Any = "he_uniform",
        b_initializer: Any = "zeros",
    ) -> None:
        """Freeze the weight, and train a product `a @ b * lora_alpha / rank` that is added to it.

        Args:
            rank: The size of the axis that `a` and `b` share.
            lora_alpha: Strength of the product; `rank` if None.
            a_initializer: Initializer of `a`, which has the shape of the weight but for its last axis.
            b_initializer: Initializer of `b`, of shape `(rank, last axis of the weight)`.

        Raises:
            ValueError: If the layer is not built, has a constraint on the weight, is adapted already, or is
                quantized by GPTQ or AWQ.
        """
        name = self._adapted
        problem = self._lora_problem()
        if problem:
            raise ValueError(message(problem, where=self.path))
        rank = positive_int(rank, "rank", self.path)
        weight = getattr(self, name)
        pieces = (
            ("a", (*weight.shape[:-1], rank), a_initializer),
            ("b", (rank, weight.shape[-1]), b_initializer),
        )
        for letter, shape, initializer in pieces:
            variable = self.add_weight(
                name=f"lora_{name}_{letter}",
                shape=shape,
                initializer=initializers.get(initializer),
                regularizer=getattr(self, f"{name}_regularizer"),
            )
            setattr(self, f"lora_{name}_{letter}", variable)
        self.__dict__["_" + name].trainable = False
        self.lora_enabled = True
        self.lora_rank, self.lora_alpha = rank, rank if lora_alpha is None else lora_alpha

    def _lora_problem(self) -> str | None:
        """Why the layer cannot be adapted now; None if it can."""
        if getattr(self, f"{self._adapted}_constraint") is not None:
            return "LoRA does not go with a constraint, which the sum would not keep."
        if not self.built:
            return "LoRA cannot be enabled before the layer is built."
        return "LoRA is enabled already." if self.lora_enabled else None

    def _lora_pair(self) -> tuple[Any, Any]:
        return getattr(self, f"lora_{self._adapted}_a"), getattr(self, f"lora_{self._adapted}_b")

    def _lora_strength(self) -> float:
        return self.lora_alpha / self.lora_rank  # type: ignore[operator]

    def _with_lora(self, weight: Any) -> Any:
        a, b = self._lora_pair()
        return weight + ops.matmul(a, b) * self._lora_strength()

    def _shown_weight(self, variable: Any) -> Any:
        """What the attribute of the weight gives."""
        return self._with_lora(variable) if self.lora_enabled else variable

    def save_own_variables(self, store: Any) -> None:
        """As any layer, with the product already added to the weight."""
        if not self.lora_enabled:
            return super().save_own_variables(store)
        for i, variable in enumerate(self._frozen_variables()):
            frozen = variable is self.__dict__["_" + self._adapted]
            store[str(i)] = self._with_lora(variable) if frozen else variable

    def load_own_variables(self, store: Any) -> None:
        """As any layer; the product starts from zero again."""
        if not self.lora_enabled:
            return super().load_own_variables(store)
        self._assign(self._frozen_variables(), store)

    def _assign(self, variables: list, store: Any) -> None:
        if len(store.keys()) != len(variables):
            raise ValueError(
                message(
                    f"Layer '{self.name}' has another number of variables than the file.",
                    expected=f"{len(variables)} variables",
                    received=f"{len(store.keys())} variables in the file",
                )
            )
        for i, variable in enumerate(variables):
            variable.assign(store[str(i)])
        for variable in self._lora_pair() if self.lora_enabled else ():
            variable.assign(ops.zeros_like(variable))

    def _frozen_variables(self) -> list:
        added = set(map(id, self._lora_pair()))
        return [v for v in self._own_variables() if id(v) not in added]
