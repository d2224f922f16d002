"""What a student model may have in common with its teacher: the losses of `Distiller`."""

from __future__ import annotations

from typing import Any

from addax import losses, ops
from addax.core import tree
from addax.core.errors import message


class DistillationLoss:
    """A measure of how far a student is from its teacher; subclass it with `compute_loss`.

    Example:
        >>> import addax as keras
        >>> class Difference(keras.distillation.DistillationLoss):
        ...     def compute_loss(self, teacher_outputs, student_outputs, **kwargs):
        ...         return keras.ops.mean(keras.ops.abs(teacher_outputs - student_outputs))
        >>> float(Difference().compute_loss(keras.ops.ones(3), keras.ops.zeros(3)))
        1.0
    """

    teacher_layer_name: str | None = None
    student_layer_name: str | None = None

    def compute_loss(self, teacher_outputs: Any, student_outputs: Any, **kwargs: Any) -> Any:
        """The scalar loss of a batch; override it.

        Args:
            teacher_outputs: What the teacher (or its layer) gave.
            student_outputs: What the student (or its layer) gave.
            **kwargs: For subclasses.
        """
        raise TypeError(
            message(
                f"{type(self).__name__} has no compute_loss().",
                hint="Define `def compute_loss(self, teacher_outputs, student_outputs, **kwargs): ...`.",
            )
        )

    def validate_outputs(self, teacher_outputs: Any, student_outputs: Any) -> None:
        """Raise ValueError unless both outputs have the same structure."""
        tree.assert_same_structure(teacher_outputs, student_outputs)

    def validate_model_compatibility(self, teacher: Any, student: Any) -> None:
        """Raise ValueError if this loss cannot be had from these models; override it."""


class FeatureDistillation(DistillationLoss):
    """Compares what a layer of the teacher gives with what a layer of the student gives.

    Args:
        loss: A name, a function or a `Loss`; or a nest of them in the structure of the outputs, where None leaves
            an output out.
        teacher_layer_name: The layer of the teacher; its output if None.
        student_layer_name: The layer of the student; its output if None.

    Raises:
        ValueError: If there is no loss.
    """

    def __init__(
        self,
        loss: Any = "mse",
        teacher_layer_name: str | None = None,
        student_layer_name: str | None = None,
    ) -> None:
        self.loss = losses_of(loss)
        self.teacher_layer_name = teacher_layer_name
        self.student_layer_name = student_layer_name

    def validate_model_compatibility(self, teacher: Any, student: Any) -> None:
        """Raise ValueError unless the layers are there, in models with a graph."""
        pairs = (("teacher", teacher, self.teacher_layer_name), ("student", student, self.student_layer_name))
        if all(name is None for _, _, name in pairs):
            return
        for role, model, name in pairs:
            if model.inputs is None:
                raise ValueError(
                    message(
                        f"The {role} has no graph, so single layers of it cannot be compared.",
                        expected="a functional or sequential model",
                        hint="Leave the layer names out, to compare outputs.",
                    )
                )
            if name is not None:
                try:
                    model.get_layer(name)
                except ValueError as error:
                    raise ValueError(f"The {role}: {error}") from error

    def validate_outputs(self, teacher_outputs: Any, student_outputs: Any) -> None:
        """Raise ValueError unless both outputs have the structure of the losses."""
        super().validate_outputs(teacher_outputs, student_outputs)
        tree.assert_same_structure(self.loss, teacher_outputs)

    def compute_loss(self, teacher_outputs: Any, student_outputs: Any, **kwargs: Any) -> Any:
        """The sum of the mean losses of the outputs."""
        return _summed(
            lambda loss, teacher, student: ops.mean(loss(teacher, student)),
            self.loss,
            teacher_outputs,
            student_outputs,
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "loss": self.loss,
            "teacher_layer_name": self.teacher_layer_name,
            "student_layer_name": self.student_layer_name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> FeatureDistillation:
        """A loss from `get_config`."""
        return cls(**config)


class LogitsDistillation(DistillationLoss):
    """Compares the outputs of teacher and student, divided by a temperature.

    A `KLDivergence` object compares the softmax of both, times the square of the temperature (G. Hinton, O. Vinyals,
    J. Dean, "Distilling the Knowledge in a Neural Network", 2015, https://arxiv.org/abs/1503.02531). Names and
    functions, the default among them, get the divided outputs as they are, as in Keras 3.15; so give
    `loss=keras.losses.KLDivergence()` to distill logits.

    Args:
        temperature: The temperature.
        loss: A name, a function or a `Loss`; or a nest of them in the structure of the outputs, where None leaves
            an output out.

    Raises:
        ValueError: If the temperature is not positive, or there is no loss.
    """

    def __init__(self, temperature: float = 3.0, loss: Any = "kl_divergence") -> None:
        self.loss = losses_of(loss)
        if not isinstance(temperature, int | float) or temperature <= 0:
            raise ValueError(message("`temperature`.", expected="a positive number", received=temperature))
        self.temperature = temperature

    def compute_loss(self, teacher_outputs: Any, student_outputs: Any, **kwargs: Any) -> Any:
        """The sum of the mean losses of the outputs."""

        def one(loss: Any, teacher: Any, student: Any) -> Any:
            teacher, student = teacher / self.temperature, student / self.temperature
            if isinstance(loss, losses.KLDivergence):
                return ops.mean(loss(ops.softmax(teacher), ops.softmax(student))) * self.temperature**2
            return ops.mean(loss(teacher, student))

        return _summed(one, self.loss, teacher_outputs, student_outputs)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"temperature": self.temperature, "loss": self.loss}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> LogitsDistillation:
        """A loss from `get_config`."""
        return cls(**config)


def losses_of(given: Any) -> Any:
    """A nest of losses from names, functions, configs and objects; None stays.

    Raises:
        ValueError: If there is none.
    """
    if isinstance(given, dict) and "class_name" in given:
        return losses.get(given)
    if isinstance(given, dict):
        found: Any = {key: _one(value) for key, value in given.items()}
    else:
        found = tree.map_structure(_one, given)
    if all(loss is None for loss in tree.flatten([found])):
        raise ValueError(message("A distillation loss needs at least one loss.", received=given))
    return found


def _one(given: Any) -> Any:
    return losses.get(given) if isinstance(given, str | dict) else given


def _summed(one: Any, loss: Any, teacher: Any, student: Any) -> Any:
    """The sum of `one` over the outputs that have a loss."""
    found = tree.map_structure(
        lambda item, a, b: None if item is None else one(item, ops.convert_to_tensor(a), b),
        loss,
        teacher,
        student,
    )
    values = [value for value in tree.flatten([found]) if value is not None]
    return values[0] if len(values) == 1 else ops.sum(ops.stack(values))
