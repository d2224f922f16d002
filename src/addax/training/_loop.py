"""The one loop: epochs, steps, validation and stopping for fit; the steps alone for evaluate and predict."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from addax.callbacks import CallbackList
from addax.core import config, tree
from addax.core.errors import message
from addax.engine import Tensor
from addax.training._arrays import apply_class_weight, standard_arrays
from addax.training._feed import ArrayFeed, Feed, make_feed, split_validation
from addax.training._options import validates
from addax.training._step import unpack


def fit(model: Any, x: Any, y: Any, options: dict[str, Any]) -> Any:
    """Train; see `Trainable.fit` for the options. Returns the History."""
    model._need_compiled("fit")
    model._refresh_steps()
    train, validation = _feeds(x, y, options)
    epochs = options["epochs"]
    if config.max_epochs() is not None:
        epochs = min(epochs, config.max_epochs())
    callbacks = _callback_list(
        model, options["callbacks"], options["verbose"], epochs=epochs, steps=train.steps
    )
    model._steps.prepare(model, train.peek())
    model.stop_training = False
    logs: dict[str, Any] = {}
    callbacks.on_train_begin()
    for epoch in range(options["initial_epoch"], epochs):
        if _ended(train, "training", epoch, options["initial_epoch"]):
            break
        model.reset_metrics()
        callbacks.on_epoch_begin(epoch)
        logs = _train_epoch(model, train, callbacks)
        if validation is not None and validates(epoch, options["validation_freq"]):
            if not _ended(validation, "validation", epoch, options["initial_epoch"]):
                logs = _joined(logs, _evaluate(model, validation, callbacks))
        callbacks.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    if model.optimizer is not None and model.optimizer.built:
        model.optimizer.finalize_variable_values(model.trainable_variables)
    callbacks.on_train_end(logs)
    return model.history


def _joined(logs: dict[str, Any], validation: dict[str, Any]) -> dict[str, Any]:
    """Logs of training and validation in one dict by sorted name, as Keras has them."""
    return dict(sorted({**logs, **{f"val_{name}": value for name, value in validation.items()}}.items()))


def _ended(feed: Feed, what: str, epoch: int, first: int) -> bool:
    """Whether a generator has no batches for a further epoch; warns, for the results so far are good."""
    if epoch == first or not feed.spent():
        return False
    warnings.warn(
        f"The generator of {what} data ended after epoch {epoch}: {what} stops here. Give a function that makes "
        "a generator, a Dataset or a PyDataset, which can be started again, or fewer epochs.",
        stacklevel=5,
    )
    return True


def _train_epoch(model: Any, feed: Feed, callbacks: Any) -> dict[str, Any]:
    """One epoch: several steps to a dispatch where nobody looks at single ones, else step by step."""
    repeated = None
    if isinstance(feed, ArrayFeed) and not callbacks.wants_batches("train", progress=False):
        repeated = model._steps.repeated("train", feed)
    if repeated is None or not isinstance(feed, ArrayFeed):
        logs = _steps(model, feed, callbacks)
    else:
        logs = _chunks(model, feed, callbacks, repeated)
    if logs is None:
        raise ValueError(
            message("The training data gave no batch.", hint="Is the generator spent, or the Dataset empty?")
        )
    return final_logs(logs)


def _steps(model: Any, feed: Feed, callbacks: Any) -> Any:
    """An epoch step by step; the logs of the last step."""
    logs: Any = None
    watching = callbacks.wants_batches("train")
    run = model._steps.run
    for step, batch in enumerate(_batches(feed)):
        if watching:
            callbacks.on_train_batch_begin(step)
        logs = run("train", batch)
        if watching:
            callbacks.on_train_batch_end(step, logs)
        if model.stop_training:
            break
    return logs


def _chunks(model: Any, feed: ArrayFeed, callbacks: Any, repeated: Any) -> Any:
    """An epoch with many steps to a dispatch; a smaller batch at the end runs by itself."""
    logs: Any = None
    watching = callbacks.wants_batches("train")
    limit = config.max_steps_per_epoch()
    done = 0
    for rows in _groups(itertools.islice(feed.epoch_rows(), limit), repeated.limit, feed.batch_size):
        if watching:
            callbacks.on_train_batch_begin(done)
        logs = (
            repeated(rows)
            if len(rows[0]) == feed.batch_size
            else model._steps.run("train", feed.take(rows[0]))
        )
        done += len(rows)
        if watching:
            callbacks.on_train_batch_end(done - 1, logs)
        if model.stop_training:
            break
    return logs


def _groups(rows: Iterable[np.ndarray], limit: int, size: int) -> Iterator[list[np.ndarray]]:
    """Batches in groups of at most `limit`; one of another size than `size` alone."""
    group: list[np.ndarray] = []
    for batch in rows:
        if len(batch) != size:
            if group:
                yield group
            yield [batch]
            group = []
            continue
        group.append(batch)
        if len(group) == limit:
            yield group
            group = []
    if group:
        yield group


def _batches(feed: Feed) -> Iterator[tuple]:
    """The batches of an epoch, as many as the settings allow."""
    return itertools.islice(feed.epoch(), config.max_steps_per_epoch())


def final_logs(logs: Any) -> dict[str, Any]:
    """The logs of the last step as Python floats by sorted name, as Keras has them (this waits for the device)."""
    if not isinstance(logs, dict):
        raise TypeError(
            message(
                "train_step() and test_step() must return a dict of logs.",
                expected="{'loss': ...}",
                received=logs,
            )
        )
    flat: dict[str, Any] = {}
    for name, value in logs.items():
        flat.update(value) if isinstance(value, dict) else flat.update({name: value})
    return {name: _number(flat[name]) for name in sorted(flat)}


def _number(value: Any) -> Any:
    array = np.asarray(value)
    return float(array) if array.ndim == 0 else array


def _feeds(x: Any, y: Any, options: dict[str, Any]) -> tuple[Feed, Feed | None]:
    sample_weight = options["sample_weight"]
    held: Any = options["validation_data"]
    if options["validation_split"] and held is None:
        (x, y, sample_weight), held = split_validation(x, y, sample_weight, options["validation_split"])
    train = make_feed(
        x,
        y,
        sample_weight,
        batch_size=options["batch_size"],
        steps=options["steps_per_epoch"],
        shuffle=options["shuffle"],
        class_weight=options["class_weight"],
    )
    if held is None:
        return train, None
    validates(0, options["validation_freq"])  # nonsense fails now, not after the first epoch
    size = options["validation_batch_size"] or options["batch_size"]
    held_x, held_y, held_weight = unpack(held)
    validation = make_feed(held_x, held_y, held_weight, batch_size=size, steps=options["validation_steps"])
    return train, validation


def _callback_list(model: Any, callbacks: Any, verbose: Any, **params: Any) -> Any:
    if isinstance(callbacks, CallbackList):
        return callbacks
    return CallbackList(
        callbacks,
        add_history=True,
        add_progbar=verbose not in (0, False),
        model=model,
        verbose=verbose,
        **params,
    )


def evaluate(model: Any, x: Any, y: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Loss and metrics on data; see `Trainable.evaluate` for the options."""
    model._need_compiled("evaluate")
    model._refresh_steps()
    feed = make_feed(x, y, options["sample_weight"], batch_size=options["batch_size"], steps=options["steps"])
    verbose = options["verbose"]
    callbacks = options["callbacks"]
    if not isinstance(callbacks, CallbackList):
        callbacks = CallbackList(
            callbacks,
            add_progbar=verbose not in (0, False),
            model=model,
            verbose=verbose,
            epochs=1,
            steps=feed.steps,
        )
    return _evaluate(model, feed, callbacks)


def _evaluate(model: Any, feed: Feed, callbacks: Any) -> dict[str, Any]:
    model._steps.prepare(model, feed.peek())
    model.reset_metrics()
    model.stop_evaluating = False
    callbacks.on_test_begin()
    watching = callbacks.wants_batches("test")
    run = model._steps.run
    logs: Any = None
    for step, batch in enumerate(_batches(feed)):
        if watching:
            callbacks.on_test_batch_begin(step)
        logs = run("test", batch)
        if watching:
            callbacks.on_test_batch_end(step, logs)
        if model.stop_evaluating:
            break
    if logs is None:
        raise ValueError(message("The data to evaluate on gave no batch."))
    found = final_logs(logs)
    callbacks.on_test_end(found)
    return found


def predict(model: Any, x: Any, options: dict[str, Any]) -> Any:
    """Outputs as NumPy arrays; see `Trainable.predict` for the options."""
    model._refresh_steps()
    callbacks, verbose = options["callbacks"], options["verbose"]
    feed = _predict_feed(x, options)
    if not isinstance(callbacks, CallbackList) and (callbacks or verbose not in (0, False)):
        callbacks = CallbackList(
            callbacks,
            add_progbar=verbose not in (0, False),
            model=model,
            verbose=verbose,
            epochs=1,
            steps=feed.steps,
        )
    parts = list(_predictions(model, feed, callbacks))
    if not parts:
        raise ValueError(message("The data to predict on gave no batch."))
    if len(parts) == 1:
        return parts[0]
    return tree.map_structure(_concatenate, *parts)


def _predict_feed(x: Any, options: dict[str, Any]) -> Feed:
    return make_feed(x, batch_size=options["batch_size"], steps=options["steps"])


def _predictions(model: Any, feed: Feed, callbacks: Any) -> Iterator[Any]:
    """Outputs batch by batch, each on the host before the next but one is computed."""
    run = model._steps.run
    watching = callbacks.wants_batches("predict") if callbacks else False
    model.stop_predicting = False
    if callbacks:
        callbacks.on_predict_begin()
    waiting: Any = None
    for step, batch in enumerate(_batches(feed)):
        if watching:
            callbacks.on_predict_batch_begin(step)
        outputs = run("predict", batch[:1])
        if watching:
            callbacks.on_predict_batch_end(step, {"outputs": outputs})
        if waiting is not None:
            yield tree.map_structure(to_host, waiting)
        waiting = outputs
        if model.stop_predicting:
            break
    if waiting is not None:
        yield tree.map_structure(to_host, waiting)
    if callbacks:
        callbacks.on_predict_end()


def to_host(value: Any) -> Any:
    """A NumPy array of one output."""
    if isinstance(value, Tensor):
        return np.array(value.__array__()) if not isinstance(value._value, np.ndarray) else value._value
    return np.asarray(value) if hasattr(value, "shape") else value


def _concatenate(*parts: Any) -> Any:
    if any(p is None for p in parts):
        return None
    if not parts[0].shape:
        return np.stack(parts)
    return np.concatenate(parts, axis=0)


def single_batch(x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None) -> tuple:
    """The batch of `train_on_batch` and its like."""
    arrays = standard_arrays(x, y, sample_weight)
    return arrays if class_weight is None else apply_class_weight(arrays, class_weight)
