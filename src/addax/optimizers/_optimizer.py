"""The base of all optimizers: what happens to every gradient and variable, in one compiled call."""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterable, Sequence
from typing import Any

from addax.core import config as settings
from addax.core import context, tree
from addax.core.errors import message
from addax.engine import Compiled, GradientTape, Tensor, Variable, _jax, _replicas, pure, raw_of
from addax.engine._jax import jax, jnp
from addax.optimizers._gradients import clip_by_global_norm, clip_by_norm, clip_by_value, run_either
from addax.optimizers._pairs import check_known, check_shapes, no_variables, paths, without_missing
from addax.optimizers._slots import Slot, slot_variable
from addax.optimizers._state import OptimizerState


class Optimizer(OptimizerState):
    """The base of optimizers.

    A subclass says in `slots` what it keeps for each variable, and in `apply_one` how one variable changes;
    both are pure. Or it follows Keras: `build` makes variables with `add_variable_from_reference`, and
    `update_step(gradient, variable, learning_rate)` assigns to them. Everything else is done here, once:
    clipping, weight decay, accumulation, loss scaling, averaging, constraints.

    Outside of compiled code, `apply` runs the update of all variables as one compiled call.

    Args:
        learning_rate: A number, a `LearningRateSchedule`, or a callable without arguments.
        weight_decay: Before each update, variables lose this fraction of themselves, times the learning rate.
        clipnorm: Each gradient is scaled down to this L2 norm at most.
        clipvalue: Each element of a gradient is clipped to [-clipvalue, clipvalue].
        global_clipnorm: All gradients together are scaled down to this L2 norm at most.
        use_ema: Whether moving averages of the variables are kept; `fit` puts them in place at its end.
        ema_momentum: What the averages keep of themselves at each step, in [0, 1].
        ema_overwrite_frequency: Variables are replaced by their averages every so many updates, if given.
        loss_scale_factor: `scale_loss` multiplies by it, and gradients are divided by it.
        gradient_accumulation_steps: The mean gradient of so many calls makes one update, if given.
        name: The name, which also begins the paths of the variables; one is made from the class if None.
        **kwargs: Spellings of Keras 2: `lr` for `learning_rate`, and `decay`, which divides the learning rate
            by `1 + decay * iterations`.

    Raises:
        ValueError: If an argument is unknown or out of range, or two kinds of clipping are asked for.

    Example:
        >>> import addax as keras
        >>> class Descent(keras.optimizers.Optimizer):
        ...     def apply_one(self, grad, param, slots, step, lr):
        ...         return param - lr * grad, {}
        >>> v = keras.Variable([1.0, 2.0])
        >>> Descent(0.5).apply([keras.ops.ones(2)], [v])
        >>> v.numpy()
        array([0.5, 1.5], dtype=float32)
    """

    _slots: list[dict[str, Variable]]
    _shared: dict[str, Variable]
    _traced_once: Any = None  # `apply_one`, while variables are updated in a trace
    _excluded: frozenset[Variable] = frozenset()
    _excluded_names: re.Pattern[str] | None = None

    # What a subclass says -------------------------------------------------------------------------------
    def slots(self, variable: Any) -> Sequence[Slot]:
        """The arrays to keep for a variable, in the order of files.

        Args:
            variable: One of the model's variables.
        """
        return ()

    def shared_slots(self) -> Sequence[Slot]:
        """The arrays to keep once for all variables; they come last in files."""
        return ()

    def advance(self, shared: dict[str, Any], step: Any) -> dict[str, Any]:
        """The new values of the shared arrays, computed before any variable is updated.

        Args:
            shared: Their values by slot name.
            step: The number of this update, from 1; a float32 scalar.
        """
        return shared

    def apply_one(
        self, grad: Any, param: Any, slots: dict[str, Any], step: Any, lr: Any
    ) -> tuple[Any, dict[str, Any]]:
        """One update of one variable, on raw arrays, without side effects; 16-bit values come as float32.

        Args:
            grad: The gradient, of the variable's shape.
            param: The variable's value.
            slots: The values of its slots, and of the shared ones, by name.
            step: The number of this update, from 1; a float32 scalar.
            lr: The learning rate, a float32 scalar.

        Returns:
            The new value, and the new values of those slots that changed.
        """
        raise TypeError(
            message(
                f"{type(self).__name__} does not say how a variable changes.",
                hint="Write apply_one(grad, param, slots, step, lr), or Keras's update_step().",
            )
        )

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Update one variable and its slots by assigning to them.

        Args:
            gradient: The gradient, of the variable's shape.
            variable: The variable.
            learning_rate: A float32 scalar.
        """
        slots = self._slots[self._get_variable_index(variable)]
        old = variable._raw()
        param = _widened(old)
        values = {name: _widened(v._raw()) for name, v in (*slots.items(), *self._shared.items())}
        step = jnp.asarray(self._updates() + 1, jnp.float32)
        grad = raw_of(gradient).astype(param.dtype)
        new, changed = (self._traced_once or self.apply_one)(grad, param, values, step, raw_of(learning_rate))
        variable._write(new.astype(old.dtype))
        for name, value in changed.items():
            slots[name]._write(value.astype(slots[name]._raw().dtype))

    # Building -------------------------------------------------------------------------------------------
    def build(self, variables: Iterable[Any]) -> None:
        """Make the slots.

        Args:
            variables: All variables that will be updated.
        """
        if self.built:
            return
        variables = list(variables)
        self._trainable_variables = variables
        self._index = {v: i for i, v in enumerate(variables)}
        if self.use_ema:
            self._model_variables_moving_average = self.add_optimizer_variables(variables, "average")
        if self.gradient_accumulation_steps:
            self._accumulated_gradients = [
                self.add_variable_from_reference(v, "gradient_accumulator") for v in variables
            ]
        wanted = [[] if _overwritten(v) else list(self.slots(v)) for v in variables]
        self._slots = [{} for _ in variables]
        for group in sorted({slot.group for slots in wanted for slot in slots}):
            for variable, slots, made in zip(variables, wanted, self._slots, strict=True):
                made.update({s.name: self._own(s, variable) for s in slots if s.group == group})
        self._shared = {slot.name: self._own(slot) for slot in self.shared_slots()}
        self.built = True

    def _own(self, slot: Slot, variable: Any = None) -> Variable:
        made = slot_variable(self.name, slot, variable)
        self._variables.append(made)
        return made

    def _get_variable_index(self, variable: Any) -> int:
        return self._index[variable]

    # Applying -------------------------------------------------------------------------------------------
    def apply_gradients(
        self, grads_and_vars: Iterable[tuple[Any, Any]], name: str | None = None, **kwargs: Any
    ) -> Any:
        """Update variables.

        Args:
            grads_and_vars: Pairs of gradient and variable; a gradient may be None.
            name: Accepted for TensorFlow's sake.
            **kwargs: `skip_gradients_aggregation=True` (`experimental_aggregate_gradients=False`) for gradients that
                the replicas of `tf.distribute` have summed already.

        Returns:
            The counter of updates.

        Raises:
            ValueError: If there is no variable, no gradient, or a variable that the optimizer does not know.
        """
        pairs = list(grads_and_vars)
        if not pairs:
            raise no_variables(self.name)
        if kwargs.get("skip_gradients_aggregation") or not kwargs.get(
            "experimental_aggregate_gradients", True
        ):
            pairs = [(grad if grad is None else _replicas.share(grad), variable) for grad, variable in pairs]
        self.apply([grad for grad, _ in pairs], [variable for _, variable in pairs])
        return self._iterations

    def apply(self, grads: Iterable[Any], trainable_variables: Iterable[Any] | None = None) -> None:
        """Update variables.

        Args:
            grads: Gradients, in the order of the variables; some may be None.
            trainable_variables: The variables; those that the optimizer was built on if None.

        Raises:
            ValueError: If numbers differ, there is no gradient, or a variable is not known.
        """
        grads = list(grads)
        if not grads:
            return
        variables = self._variables_for(grads, trainable_variables)
        grads, variables = without_missing(grads, variables)
        self._call_rate()
        if self._runs_inline():
            self._step_together([raw_of(g) for g in grads], variables)
            return
        if self._update_version != self._version():
            self._update_call, self._update_version = self._compiled(), self._version()
        self._update_call(grads, static=tuple(self._get_variable_index(v) for v in variables))

    def _variables_for(self, grads: list, given: Iterable[Any] | None) -> list:
        if given is None and not self.built:
            raise ValueError(
                message(
                    f"Optimizer '{self.name}' does not know which variables to update.",
                    hint="Call optimizer.build(model.trainable_variables) first, or pass the variables: "
                    "optimizer.apply(grads, model.trainable_variables).",
                )
            )
        variables = self._trainable_variables if given is None else list(given)
        if len(grads) != len(variables):
            raise ValueError(
                message(
                    f"Optimizer '{self.name}' needs one gradient for each variable.",
                    expected=f"{len(variables)} gradients",
                    received=f"{len(grads)} gradients",
                )
            )
        if not self.built:
            self.build(variables)
        check_known(self.name, variables, self._index)
        return variables

    def _runs_inline(self) -> bool:
        """Whether the update is part of something compiled already, or is wanted op by op."""
        now = context.current()
        return now.bindings is not None or now.eager or settings.get("run_eagerly") or not _jax.not_tracing()

    def _step_together(self, grads: list, variables: list) -> None:
        """One step; replicas of `tf.distribute` take it with the sum of their gradients."""
        replica = _replicas.current()
        if replica is None:
            self._step(grads, variables)
            return
        pairs = zip(grads, variables, strict=True)
        kinds = [("mean" if _overwritten(v) else "sum", g) for g, v in pairs]
        with _replicas.updating():
            self._step([replica.all_reduce(kind, g) for kind, g in kinds], variables)

    def _compiled(self) -> Compiled:
        owner = weakref.ref(self)  # the compiled code must not keep the optimizer alive

        def update(grads: list, static: tuple[int, ...]) -> None:
            this: Any = owner()
            this._step([raw_of(g) for g in grads], [this._trainable_variables[i] for i in static])

        return Compiled(update, [*self.variables, *self._trainable_variables], name=f"{self.name}.apply")

    def _step(self, grads: list, variables: list) -> None:
        """All that one call of `apply` does, on raw gradients."""
        check_shapes(grads, variables)
        grads, variables = self._overwrite(grads, variables)
        if variables:
            if self.loss_scale_factor is not None:
                grads = [g / self.loss_scale_factor for g in grads]
            if self.gradient_accumulation_steps:
                self._accumulate(grads, variables)
            else:
                self._update(grads, variables)
            if self.use_ema:
                self._average()
            for variable in variables:
                if getattr(variable, "constraint", None) is not None:
                    variable.assign(variable.constraint(variable))
        self._iterations._write(self._iterations._raw() + 1)

    def _update(self, grads: list, variables: list) -> None:
        """Clip, decay, and update each variable."""
        grads = self._clipped(grads)
        rate = self._rate()
        for variable in variables:
            decay = self._decay_of(variable)
            if decay is not None:
                value = variable._raw()
                variable._write(value - (value * decay * rate).astype(value.dtype))
        if self._shared:
            shared = {name: v._raw() for name, v in self._shared.items()}
            step = jnp.asarray(self._updates() + 1, jnp.float32)
            for name, value in self.advance(shared, step).items():
                self._shared[name]._write(value.astype(shared[name].dtype))
        if not _jax.not_tracing():  # variables of one shape share a trace
            self._traced_once = jax.jit(self.apply_one, inline=True)
        try:
            for grad, variable in zip(grads, variables, strict=True):
                self.update_step(Tensor(grad), variable, Tensor(rate))
        finally:
            self._traced_once = None

    def _clipped(self, grads: list) -> list:
        if self.clipnorm:
            return [clip_by_norm(g, self.clipnorm) for g in grads]
        if self.global_clipnorm:
            return clip_by_global_norm(grads, self.global_clipnorm)
        if self.clipvalue:
            return [clip_by_value(g, self.clipvalue) for g in grads]
        return grads

    def _overwrite(self, grads: list, variables: list) -> tuple[list, list]:
        """Give variables that ask for it their gradient as their value; what is left is updated."""
        rest = [(g, v) for g, v in zip(grads, variables, strict=True) if not _overwritten(v)]
        for grad, variable in zip(grads, variables, strict=True):
            if _overwritten(variable):
                variable._write(self._largest(grad, variable).astype(variable._raw().dtype))
        return [g for g, _ in rest], [v for _, v in rest]

    def _largest(self, grad: Any, variable: Variable) -> Any:
        """The gradient to overwrite with: with accumulation, the largest of all, when the last has come."""
        steps = self.gradient_accumulation_steps
        if not steps:
            return grad
        kept = self._accumulated_gradients[self._get_variable_index(variable)]
        largest = jnp.maximum(grad, kept._raw())
        full = (self._iterations._raw() + 1) % steps == 0
        kept._write(jnp.where(full, jnp.zeros_like(largest), largest).astype(kept._raw().dtype))
        return jnp.where(full, largest, variable._raw())

    # Accumulation, averages, decay ----------------------------------------------------------------------
    def _accumulate(self, grads: list, variables: list) -> None:
        """Add gradients up; every so many calls, update with their mean."""
        steps = self.gradient_accumulation_steps or 1
        sums = [self._accumulated_gradients[self._get_variable_index(v)] for v in variables]

        def update() -> None:
            self._update([(g + s._raw()) / steps for g, s in zip(grads, sums, strict=True)], variables)
            for total in sums:
                total._write(jnp.zeros_like(total._raw()))

        def keep() -> None:
            for grad, total in zip(grads, sums, strict=True):
                value = total._raw()
                total._write(value + grad.astype(value.dtype))

        full = (self._iterations._raw() + 1) % steps == 0
        run_either(full, update, keep, [*variables, *self.variables])

    def _average(self) -> None:
        """Move the averages towards the variables, and overwrite the variables if it is time."""
        updates, every = self._updates(), self.ema_overwrite_frequency
        for variable, average in zip(
            self._trainable_variables, self._model_variables_moving_average, strict=True
        ):
            if average is None:
                continue
            value = variable._raw()
            momentum = jnp.where(updates != 0, self.ema_momentum, 0.0)
            new = (momentum * average._raw() + (1 - momentum) * value).astype(value.dtype)
            average._write(new)
            if every:
                variable._write(jnp.where((updates + 1) % every == 0, new, value))

    def finalize_variable_values(self, var_list: Iterable[Any]) -> None:
        """Put the moving averages, if they are kept, in the place of the variables, as `fit` does at its end.

        Args:
            var_list: The model's variables.

        Raises:
            ValueError: If the optimizer was not built on them.
        """
        if not self.use_ema:
            return
        var_list = list(var_list)
        if not self.built or any(v not in self._index for v in var_list):
            raise ValueError(
                message(
                    f"Optimizer '{self.name}' keeps no averages of these variables.",
                    expected=f"some of {paths(self._trainable_variables)}",
                    received=paths(var_list),
                )
            )
        for variable in var_list:
            average = self._model_variables_moving_average[self._get_variable_index(variable)]
            if average is not None:
                variable.assign(average)

    def exclude_from_weight_decay(
        self, var_list: Iterable[Any] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Leave variables out of weight decay; call it before the optimizer is built.

        Args:
            var_list: Variables to leave out.
            var_names: Texts (regular expressions); a variable with one of them in its name is left out.

        Raises:
            ValueError: If the optimizer is built already.
        """
        if self.built:
            raise ValueError(
                message(
                    f"Optimizer '{self.name}' is built already.",
                    hint="Call exclude_from_weight_decay() before build() and before the first update.",
                )
            )
        self._excluded = frozenset(var_list or ())
        names = sorted(set(var_names or ()))
        self._excluded_names = re.compile("|".join(names)) if names else None

    def _use_weight_decay(self, variable: Any) -> bool:
        if variable in self._excluded:
            return False
        return self._excluded_names is None or self._excluded_names.search(variable.name) is None

    def _decay_of(self, variable: Any) -> float | None:
        """The weight decay of a variable, or None."""
        return self.weight_decay if self._use_weight_decay(variable) else None

    # Other ways in --------------------------------------------------------------------------------------
    def stateless_apply(
        self, optimizer_variables: Sequence[Any], grads: Sequence[Any], trainable_variables: Sequence[Any]
    ) -> tuple[list, list]:
        """`apply` as a pure function, for training loops of your own under `jax.jit`.

        Args:
            optimizer_variables: Values of `optimizer.variables`.
            grads: Gradients, in the order of the variables.
            trainable_variables: Values of the variables that the optimizer was built on.

        Returns:
            The new values of the trainable variables, and of the optimizer's variables.

        Raises:
            ValueError: If the optimizer is not built, or a number of values does not fit.
        """
        own = self.variables
        if not self.built or len(own) != len(optimizer_variables):
            raise ValueError(
                message(
                    f"stateless_apply() of optimizer '{self.name}' got other variables than it has.",
                    expected=f"{len(own)} optimizer variables"
                    if self.built
                    else "an optimizer that is built",
                    received=f"{len(optimizer_variables)} optimizer variables",
                    hint="Call optimizer.build(model.trainable_variables), then read optimizer.variables.",
                )
            )
        if len(trainable_variables) != len(self._trainable_variables):
            raise ValueError(
                message(
                    f"stateless_apply() of optimizer '{self.name}' got other variables than it was built on.",
                    expected=f"{len(self._trainable_variables)} trainable variables",
                    received=f"{len(trainable_variables)} trainable variables",
                )
            )
        variables = [*self._trainable_variables, *own]
        given = [*trainable_variables, *optimizer_variables]
        values = [raw_of(v) for v in given]
        _, written = pure(lambda: self.apply(grads), variables)(values)
        wrap = Tensor if any(isinstance(v, (Tensor, Variable)) for v in given) else lambda raw: raw
        new = [wrap(written.get(v, old)) for v, old in zip(variables, values, strict=True)]
        return new[: len(trainable_variables)], new[len(trainable_variables) :]

    def minimize(self, loss: Any, var_list: Any, tape: GradientTape | None = None, **kwargs: Any) -> Any:
        """Compute gradients and update, as optimizers of Keras 2 do.

        Args:
            loss: A callable without arguments that computes the loss; or the loss, computed under `tape`.
            var_list: The variables, or a callable that gives them.
            tape: The tape that recorded the loss, if `loss` is no callable.
            **kwargs: Accepted for TensorFlow's sake.

        Raises:
            ValueError: If `loss` is a tensor and there is no tape.
        """
        if not callable(loss) and tape is None:
            raise ValueError(
                message("minimize() needs a tape.", hint="Pass the loss as a callable, or the tape as tape=.")
            )
        if callable(loss):
            tape = tape or GradientTape()
            with tape:
                loss = loss()
        variables = tree.flatten(var_list() if callable(var_list) else var_list)
        grads = tape.gradient(loss, variables)  # type: ignore[union-attr]
        return self.apply_gradients(zip(grads, variables, strict=True))

    def scale_loss(self, loss: Any) -> Any:
        """The loss times `loss_scale_factor`, if there is one; `apply` divides the gradients by it."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def assign(self, variable: Variable, value: Any) -> None:
        """Set a variable; for `update_step`s that you write."""
        variable.assign(value)

    def assign_add(self, variable: Variable, value: Any) -> None:
        """Add to a variable; for `update_step`s that you write."""
        variable.assign_add(value)

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """Subtract from a variable; for `update_step`s that you write."""
        variable.assign_sub(value)


def _overwritten(variable: Any) -> bool:
    """Whether a variable takes its gradient as its value (as the scales of 8-bit floats do)."""
    return getattr(variable, "overwrite_with_gradient", False)


def _widened(value: Any) -> Any:
    """The array to compute with: float32 for 16-bit floats."""
    return value.astype(jnp.float32) if value.dtype.name in ("float16", "bfloat16") else value
