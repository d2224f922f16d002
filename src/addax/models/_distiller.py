"""`Distiller`: trains a student model on the data and on what its teacher says about the data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from addax import metrics, ops
from addax.core import tree
from addax.core.errors import message
from addax.core.serial import deserialize
from addax.models._distillation_losses import losses_of
from addax.models._model import Model


class Distiller(Model):
    """A model that trains `student`; the loss is that of the data and that of the teacher, in given parts.

    Args:
        teacher: A trained model. It is frozen.
        student: The model to train, with inputs and outputs of the same shapes.
        distillation_losses: A `LogitsDistillation`, `FeatureDistillation` or own loss, or a list of them.
        distillation_loss_weights: Their factors; 1 for each if None.
        student_loss_weight: The part of the loss of the data; the rest goes to the teacher.
        name: The name.
        **kwargs: Further arguments of `Model`.

    Raises:
        ValueError: If the models do not fit to each other, or an argument is out of range.

    Example:
        >>> import addax as keras
        >>> def model():
        ...     return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
        >>> loss = keras.distillation.LogitsDistillation(2.0, keras.losses.KLDivergence())
        >>> distiller = keras.distillation.Distiller(model(), model(), loss)
        >>> distiller.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    """

    _deserialize_config = True
    _skip_walk = (*Model._skip_walk, "_extractors")

    def __init__(
        self,
        teacher: Any,
        student: Any,
        distillation_losses: Any,
        distillation_loss_weights: Sequence[float] | None = None,
        student_loss_weight: float = 0.5,
        name: str = "distiller",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        _check_models(teacher, student)
        self.teacher = teacher
        self.student = student
        if not isinstance(student_loss_weight, int | float) or not 0 <= student_loss_weight <= 1:
            raise ValueError(
                message(
                    "`student_loss_weight`.", expected="a number from 0 to 1", received=student_loss_weight
                )
            )
        self.student_loss_weight = student_loss_weight
        if not isinstance(distillation_losses, list | tuple):
            distillation_losses = [distillation_losses]
        self.distillation_losses = list(distillation_losses)
        self.distillation_loss_weights = list(distillation_loss_weights or [1.0] * len(distillation_losses))
        if len(self.distillation_loss_weights) != len(self.distillation_losses):
            raise ValueError(
                message(
                    "`distillation_loss_weights` has another length than there are losses.",
                    expected=f"{len(self.distillation_losses)} numbers",
                    received=distillation_loss_weights,
                )
            )
        for loss in self.distillation_losses:
            if not hasattr(loss, "compute_loss"):
                raise ValueError(
                    message("A distillation loss is none.", expected="a DistillationLoss", received=loss)
                )
            loss.validate_model_compatibility(teacher, student)
        self._extractors = (
            _extractor(teacher, [loss.teacher_layer_name for loss in self.distillation_losses]),
            _extractor(student, [loss.student_layer_name for loss in self.distillation_losses]),
        )
        teacher.trainable = False
        self.student_loss_tracker = metrics.Mean(name="student_loss")
        self.distillation_loss_tracker = metrics.Mean(name="distillation_loss")
        self.total_loss_tracker = metrics.Mean(name="total_loss")

    def compile(self, optimizer: Any = "adam", loss: Any = None, metrics: Any = None, **kwargs: Any) -> None:
        """Choose optimizer, the loss of the student on the data, and metrics.

        Args:
            optimizer: A name or an optimizer.
            loss: A name, a function or a `Loss`; or a nest of them in the structure of the outputs.
            metrics: A list of metrics.
            **kwargs: Further arguments of `Model.compile`.

        Raises:
            ValueError: If there is no loss, or the metrics are no list.
        """
        if loss is None:
            raise ValueError(
                message("A Distiller needs the loss of the student on the data.", expected="loss=...")
            )
        if metrics is not None and not isinstance(metrics, list | tuple):
            raise ValueError(message("`metrics` of a Distiller.", expected="a list", received=metrics))
        self._student_loss = losses_of(loss)
        super().compile(optimizer=optimizer, loss=None, metrics=metrics, **kwargs)
        assert self._compile_arguments is not None
        self._compile_arguments["loss"] = loss

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile with what `get_compile_config` gave; Keras's files lack the loss, so they stay uncompiled."""
        if config.get("loss") is not None:
            super().compile_from_config(config)

    def call(self, inputs: Any, training: Any = None, **kwargs: Any) -> Any:
        """What the student gives."""
        return self.student(inputs, training=training, **kwargs)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The loss of a batch: that of the data and that of the teacher, in their parts."""
        if y_pred is None:
            y_pred = self(x, training=training)
        own: Any = 0.0
        if self.student_loss_weight > 0 and y is not None:
            own = self._loss_on_data(y, y_pred, sample_weight)
        from_teacher: Any = 0.0
        if self.student_loss_weight < 1:
            from_teacher = self._loss_from_teacher(x, y_pred, training)
        total = self.student_loss_weight * own + (1.0 - self.student_loss_weight) * from_teacher
        self.student_loss_tracker.update_state(own)
        self.distillation_loss_tracker.update_state(from_teacher)
        self.total_loss_tracker.update_state(total)
        return total

    def _loss_on_data(self, y: Any, y_pred: Any, sample_weight: Any) -> Any:
        def one(loss: Any, target: Any, output: Any) -> Any:
            value = loss(target, output)
            if sample_weight is None or not len(value.shape):
                return ops.mean(value)
            return ops.mean(value * sample_weight)

        values = tree.flatten([tree.map_structure(one, self._student_loss, y, y_pred)])
        return values[0] if len(values) == 1 else ops.sum(ops.stack(values))

    def _loss_from_teacher(self, x: Any, y_pred: Any, training: bool) -> Any:
        of_teacher, of_student = self._extractors
        taught = {None: self.teacher(x, training=False)} if of_teacher is None else {}
        learned = {None: y_pred}
        if of_teacher is not None:
            taught = _named(of_teacher(x, training=False))
        if of_student is not None:
            learned |= {k: v for k, v in _named(of_student(x, training=training)).items() if k is not None}
        total: Any = 0.0
        for loss, weight in zip(self.distillation_losses, self.distillation_loss_weights, strict=True):
            teacher, student = taught[loss.teacher_layer_name], learned[loss.student_layer_name]
            loss.validate_outputs(teacher, student)
            value = ops.convert_to_tensor(loss.compute_loss(teacher, student))
            if len(value.shape):
                raise ValueError(
                    message(
                        f"{type(loss).__name__}.compute_loss() must give a scalar.",
                        received=f"shape {tuple(value.shape)}",
                        hint="Take the mean: keras.ops.mean(...).",
                    )
                )
            total = total + weight * value
        return total

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": self.dtype_policy,
            "teacher": self.teacher,
            "student": self.student,
            "distillation_losses": self.distillation_losses,
            "distillation_loss_weights": self.distillation_loss_weights,
            "student_loss_weight": self.student_loss_weight,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Distiller:
        """A distiller from `get_config`.

        Args:
            config: The arguments, with the models and losses as they are or as plain data.
            custom_objects: Name -> class or function, for classes that were not registered.
        """
        return cls(**{key: deserialize(value, custom_objects) for key, value in config.items()})


_OUTPUT = "final_output"


def _named(outputs: dict[str, Any]) -> dict[str | None, Any]:
    """The outputs of an extractor by the name of the layer; None for that of the model."""
    return {None if key == _OUTPUT else key: value for key, value in outputs.items()}


def _extractor(model: Any, names: list[str | None]) -> Any:
    """A model with the outputs of these layers besides its own; None if none is named."""
    wanted = dict.fromkeys(name for name in names if name is not None)
    if not wanted:
        return None
    outputs = {_OUTPUT: model.output, **{name: model.get_layer(name).output for name in wanted}}
    return Model(model.input, outputs, name=f"{model.name}_features")


def _check_models(teacher: Any, student: Any) -> None:
    """Raise ValueError unless two models take and give tensors of the same shapes, as far as they have graphs."""
    for role, model in (("teacher", teacher), ("student", student)):
        if not isinstance(model, Model):
            raise ValueError(message(f"The {role} is no model.", expected="a keras.Model", received=model))
    for what in ("inputs", "outputs"):
        ours, theirs = getattr(teacher, what), getattr(student, what)
        if ours is None or theirs is None:
            continue
        fits = len(ours) == len(theirs) and all(map(_fits, ours, theirs))
        if not fits:
            shown = [[f"{tuple(x.shape)} {x.dtype}" for x in tensors] for tensors in (ours, theirs)]
            raise ValueError(
                message(
                    f"Teacher and student have different {what}.",
                    expected=f"those of the teacher: {', '.join(shown[0])}",
                    received=", ".join(shown[1]),
                )
            )


def _fits(a: Any, b: Any) -> bool:
    same = len(a.shape) == len(b.shape) and a.dtype == b.dtype
    return same and all(None in (m, n) or m == n for m, n in zip(a.shape, b.shape, strict=True))
