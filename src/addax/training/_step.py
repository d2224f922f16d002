"""One step of training, testing or predicting: imperative code, compiled by the one purification."""

from __future__ import annotations

import functools
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core import config, tree
from addax.core.errors import message
from addax.engine import Compiled, GradientTape, SymbolicTensor, Tensor, raw_of, value_and_grad
from addax.engine._compile import Program, surroundings
from addax.engine._pack import pack
from addax.engine._repeat import Repeated, suits
from addax.engine.autograph import converted
from addax.training import _spread, _stateful
from addax.training._objective import batch_size
from addax.training._ragged import filled, is_ragged
from addax.training._sparse import densified, is_sparse

KINDS = ("train", "test", "predict")


class Steps:
    """The compiled step functions of a model; made when first needed, dropped when the model changes.

    The model is held weakly, so that it goes when its owner lets it go.
    """

    def __init__(self, model: Any) -> None:
        self._model = weakref.ref(model)
        self._lock = threading.RLock()
        self._compiled: dict[str, Compiled] = {}
        self._repeated: dict[tuple, Repeated | None] = {}
        self.trained_with: tuple | None = None  # known once the model is prepared
        self._few: dict[tuple, Program] = {}
        self.calls: Any = None  # what is known of plain calls of the model
        self.orders: dict[tuple, list[str]] = {}  # names in logs -> in the order in which lists give them

    def run(self, kind: str, batch: tuple) -> Any:
        """Run one step on a batch of host arrays or tensors."""
        model = self._model()
        assert model is not None
        data, eager = stage_text(model, batch)
        self._ready(model, kind, batch)
        if eager or runs_eagerly(model):
            return self._body(kind, tree.map_structure(_as_tensor, data))
        return self._function(kind)(_spread.put(data))

    def in_form(self, batch: tuple) -> tuple:
        """A batch in the form in which compiled code takes it."""
        model = self._model()
        assert model is not None
        return batch if runs_eagerly(model) else filled(_without_sparse(model, batch))

    def repeated(self, kind: str, batch: tuple, stacked: bool) -> Repeated | None:
        """Many steps in one dispatch over batches like this one, where that pays; None where it does not.

        Args:
            kind: `"train"`, `"test"` or `"predict"`.
            batch: A batch of host arrays.
            stacked: Whether the batches will be stacked on each other, rather than be rows of the same arrays.
        """
        model = self._model()
        assert model is not None
        if runs_eagerly(model) or any(_is_text(x) or is_sparse(x) for x in tree.flatten(batch)):
            return None
        self._ready(model, kind, batch)
        program = self._program(kind, batch)
        key = (kind, id(program), stacked)
        if key not in self._repeated:
            limit = _chunk_limit(model, kind, program, batch if stacked else ())
            joined = limit > 1 and suits(program)
            collect = kind == "predict"
            self._repeated[key] = Repeated(program, limit, collect, _spread.cut()) if joined else None
        return self._repeated[key]

    def may_overlap(self, kind: str, batch: tuple) -> bool:
        """Whether the step on a batch may run while the caller goes on; its first run may not."""
        model = self._model()
        assert model is not None
        if runs_eagerly(model) or any(_is_text(x) for x in tree.flatten(batch)):
            return False
        return self._program(kind, batch).may_overlap

    def compile_ahead(self, kind: str, batch: tuple) -> None:
        """Compile the step for batches like this one meanwhile, on another thread."""
        if _spread.cut() is not None:  # how variables and batches lie is known when it runs
            return
        self._program(kind, batch).compile_ahead()

    def _program(self, kind: str, batch: tuple) -> Program:
        leaves: list = []
        form = pack((batch,), leaves)
        return self._function(kind).program(form, leaves)

    def predict_few(self, x: np.ndarray) -> Any:
        """Outputs for a few rows, as tensors; None unless the step was compiled for rows like these before."""
        program = self._few.get((x.shape, x.dtype, surroundings()))
        return None if program is None else program([x])

    def remember(self, x: np.ndarray) -> None:
        """Have `predict_few` serve rows like these from now on."""
        model = self._model()
        if model is not None and not runs_eagerly(model) and len(self._few) < _FORMS:
            self._few[(x.shape, x.dtype, surroundings())] = self._program("predict", (x,))

    def _ready(self, model: Any, kind: str, batch: tuple) -> None:
        if self.trained_with is not None if kind != "predict" else model.built:
            return
        with self._lock:  # several threads may come with the first batch
            if kind != "predict":
                self.prepare(model, batch)
            elif not model.built:
                build_model(model, batch[0])

    def _body(self, kind: str, data: tuple) -> Any:
        model = self._model()
        assert model is not None
        if len(data) == 1 and not isinstance(data[0], (tuple, list)):
            data = data[0]  # as Keras hands over inputs without targets
        step = getattr(model, f"{kind}_step")
        run = converted(step)
        if _stateful.takes_state(step):
            run = functools.partial(_stateful.run, model, kind, run)
        result = run(data) if runs_eagerly(model) else _spread.by_replicas(run, data, kind, model)
        if kind != "predict" and type(result) is dict:
            return {name: result[name] for name in sorted(result)}  # the order that Keras shows logs in
        return result

    def _function(self, kind: str) -> Compiled:
        found = self._compiled.get(kind)
        if found is None:
            model = self._model()
            assert model is not None
            body = _WeakBody(self, kind)
            found = self._compiled[kind] = Compiled(body, donate=kind == "train", name=f"{kind}_step")
        return found

    def prepare(self, model: Any, batch: tuple) -> None:
        """Before the first trace: build the model, match losses and metrics to outputs, make optimizer slots."""
        if self.trained_with is not None:
            return
        outputs = None
        if not model.built or model._objective is not None and model._objective.outputs is None:
            outputs = model_outputs(model, batch[0])
        if model._objective is not None and outputs is not None:
            y = batch[1] if len(batch) > 1 else None
            model._objective.match(y, outputs)
        optimizer = model.optimizer
        if optimizer is not None and not optimizer.built and model.trainable_variables:
            optimizer.build(model.trainable_variables)
        self.trained_with = trained_with(model)


_FORMS = 64  # forms of a few rows that are remembered
_CHUNK = 64  # steps in one dispatch at the most
_CHUNK_BYTES = 1 << 24  # bytes of stacked batches, or of collected outputs, at the most


def _chunk_limit(model: Any, kind: str, program: Program, stacked: tuple) -> int:
    """The most steps in one dispatch; 0 if they cannot be joined."""
    limit = _CHUNK if model.steps_per_execution in (None, 1) else min(_CHUNK, model.steps_per_execution)
    size = sum(leaf.nbytes for leaf in tree.flatten(stacked) if hasattr(leaf, "nbytes"))
    if kind == "predict":
        outputs = program.results
        if not all(a.shape for a in outputs):
            return 0
        size += sum(a.size * a.dtype.itemsize for a in outputs)
    return min(limit, _CHUNK_BYTES // max(size, 1))


def trained_with(model: Any) -> tuple:
    """Identifies the variables that training updates; freezing layers changes it."""
    return tuple(map(id, model.trainable_variables))


class _WeakBody:
    """The body of a compiled step, without a reference to the model."""

    def __init__(self, steps: Steps, kind: str) -> None:
        self._steps = weakref.ref(steps)
        self._kind = kind

    def __call__(self, data: tuple) -> Any:
        steps = self._steps()
        assert steps is not None
        return steps._body(self._kind, data)


def _as_tensor(x: Any) -> Any:
    return Tensor(x) if isinstance(x, np.ndarray) else x


def runs_eagerly(model: Any) -> bool:
    """Whether the user asked for op-by-op execution."""
    return bool(model.run_eagerly) or config.get("run_eagerly")


def _takes_features(model: Any) -> bool:
    """Whether there is a layer of feature columns inside, which takes features as data sets have them."""
    return any(hasattr(layer, "prepare") for layer in model._flatten_layers())


def stage_text(model: Any, batch: tuple) -> tuple[tuple, bool]:
    """Run the part of the model that takes strings on the host.

    Returns:
        The batch with numbers only, ragged ones filled up, and whether the step must run eagerly because that was
        not possible.
    """
    batch = _without_sparse(model, batch)
    if runs_eagerly(model):
        return batch, True
    if not any(_is_text(x) or is_sparse(x) for x in tree.flatten(batch)):
        return filled(batch), False
    if any(_is_text(x) for x in tree.flatten(batch[1:])):
        return batch, True
    staged = model._stage(batch[0])
    if staged is None:
        return batch, True
    return filled((staged, *batch[1:])), False


def _without_sparse(model: Any, batch: tuple) -> tuple:
    """A batch with sparse tensors made dense, but for those that the model's feature columns take."""
    given = [x for x in tree.flatten(batch[0]) if is_sparse(x)]
    if not given or not _takes_features(model):
        return densified(batch)
    if model.inputs is not None and not all(x.dtype.is_floating for x in given):
        raise ValueError(
            message(
                "Feature columns behind an Input take dense features: in a sparse one, nothing is told from id 0.",
                received=", ".join(
                    f"a sparse tensor of shape {x.shape}, dtype {x.dtype.name}" for x in given
                ),
                hint="Let DenseFeatures be the first layer of a Sequential model without Input, or of a subclass.",
            )
        )
    return (batch[0], *densified(batch[1:])) if model.inputs is None else densified(batch)


def _is_text(x: Any) -> bool:
    if isinstance(x, np.ndarray):
        return x.dtype.kind in "OSU"
    return (isinstance(x, Tensor) or is_ragged(x)) and x.dtype == "string"


# Building ------------------------------------------------------------------------------------------------
def build_model(model: Any, x: Any) -> Any:
    """Build a model for data like `x`, abstractly; return symbolic outputs (real ones of a model that runs eagerly)."""
    if runs_eagerly(model):  # its code may need values
        return forward(model, tree.map_structure(_as_tensor, x), False)
    specs = tree.map_structure(_spec, x)
    rows = next((leaf.shape[0] for leaf in tree.flatten(x) if getattr(leaf, "shape", ())), None)
    if any(map(is_ragged, tree.flatten(x))):  # shapes are open anyway
        specs, rows = tree.map_structure(_of_any_batch, specs), None
    outputs = model._infer_build(specs, batch=rows)
    model.built = True
    return outputs


def _spec(x: Any) -> Any:
    if x is None or not hasattr(x, "shape"):
        return x
    name = "string" if _is_text(x) else Tensor(x).dtype if isinstance(x, np.ndarray) else x.dtype
    if is_ragged(x):
        return SymbolicTensor([*x.shape[:1], None, *x.shape[2:]], name, ragged=True)
    return SymbolicTensor(x.shape, name)


def _of_any_batch(x: Any) -> Any:
    if not isinstance(x, SymbolicTensor) or not x.shape:
        return x
    return SymbolicTensor([None, *x.shape[1:]], x.dtype, ragged=x.ragged)


def model_outputs(model: Any, x: Any) -> Any:
    """Symbolic outputs of the model for data like `x`; builds it. None if it cannot be called on `x` alone."""
    if model.outputs is not None:
        return model.output
    if not _has_call(model):
        return None
    if custom_step(model) and not model.built:
        try:
            return build_model(model, x)
        except (TypeError, ValueError, AttributeError):  # train_step feeds `call` otherwise than we can guess
            return None
    return build_model(model, x)


def _has_call(model: Any) -> bool:
    return getattr(type(model).call, "__qualname__", "") not in ("Model.call", "Layer.call")


def custom_step(model: Any) -> bool:
    """Whether the user overrides the training step."""
    return type(model).train_step.__module__ != __name__.replace("_step", "_stepping")


# The built-in steps --------------------------------------------------------------------------------------
def train_step(model: Any, data: tuple) -> dict[str, Any]:
    """Forward, backward, update, metrics: what `Model.train_step` does unless overridden."""
    x, y, sample_weight = unpack(data)

    def losses() -> tuple[Any, Any]:
        y_pred = forward(model, x, True)
        loss = model._compute_loss(x, y, y_pred, sample_weight, True)
        return (loss if optimizer is None else optimizer.scale_loss(loss)), (loss, y_pred)

    variables, optimizer = model.trainable_variables, model.optimizer
    if variables and optimizer is None:
        raise ValueError(
            message("Training needs an optimizer.", received=None, hint='compile(optimizer="adam", ...)')
        )
    if not variables:
        _, (loss, y_pred) = losses()
    else:
        (loss, y_pred), grads = _gradients(model, losses, variables)
        optimizer.apply(grads, variables)
    model._track_loss(loss, x)
    return model.compute_metrics(x, y, y_pred, sample_weight)


def _gradients(model: Any, losses: Callable, variables: list) -> tuple[Any, list]:
    """What `losses() -> (loss, aux)` gives besides the loss, and the gradients of the loss."""
    if not runs_eagerly(model):
        _, aux, grads = value_and_grad(losses, variables)
        return aux, [Tensor(grad) for grad in grads]
    with GradientTape() as tape:  # op by op, so that user code sees values
        loss, aux = losses()
    return aux, tape.gradient(loss, variables, unconnected_gradients="zero")


def test_step(model: Any, data: tuple) -> dict[str, Any]:
    """Forward, loss, metrics: what `Model.test_step` does unless overridden."""
    x, y, sample_weight = unpack(data)
    y_pred = forward(model, x, False)
    loss = model._compute_loss(x, y, y_pred, sample_weight, False)
    model._track_loss(loss, x)
    return model.compute_metrics(x, y, y_pred, sample_weight)


def predict_step(model: Any, data: tuple) -> Any:
    """Forward: what `Model.predict_step` does unless overridden."""
    return forward(model, unpack(data)[0], False)


def forward(model: Any, x: Any, training: bool) -> Any:
    """Call a model, whether or not it takes `training`."""
    return model(x, training=training) if model._call_takes_training() else model(x)


def unpack(data: Any) -> tuple[Any, Any, Any]:
    """`(x, y, sample_weight)` of a batch, None for what is missing."""
    if isinstance(data, list):
        data = tuple(data)
    if not isinstance(data, tuple):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ValueError(
            message(
                "A batch is x, (x, y) or (x, y, sample_weight).", received=f"a tuple of {len(data)} parts"
            )
        )
    return (*data, *(None,) * (3 - len(data)))  # type: ignore[return-value]


def track_loss(tracker: Any, loss: Any, x: Any) -> None:
    """Add a batch's loss to the epoch's mean, weighted by the batch's size."""
    leaf = next((leaf for leaf in tree.flatten(x) if getattr(leaf, "shape", ())), None)
    tracker.update_state(loss, sample_weight=1 if leaf is None else batch_size(leaf))


def as_scalar(value: Any) -> Any:
    """A loss as a raw scalar."""
    return raw_of(value)
