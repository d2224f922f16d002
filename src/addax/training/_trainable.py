"""`Trainable`: the public methods of a model that train, test and predict; each a short delegate."""

from __future__ import annotations

from typing import Any

from addax import optimizers
from addax.core import tree
from addax.core.errors import message
from addax.engine import _placement
from addax.training import _loop, _step
from addax.training._freezing import TrainableFlags, as_compiled
from addax.training._objective import Objective
from addax.training._spread import spread
from addax.training._stepping import Stepping


class Trainable(Stepping):
    """What `Model` adds to `Layer`: compile, fit, evaluate, predict, and the steps that they run."""

    optimizer: Any
    history: Any
    # What training needs is no part of the model: its variables are none of the model's.
    _skip_walk = (
        "_steps",
        "history",
        "optimizer",
        "_objective",
        "_compile_arguments",
        "_compiled_flags",
        "_placement",
    )

    def _init_training(self) -> None:
        self.optimizer = None
        self.loss = None
        self.compiled = False
        self.run_eagerly = False
        self.jit_compile: Any = "auto"
        self.steps_per_execution = 1
        self.auto_scale_loss = True
        self.stop_training = False
        self.stop_evaluating = False
        self.stop_predicting = False
        self.history = None
        self._objective = None
        self._compile_arguments: dict[str, Any] | None = None
        self._compiled_flags: TrainableFlags | None = None
        self._placement = _placement.in_force()  # where it was made is where it is trained
        self._steps = _step.Steps(self)

    # Compiling -------------------------------------------------------------------------------------------
    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
        **legacy: Any,
    ) -> None:
        """Choose optimizer, loss and metrics.

        Args:
            optimizer: A name or an optimizer.
            loss: A name, a function or a `Loss`; or a list or dict of them, by output.
            loss_weights: Factors of the losses, in a list or dict by output.
            metrics: A list of names, functions or `Metric`s; or a list or dict of such lists, by output. May
                come before `loss_weights`, as in tf.keras 2.
            weighted_metrics: Metrics that use sample and class weights.
            run_eagerly: Run op by op, for debugging.
            steps_per_execution: The most steps that one dispatch may hold.
            jit_compile: Accepted for Keras's sake: False means the same as `run_eagerly` never; steps are compiled.
            auto_scale_loss: Wrap the optimizer in a `LossScaleOptimizer` under a `mixed_float16` policy.
            **legacy: `sample_weight_mode`, `target_tensors`, `distribute`: accepted if None.

        Raises:
            ValueError: For an unknown name; the message has the nearest ones.
            TypeError: For an unknown argument.
        """
        if _are_metrics(loss_weights):
            loss_weights, metrics = metrics, loss_weights
        unknown = {
            k: v for k, v in legacy.items() if v is not None and k not in ("experimental_run_tf_function",)
        }
        if unknown:
            raise TypeError(
                message(f"compile() got unknown arguments {sorted(unknown)}.", received=str(unknown))
            )
        self._compile_arguments = {
            "optimizer": optimizer,
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": jit_compile,
        }
        self.optimizer = optimizers.get(optimizer)
        if auto_scale_loss and self.optimizer is not None and _is_float16(self):
            if not isinstance(self.optimizer, optimizers.LossScaleOptimizer):
                self.optimizer = optimizers.LossScaleOptimizer(self.optimizer)
        self.loss = loss
        self.run_eagerly = bool(run_eagerly)
        self.jit_compile = jit_compile
        self.steps_per_execution = steps_per_execution
        self.auto_scale_loss = auto_scale_loss
        names = self.output_names or None  # type: ignore[attr-defined]
        self._objective = Objective(loss, loss_weights, metrics, weighted_metrics, names)
        self._compiled_flags = TrainableFlags(self)
        self._placement = _placement.in_force() or self._placement
        self.compiled = True
        self.stop_training = False
        self._forget_steps()

    def _need_compiled(self, what: str) -> None:
        if not self.compiled:
            raise ValueError(
                message(
                    f"{what}() needs a compiled model.",
                    received=f"model '{self.name}', which was not compiled",  # type: ignore[attr-defined]
                    hint='Call model.compile(optimizer="adam", loss=...) first.',
                )
            )

    def _forget_steps(self) -> None:
        """Drop compiled steps; the next ones are traced anew."""
        self._steps = _step.Steps(self)

    def _refresh_steps(self) -> None:
        """Drop compiled steps if what they depend on changed: frozen layers, run_eagerly."""
        if self._steps.trained_with not in (None, _step.trained_with(self)):
            self._forget_steps()

    def get_compile_config(self) -> dict[str, Any] | None:
        """The arguments of `compile`, as they are saved."""
        if self._compile_arguments is None:
            return {}
        return {**self._compile_arguments, "optimizer": self.optimizer}

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile with what `get_compile_config` gave."""
        from addax.core import serial

        if not config:
            return
        packages = serial.packages_of
        self.compile(**{k: serial.deserialize(v, packages=packages(k)) for k, v in config.items()})

    # Fitting ---------------------------------------------------------------------------------------------
    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool | str = True,
        class_weight: dict | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
        **legacy: Any,
    ) -> Any:
        """Train for a number of epochs.

        Args:
            x: Arrays, tensors, frames, nests of them; a Dataset, PyDataset, generator or any iterable of batches.
            y: Targets, if `x` is arrays.
            batch_size: Samples in a batch of arrays; 32 if None.
            epochs: The number of the last epoch.
            verbose: 0 silent, 1 a bar, 2 a line an epoch, `"auto"` 1.
            callbacks: A list of callbacks.
            validation_split: The part of the arrays (their end) that is held out.
            validation_data: `(x, y)`, `(x, y, sample_weight)`, a Dataset, ...
            shuffle: Whether arrays are shuffled each epoch.
            class_weight: Class -> weight in the loss.
            sample_weight: A weight for each sample.
            initial_epoch: The number of the first epoch.
            steps_per_epoch: Batches to an epoch.
            validation_steps: Batches to a validation.
            validation_batch_size: Samples in a validation batch; `batch_size` if None.
            validation_freq: Validate every so many epochs, or after the listed ones.
            **legacy: `workers`, `max_queue_size`, `use_multiprocessing`: accepted for tf.keras's sake.

        Returns:
            A `History`; its `history` is a dict of lists, a number an epoch.

        Raises:
            ValueError: If the model is not compiled, or the data does not fit.
        """
        _refuse_unknown("fit", legacy)
        options = {
            "batch_size": batch_size,
            "epochs": int(epochs),
            "verbose": verbose,
            "callbacks": callbacks,
            "validation_split": validation_split,
            "validation_data": validation_data,
            "shuffle": shuffle,
            "class_weight": class_weight,
            "sample_weight": sample_weight,
            "initial_epoch": initial_epoch,
            "steps_per_epoch": steps_per_epoch,
            "validation_steps": validation_steps,
            "validation_batch_size": validation_batch_size,
            "validation_freq": validation_freq,
        }
        with as_compiled(self), spread(self):
            return _loop.fit(self, x, y, options)

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **legacy: Any,
    ) -> Any:
        """Loss and metrics on data.

        Args:
            x: Data, as in `fit`.
            y: Targets, if `x` is arrays.
            batch_size: Samples in a batch of arrays; 32 if None.
            verbose: As in `fit`.
            sample_weight: A weight for each sample.
            steps: Batches to look at.
            callbacks: A list of callbacks.
            return_dict: Whether to give a dict by name.
            **legacy: As in `fit`.

        Returns:
            The loss, or a list of loss and metrics, or a dict.
        """
        _refuse_unknown("evaluate", legacy)
        options = {
            "batch_size": batch_size,
            "verbose": verbose,
            "sample_weight": sample_weight,
            "steps": steps,
            "callbacks": callbacks,
        }
        with spread(self):
            logs = _loop.evaluate(self, x, y, options)
        return logs if return_dict else self._listed(logs)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
        **legacy: Any,
    ) -> Any:
        """Outputs for data, batch by batch.

        Args:
            x: Data, as in `fit`.
            batch_size: Samples in a batch of arrays; 32 if None.
            verbose: As in `fit`.
            steps: Batches to predict.
            callbacks: A list of callbacks.
            **legacy: As in `fit`.

        Returns:
            A NumPy array, or a nest of them in the structure of the model's output.
        """
        _refuse_unknown("predict", legacy)
        options = {"batch_size": batch_size, "verbose": verbose, "steps": steps, "callbacks": callbacks}
        with spread(self):
            return _loop.predict(self, x, options)

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: dict | None = None,
        return_dict: bool = False,
        reset_metrics: bool = True,
    ) -> Any:
        """One update on one batch. Returns the loss, or a list of loss and metrics, or a dict.

        Args:
            x: Inputs.
            y: Targets.
            sample_weight: Weights of the samples.
            class_weight: Class -> weight of its samples.
            return_dict: Whether the values come as a dict, by name.
            reset_metrics: Whether metrics start anew, or go on from earlier batches.
        """
        self._need_compiled("train_on_batch")
        with as_compiled(self):
            return self._on_batch("train", x, y, sample_weight, class_weight, return_dict, reset_metrics)

    def test_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        return_dict: bool = False,
        reset_metrics: bool = True,
    ) -> Any:
        """Loss and metrics of one batch. Returns the loss, or a list of loss and metrics, or a dict.

        Args:
            x: Inputs.
            y: Targets.
            sample_weight: Weights of the samples.
            return_dict: Whether the values come as a dict, by name.
            reset_metrics: Whether metrics start anew, or go on from earlier batches.
        """
        self._need_compiled("test_on_batch")
        return self._on_batch("test", x, y, sample_weight, None, return_dict, reset_metrics)

    def _on_batch(
        self, kind: str, x: Any, y: Any, weight: Any, classes: Any, as_dict: bool, reset: bool
    ) -> Any:
        self._refresh_steps()
        if reset:
            self.reset_metrics()
        with spread(self):
            logs = self._steps.run(kind, _loop.single_batch(x, y, weight, classes))
        logs = _loop.final_logs(logs)
        return logs if as_dict else self._listed(logs)

    def predict_on_batch(self, x: Any) -> Any:
        """Outputs for one batch, as NumPy arrays."""
        with spread(self):
            outputs = self._steps.run("predict", _loop.single_batch(x))
        return tree.map_structure(_loop.to_host, outputs)

    def fit_generator(
        self, generator: Any, steps_per_epoch: int | None = None, epochs: int = 1, **kwargs: Any
    ) -> Any:
        """`fit`, under its old name for generators.

        Args:
            generator: A generator of batches.
            steps_per_epoch: Batches in an epoch.
            epochs: Epochs.
            **kwargs: Further arguments of `fit`.
        """
        return self.fit(generator, steps_per_epoch=steps_per_epoch, epochs=epochs, **kwargs)

    def evaluate_generator(self, generator: Any, steps: int | None = None, **kwargs: Any) -> Any:
        """`evaluate`, under its old name for generators.

        Args:
            generator: A generator of batches.
            steps: Batches.
            **kwargs: Further arguments of `evaluate`.
        """
        return self.evaluate(generator, steps=steps, **kwargs)

    def predict_generator(self, generator: Any, steps: int | None = None, **kwargs: Any) -> Any:
        """`predict`, under its old name for generators.

        Args:
            generator: A generator of batches.
            steps: Batches.
            **kwargs: Further arguments of `predict`.
        """
        return self.predict(generator, steps=steps, **kwargs)

    def make_train_function(self, force: bool = False) -> Any:
        """Trace the training step anew if `force`; steps are otherwise made when needed."""
        if force:
            self._forget_steps()
        return lambda iterator: self._steps.run("train", next(iterator))


def _is_float16(model: Any) -> bool:
    return any(
        layer.dtype_policy.compute_dtype == "float16" and layer.dtype_policy.variable_dtype == "float32"
        for layer in model._flatten_layers()
    )


def _refuse_unknown(method: str, legacy: dict[str, Any]) -> None:
    unknown = sorted(
        set(legacy) - {"workers", "max_queue_size", "use_multiprocessing", "pickle_safe", "nb_epoch"}
    )
    if unknown:
        raise TypeError(f"{method}() got unexpected keyword arguments {unknown}.")


def _are_metrics(given: Any) -> bool:
    """Whether what stands in the place of `loss_weights` can only be metrics."""
    return any(isinstance(one, str) or callable(one) for one in tree.flatten(given))
