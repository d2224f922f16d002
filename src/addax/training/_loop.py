"""The one loop: epochs, steps, validation and stopping for fit; the steps alone for evaluate and predict."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from addax.callbacks import CallbackList
from addax.core import config, tree
from addax.core.errors import message
from addax.engine import PaddedRows, Tensor
from addax.training._ahead import looking_ahead
from addax.training._arrays import apply_class_weight, narrow, standard_arrays, warn_of_nan
from addax.training._batches import ArrayFeed, Feed
from addax.training._checkpoint import Run
from addax.training._chunks import Dispatch, of_rows, of_stream, one_by_one, paced, single
from addax.training._feed import make_feed, split_validation
from addax.training._labels import check_labels
from addax.training._options import validates
from addax.training._progress import Progress
from addax.training._ragged import is_ragged, joined, unfilled
from addax.training._step import unpack
from addax.training._waits import Waits


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
    for feed in (train, validation):
        check_labels(model, feed)
    model.stop_training = False
    progress = Progress(options["initial_epoch"])
    callbacks.set_run(Run(model, callbacks, train, validation, progress))
    callbacks.on_train_begin()  # here a backup is found, if there is one
    logs: dict[str, Any] = progress.logs
    for epoch in progress.epochs(epochs):
        if _ended(train, "training", epoch, options["initial_epoch"]):
            break
        model.reset_metrics()
        progress.begin(epoch)
        callbacks.on_epoch_begin(epoch)  # here what a backup holds of the midst of this epoch is put back
        logs = _train_epoch(model, train, callbacks, progress)
        if validation is not None and validates(epoch, options["validation_freq"]):
            if not _ended(validation, "validation", epoch, options["initial_epoch"]):
                logs = _joined(logs, _evaluate(model, validation, callbacks))
        progress.whole = True
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


def _train_epoch(model: Any, feed: Feed, callbacks: Any, progress: Progress) -> dict[str, Any]:
    """The steps of an epoch that are not done yet; the logs at its end."""
    logs: Any = progress.logs_so_far
    if progress.stopped:  # a callback ended this epoch, then the run was backed up and killed
        return final_logs(logs)
    watching = callbacks.wants_batches("train")
    # Nobody waits for arrays.
    waits = None if isinstance(feed, ArrayFeed) else Waits(step_time=progress.step_time)
    dispatches = _dispatches(model, "train", feed, callbacks, progress.step)
    for dispatch in dispatches if waits is None else waits.over(dispatches):
        if watching:
            callbacks.on_train_batch_begin(progress.step)
        logs = dispatch.run()
        if waits is not None:
            waits.note(logs)
        progress.step += dispatch.steps
        if watching:
            callbacks.on_train_batch_end(progress.step - 1, logs)
        if model.stop_training:
            break
    if waits is not None:
        progress.input_bound, progress.step_time = waits.share(), waits.step_time
    if logs is None:
        raise ValueError(
            message("The training data gave no batch.", hint="Is the generator spent, or the Dataset empty?")
        )
    return final_logs(logs)


def _dispatches(model: Any, kind: str, feed: Feed, callbacks: Any, start: int = 0) -> Iterator[Dispatch]:
    """What an epoch runs: several steps at once where nobody looks at single ones."""
    dispatches = _unpaced(model, kind, feed, callbacks, start)
    return dispatches if kind == "predict" else paced(dispatches)  # predictions are fetched one by one anyway


def _unpaced(model: Any, kind: str, feed: Feed, callbacks: Any, start: int) -> Iterator[Dispatch]:
    steps = model._steps
    batches: Any = _batches(feed, start)
    if kind == "predict":
        batches = (batch[:1] for batch in batches)
    watched = callbacks is not None and callbacks.wants_batches(kind, progress=False)
    if watched and kind == "train":
        return single(steps.run, kind, batches)
    if watched:
        room = one_by_one
    else:
        room = callbacks.batches_to_go if callbacks is not None and kind == "train" else lambda limit: limit
    if isinstance(feed, ArrayFeed):
        return of_rows(
            steps, kind, feed, itertools.islice(feed.epoch_rows(start), _steps_allowed(start)), room
        )
    dispatches = of_stream(steps, kind, batches, room)
    # Who looks at batches, or takes down where the data stands for a backup, must not find it a batch ahead.
    exact = watched or callbacks is not None and callbacks.counts_batches()
    return dispatches if exact else looking_ahead(dispatches)


def _batches(feed: Feed, start: int = 0) -> Iterator[tuple]:
    """The batches of an epoch behind the first `start` ones, as many as the settings allow."""
    return itertools.islice(feed.epoch(start), _steps_allowed(start))


def _steps_allowed(start: int) -> int | None:
    limit = config.max_steps_per_epoch()
    return None if limit is None else max(0, limit - start)


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
    model._steps.prepare(model, feed.peek())
    check_labels(model, feed)
    return _evaluate(model, feed, callbacks)


def _evaluate(model: Any, feed: Feed, callbacks: Any) -> dict[str, Any]:
    model._steps.prepare(model, feed.peek())
    model.reset_metrics()
    model.stop_evaluating = False
    callbacks.on_test_begin()
    watching = callbacks.wants_batches("test")
    logs: Any = None
    done = 0
    for dispatch in _dispatches(model, "test", feed, callbacks):
        if watching:
            callbacks.on_test_batch_begin(done)
        logs = dispatch.run()
        done += dispatch.steps
        if watching:
            callbacks.on_test_batch_end(done - 1, logs)
        if model.stop_evaluating:
            break
    if logs is None:
        raise ValueError(message("The data to evaluate on gave no batch."))
    found = final_logs(logs)
    callbacks.on_test_end(found)
    return found


def predict(model: Any, x: Any, options: dict[str, Any]) -> Any:
    """Outputs as NumPy arrays; see `Trainable.predict` for the options."""
    few = _few(x, options)
    if few is not None:
        outputs = None if config.get("run_eagerly") or model.run_eagerly else model._steps.predict_few(few)
        if outputs is not None:
            warn_of_nan((few,))
            return tree.map_structure(to_host, outputs)
    outputs = _predict(model, x, options)
    if few is not None:
        model._steps.remember(few)
    return outputs


def _few(x: Any, options: dict[str, Any]) -> np.ndarray | None:
    """`x`, if it is one batch of numbers that nobody watches: it needs no pipeline."""
    if type(x) is not np.ndarray or options["verbose"] or options["callbacks"] or options["steps"]:
        return None
    plain = x.dtype.kind in "fiub" and x.ndim and 0 < len(x) <= (options["batch_size"] or 32)
    return narrow(x) if plain else None


def _predict(model: Any, x: Any, options: dict[str, Any]) -> Any:
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
    """Outputs of one dispatch after the other, each on the host before the next but one is computed."""
    watching = callbacks.wants_batches("predict") if callbacks else False
    model.stop_predicting = False
    if callbacks:
        callbacks.on_predict_begin()
    waiting: Any = None
    done = 0
    for dispatch in _dispatches(model, "predict", feed, callbacks or None):
        if watching:
            callbacks.on_predict_batch_begin(done)
        outputs = dispatch.run()
        done += dispatch.steps
        if watching:
            outputs, dispatch = _without_empty(outputs, dispatch)
            callbacks.on_predict_batch_end(done - 1, {"outputs": outputs})
        if waiting is not None:
            yield _outputs(*waiting)
        waiting = outputs, dispatch
        if model.stop_predicting:
            break
    if waiting is not None:
        yield _outputs(*waiting)
    if callbacks:
        callbacks.on_predict_end()


def _outputs(outputs: Any, dispatch: Dispatch) -> Any:
    """The outputs of a dispatch as NumPy arrays."""
    return _without_empty(tree.map_structure(to_host, outputs), dispatch)[0]


def _without_empty(outputs: Any, dispatch: Dispatch) -> tuple[Any, Dispatch]:
    """The outputs without the places of steps that were not run, and their dispatch."""
    steps, places = dispatch.steps, dispatch.places
    if steps == places:
        return outputs, dispatch
    outputs = tree.map_structure(lambda a: a[: len(a) // places * steps], outputs)
    return outputs, dispatch._replace(places=steps)


def to_host(value: Any) -> Any:
    """A NumPy array of one output; a ragged one stays a ragged tensor."""
    if is_ragged(value):
        return unfilled(value) if isinstance(value, PaddedRows) else value
    if isinstance(value, Tensor):
        return np.array(value.__array__()) if not isinstance(value._value, np.ndarray) else value._value
    return np.asarray(value) if hasattr(value, "shape") else value


def _concatenate(*parts: Any) -> Any:
    if any(p is None for p in parts):
        return None
    if is_ragged(parts[0]):
        return joined(parts)
    if not parts[0].shape:
        return np.stack(parts)
    return np.concatenate(parts, axis=0)


def single_batch(x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None) -> tuple:
    """The batch of `train_on_batch` and its like."""
    arrays = standard_arrays(x, y, sample_weight)
    return arrays if class_weight is None else apply_class_weight(arrays, class_weight)
