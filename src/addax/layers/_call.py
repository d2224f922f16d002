"""One call of a layer: arguments to tensors, build, masks, training flag, dtype, losses; symbolic or not."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from addax.core import context, dtypes, tree
from addax.core.errors import message
from addax.core.garbage import collected_seldom
from addax.engine import Node, SymbolicTensor, Tensor, TensorShape, Variable, _placement, infer, pure
from addax.engine._infer import PROBES
from addax.engine._operators import cast
from addax.engine._unknown_texts import session
from addax.engine._variable import host_array
from addax.engine.autograph import converted
from addax.kernels import says_where
from addax.layers._arguments import shown
from addax.layers._building import build_inside
from addax.layers._known_shapes import remembered
from addax.layers._ragged import any_ragged, is_ragged, run_ragged
from addax.layers._shapes import as_shape, common_shape, unprobed
from addax.layers._spec import CallSpec, call_spec, check_inputs

if TYPE_CHECKING:
    from addax.layers._layer import Layer


class CallRecord:
    """One outermost call: what was called belongs together when losses are collected."""

    __slots__ = ()


def call_layer(layer: Layer, args: tuple, kwargs: dict) -> Any:
    """What `layer(...)` does."""
    spec = call_spec(type(layer))
    texts = session()
    if texts is not None:
        found = texts.layer(layer, args, kwargs)
        if found is not NotImplemented:
            return found
    if not kwargs and len(args) == 1 and type(args[0]) is Tensor:  # as most calls are
        target = layer.compute_dtype if layer.autocast else None
        return run(layer, spec, (_convert_leaf(args[0], target, layer),), kwargs)
    raw = _only_raw(args, kwargs)
    args, kwargs = _convert_arguments(layer, spec, args, kwargs)
    leaves = tree.flatten((args, kwargs))
    if any(type(x) is SymbolicTensor or isinstance(x, SymbolicTensor) for x in leaves):
        return _call_symbolic(layer, spec, args, kwargs)
    outputs = run(layer, spec, args, kwargs)
    return tree.map_structure(_to_raw, outputs) if raw else outputs


def _to_raw(x: Any) -> Any:
    return x._value if isinstance(x, Tensor) else x


def _only_raw(args: tuple, kwargs: dict) -> bool:
    """Whether the call comes from JAX code: raw arrays in, so raw arrays out."""
    found = False
    for x in tree.flatten((args, kwargs)):
        if isinstance(x, (Tensor, SymbolicTensor)):
            return False
        found = found or hasattr(x, "aval")
    return found


# Arguments -----------------------------------------------------------------------------------------------
def _convert_arguments(layer: Layer, spec: CallSpec, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
    target = layer.compute_dtype if layer.autocast else None
    if args:
        first = args[0]
        if isinstance(first, (list, tuple)) and _is_plain(first):
            first = host_array(first)
        args = (_convert(first, target, layer), *(_convert(a, target, layer) for a in args[1:]))
    elif spec.required and spec.required[0] not in kwargs and not spec.has_args:
        raise ValueError(
            message(
                f"{type(layer).__name__}.call() needs its first argument.",
                where=layer.path,
                expected=f"call({', '.join(spec.names)})",
                received=f"keyword arguments {sorted(kwargs)}" if kwargs else "no arguments",
            )
        )
    if kwargs:
        kwargs = {k: _convert(v, target, layer) if k != "training" else v for k, v in kwargs.items()}
    return args, kwargs


def _is_plain(value: Any) -> bool:
    """Whether a list holds numbers or text only, so that it is meant as one tensor."""
    leaves = tree.flatten(value)
    return bool(leaves) and all(isinstance(x, (bool, int, float, str, bytes, np.generic)) for x in leaves)


def _convert(value: Any, target: Any, layer: Layer) -> Any:
    if isinstance(value, (list, tuple, dict)):
        return tree.map_structure(lambda x: _convert_leaf(x, target, layer), value)
    return _convert_leaf(value, target, layer)


def _convert_leaf(x: Any, target: Any, layer: Layer) -> Any:
    if isinstance(x, (Tensor, SymbolicTensor)):
        dtype = x.dtype
        if target is None or dtype == target or not dtype.is_floating or dtype in dtypes.FLOAT8:
            return x
        new = x.recast(target) if isinstance(x, SymbolicTensor) else cast(x, target)
        mask = getattr(x, "_keras_mask", None)
        if mask is not None:
            new._keras_mask = mask
        return new
    if x is None or isinstance(x, (bool, int, float, str, Variable)):
        return x
    if is_ragged(x):
        return cast(x, target) if target is not None and x.dtype.is_floating and x.dtype != target else x
    if hasattr(x, "aval"):
        return _convert_leaf(Tensor(x), target, layer)
    converted = getattr(x, "__addax_tensor__", None)
    if converted is not None:
        return _convert_leaf(converted(), target, layer)
    if hasattr(x, "__array__") and not isinstance(x, type) and not hasattr(x, "__addax_unknown__"):
        return _from_numpy(np.asarray(x), target)
    return x


def _from_numpy(array: np.ndarray, target: Any) -> Tensor:
    if array.dtype.kind in "OSU":
        return Tensor(host_array(array))
    if array.dtype.kind == "f" and target is not None:
        return Tensor(array.astype(dtypes.numpy_dtype(target), copy=False))
    return Tensor(array.astype(dtypes.numpy_dtype(dtypes.narrow(array.dtype.name)), copy=False))


# The call ------------------------------------------------------------------------------------------------
def run(layer: Layer, spec: CallSpec, args: tuple, kwargs: dict) -> Any:
    """Call a layer on tensors: build it if needed, and run `call` in its context."""
    if not layer.built:
        build_for(layer, spec, args, kwargs)
    if any_ragged(args, kwargs):
        return run_ragged(layer, args, kwargs, lambda args, kwargs: _run(layer, spec, args, kwargs))
    return _run(layer, spec, args, kwargs)


def _run(layer: Layer, spec: CallSpec, args: tuple, kwargs: dict) -> Any:
    outer = context.current()
    training = _training_flag(layer, spec, kwargs, outer.training)
    if spec.training:
        kwargs = {**kwargs, "training": training}
    elif "training" in kwargs and not spec.has_kwargs:
        kwargs = {k: v for k, v in kwargs.items() if k != "training"}
    given_masks = _fill_masks(layer, spec, args, kwargs)
    if layer.input_spec is not None:
        check_inputs(layer.input_spec, args[0] if args else next(iter(kwargs.values())), layer.path)
    record = outer.call or CallRecord()
    layer.__dict__["_last_record"] = record
    autocast = layer.compute_dtype if layer.autocast and layer.compute_dtype != layer.variable_dtype else None
    if layer.autocast is False:
        autocast = outer.autocast
    token = context.push(
        training=training,
        path=layer._scope(),
        autocast=None if autocast is None else str(autocast),
        call=record,
    )
    try:
        call = converted(_computation(layer))
        if layer._remat_mode is not None:
            call = layer.rematerialized_call(call, *args, **kwargs)
        outputs = says_where(call, layer)(*args, **kwargs)
        if layer.activity_regularizer is not None:
            _regularize_activity(layer, outputs)
        if (placement := _placement.in_force()) is not None:
            outputs = _laid_out(placement, layer, outputs)
    except Exception as error:
        _explain(error, layer, args, kwargs)
        raise
    finally:
        context.pop(token)
    _set_masks(layer, args, kwargs, outputs, given_masks)
    _note_shapes(layer, outputs)
    return outputs


def _laid_out(placement: Any, layer: Layer, outputs: Any) -> Any:
    """The outputs, laid out on the devices if somebody said how."""
    layout = placement.get_tensor_layout(f"{layer.path}/output")
    if layout is None:
        return outputs

    def lay_out(x: Any) -> Any:
        if not isinstance(x, Tensor) or x.dtype == "string":
            return x
        return Tensor(_placement.placed(x._value, layout)) if not context.current().tapes else x

    return tree.map_structure(lay_out, outputs)


def _computation(layer: Layer) -> Any:
    """`call`; or the `quantized_call` that a quantized layer of a user brings."""
    own = type(layer).quantized_call is not _base().quantized_call
    return layer.quantized_call if own and layer.quantization_mode is not None else layer.call


def _training_flag(layer: Layer, spec: CallSpec, kwargs: dict, outer: bool | None) -> bool | None:
    training = kwargs.get("training")
    if training is None:
        training = outer
    if training is None:
        training = spec.training_default
    if training is None or isinstance(training, bool):
        return training
    return bool(training)


def _regularize_activity(layer: Layer, outputs: Any) -> None:
    for out in tree.flatten(outputs):
        if hasattr(out, "shape"):
            penalty = layer.activity_regularizer(out)
            # for each sample, so that the batch size does not change its weight
            layer.add_loss(penalty / out.shape[0] if len(out.shape) and out.shape[0] else penalty)


def _fill_masks(layer: Layer, spec: CallSpec, args: tuple, kwargs: dict) -> Any:
    """Give `call` the masks that its inputs carry; return the mask of the first argument."""
    named = spec.named(args, kwargs)
    first_mask = None
    for i, (name, value) in enumerate(named.items()):
        if name == "training" or name in spec.masks:
            continue
        mask = _masks_of(value)
        if i == 0:
            first_mask = mask
        parameter = "mask" if i == 0 and "mask" in spec.masks else f"{name}_mask"
        if mask is not None and parameter in spec.masks and named.get(parameter) is None:
            kwargs[parameter] = mask
    explicit = kwargs.get("mask") if "mask" in spec.masks else None
    return explicit if explicit is not None else first_mask


def _masks_of(value: Any) -> Any:
    """The masks of a nest of tensors, None if none of them has one."""
    if isinstance(value, Tensor):
        return getattr(value, "_keras_mask", None)
    if isinstance(value, (list, tuple, dict)):
        masks = tree.map_structure(lambda x: getattr(x, "_keras_mask", None), value)
        return masks if any(m is not None for m in tree.flatten(masks)) else None
    return None


def _set_masks(layer: Layer, args: tuple, kwargs: dict, outputs: Any, previous: Any) -> None:
    if not layer.supports_masking:
        if previous is not None and "mask" not in call_spec(type(layer)).masks and _drops_masks(layer):
            warnings.warn(
                f"Layer '{layer.name}' (of type {type(layer).__name__}) was passed an input with a mask "
                "attached to it, and does not support masking: the mask is lost from here on. Set "
                "supports_masking = True if it should go on to the output.",
                stacklevel=4,
            )
        return
    if previous is None and type(layer).compute_mask is _base().compute_mask:
        return
    if isinstance(outputs, Tensor):
        if getattr(outputs, "_keras_mask", None) is None:
            mask = layer.compute_mask(args[0] if args else next(iter(kwargs.values())), previous)
            if mask is not None and hasattr(mask, "shape"):
                if any(outputs is a for a in tree.flatten(args)):
                    return
                outputs._keras_mask = mask
        return
    masks = layer.compute_mask(args[0] if args else None, previous)
    flat = tree.flatten(outputs)
    for out, mask in zip(
        flat, tree.flatten(masks) if masks is not None else [None] * len(flat), strict=False
    ):
        if isinstance(out, Tensor) and mask is not None and getattr(out, "_keras_mask", None) is None:
            out._keras_mask = mask


def _drops_masks(layer: Layer) -> bool:
    return not layer._layers and type(layer).__module__.partition(".")[0] == "addax"


def _explain(error: Exception, layer: Layer, args: tuple, kwargs: dict) -> None:
    """Add the layer's path and the arguments to an error, once."""
    if getattr(error, "_layer_named", False):
        return
    try:
        error._layer_named = True  # type: ignore[attr-defined]
    except AttributeError:
        return
    given = {"args": [_text(a) for a in args], **{k: _text(v) for k, v in kwargs.items() if v is not None}}
    error.add_note(f"While calling layer '{layer.path}' ({type(layer).__name__}) with {given}.")


def _text(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_text(v) for v in value]
    if isinstance(value, dict):
        return {k: _text(v) for k, v in value.items()}
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"{shown(value.shape)} {value.dtype}"
    return value


# Building ------------------------------------------------------------------------------------------------
_build_lock = threading.RLock()


def build_for(layer: Layer, spec: CallSpec, args: tuple, kwargs: dict) -> None:
    """Call `build` with the shapes of the first call's tensors, unless another thread has done so meanwhile."""
    with _build_lock:
        if not layer.built:
            _build_for(layer, spec, args, kwargs)


def _build_for(layer: Layer, spec: CallSpec, args: tuple, kwargs: dict) -> None:
    if layer.input_spec is not None and args:
        check_inputs(layer.input_spec, args[0], layer.path)
    with context.entered(path=tuple(context.current().path)):
        if layer._builds_in_call():
            layer.built = True
            layer._path = "/".join(layer._scope())
            layer._build_shapes = _shapes_of_first(spec, args, kwargs)
            return
        layer.build(**_build_arguments(layer, spec, args, kwargs))
    layer.built = True


def _shapes_of_first(spec: CallSpec, args: tuple, kwargs: dict) -> dict[str, Any] | None:
    first = args[0] if args else next((v for k, v in kwargs.items() if k != "training"), None)
    shapes = _shape_nest(first)
    return None if shapes is None else {"input_shape": shapes}


def _build_arguments(layer: Layer, spec: CallSpec, args: tuple, kwargs: dict) -> dict[str, Any]:
    import inspect

    parameters = [
        p for p in inspect.signature(layer.build).parameters.values() if p.kind is not p.VAR_KEYWORD
    ]
    names = [p.name for p in parameters if p.kind is not p.VAR_POSITIONAL]
    named = {k: v for k, v in spec.named(args, kwargs).items() if k not in ("training", "mask")}
    if len(args) > len(spec.names):  # call(*args)
        named = {"inputs": args[0]}
    shapes = {k: _shape_nest(v) for k, v in named.items()}
    if len(names) <= 1:
        first = next(iter(shapes.values()), None)
        return {names[0]: first} if names else {}
    found = {f"{k}_shape": s for k, s in shapes.items() if s is not None}
    result = {name: found[name] for name in names if name in found}
    missing = [p.name for p in parameters if p.default is p.empty and p.name not in result]
    if missing:
        unused = [s for k, s in found.items() if k not in result]
        result.update(dict(zip(missing, unused, strict=False)))
    still = [name for name in missing if name not in result]
    if still:
        raise ValueError(
            message(
                f"{type(layer).__name__}.build() takes arguments that do not belong to tensors of call().",
                where=layer.path,
                expected=f"for each tensor argument x of call(), build() may take x_shape; "
                f"call has {spec.names}",
                received=f"build({', '.join(names)})",
            )
        )
    return result


def _shape_nest(value: Any) -> Any:
    """The shapes of a nest of tensors; a dimension that only stands for an unknown one becomes None."""

    def shape(x: Any) -> Any:
        if not hasattr(x, "shape"):
            return None
        features = not hasattr(x, "dtype") or dtypes.standardize(x.dtype).is_floating
        return TensorShape(unprobed(x.shape, features))

    if isinstance(value, (list, tuple, dict)):
        nest = tree.map_structure(shape, value)
        leaves = tree.flatten(nest)
        return nest if any(s is not None for s in leaves) or not leaves else None
    return shape(value)


def _note_shapes(layer: Layer, outputs: Any) -> None:
    """Keep the output shapes for the summary of subclassed models, which has no graph to look them up in."""
    probing = context.current().probing
    if probing is None:
        return
    shapes = _shape_nest(outputs)
    if probing == PROBES[1]:  # the first probe came before: what differs is unknown
        shapes = common_shape(layer.__dict__.get("_seen_output_shape"), shapes)
    layer.__dict__["_seen_output_shape"] = shapes


# Symbolic calls ------------------------------------------------------------------------------------------
@collected_seldom()
def _call_symbolic(layer: Layer, spec: CallSpec, args: tuple, kwargs: dict) -> Any:
    if not layer.built:
        build_for(layer, spec, args, kwargs)
    if layer.input_spec is not None and args:
        check_inputs(layer.input_spec, args[0], layer.path)
    if type(layer).compute_output_spec is not _base().compute_output_spec:
        outputs = layer.compute_output_spec(*args, **kwargs)
    else:
        outputs = infer_outputs(layer, args, kwargs)
    args, kwargs = tree.map_structure(_uncast, (args, kwargs))
    Node(layer, args, kwargs, outputs)
    return outputs


def _uncast(x: Any) -> Any:
    """What the graph has in place of an input that the layer casts by itself whenever it runs."""
    return x.cast_from if isinstance(x, SymbolicTensor) and x.cast_from is not None else x


def infer_outputs(layer: Layer, args: tuple, kwargs: dict) -> Any:
    """Symbolic outputs of a layer, without a node; a user's `compute_output_shape` decides."""
    if type(layer).compute_output_shape is not _base().compute_output_shape and args:
        return _from_output_shape(layer, args)
    return probe_outputs(layer, args, kwargs)


def probe_outputs(layer: Layer, args: tuple, kwargs: dict) -> Any:
    """Symbolic outputs of a layer, from running its `call` without values."""
    spec = call_spec(type(layer))
    if not layer.built:
        build_for(layer, spec, args, kwargs)

    def abstract(call_args: tuple, call_kwargs: dict) -> Any:
        return run(layer, spec, tuple(call_args), dict(call_kwargs))

    build_inside(layer, abstract, args, kwargs)
    name = f"layer '{layer.name}'"
    return remembered(layer, args, kwargs, lambda: infer(abstract, args, kwargs, name=name))


def _base() -> type[Layer]:
    from addax.layers._layer import Layer

    return Layer


def _from_output_shape(layer: Layer, args: tuple) -> Any:
    """Outputs as a user's `compute_output_shape` says, with the compute dtype."""
    shapes = as_shape(layer.compute_output_shape(_shape_nest(args[0])))
    return (
        tree.map_structure(lambda s: SymbolicTensor(s, layer.compute_dtype), shapes)
        if not isinstance(shapes, TensorShape)
        else SymbolicTensor(shapes, layer.compute_dtype)
    )


# Losses and purity ---------------------------------------------------------------------------------------
def collect_losses(layer: Layer) -> list:
    """Losses of the last call of `layer`, and weight penalties, of everything inside it."""
    record = layer.__dict__.get("_last_record")
    found: list = []
    penalties: list = []
    seen: set[int] = set()
    for one in layer._flatten_layers():
        if one._losses and (one._loss_record is record or one._loss_record is None):
            found.extend(one._losses)
        found.extend(fn() for fn in one._loss_functions)
        for variable in one._own_variables():
            if variable.regularizer is not None and variable.trainable and id(variable) not in seen:
                seen.add(id(variable))
                penalties.append(variable.regularizer(variable))
    return [*found, *penalties]


def stateless_call(
    layer: Layer, trainable: Sequence, non_trainable: Sequence, args: tuple, kwargs: dict, return_losses: bool
) -> tuple:
    """See `Layer.stateless_call`."""
    if not layer.built:
        raise ValueError(
            message(
                f"Layer '{layer.name}' is not built, so it has no variables to be given values for.",
                hint="Call it on data, or call build(input_shape), first.",
            )
        )
    mine, others = layer.trainable_variables, layer.non_trainable_variables
    if len(trainable) != len(mine) or len(non_trainable) != len(others):
        raise ValueError(
            message(
                "The lists of values do not fit the layer's variables.",
                where=layer.path,
                expected=f"{len(mine)} trainable and {len(others)} non-trainable values",
                received=f"{len(trainable)} and {len(non_trainable)}",
            )
        )
    values = [v._value if isinstance(v, Tensor) else v for v in (*trainable, *non_trainable)]

    def call() -> tuple:
        outputs = layer(*args, **kwargs)
        return outputs, layer.losses if return_losses else []

    (outputs, losses), written = pure(call, [*mine, *others])(values)
    updated = [written.get(v, value) for v, value in zip(others, values[len(mine) :], strict=True)]
    return (outputs, updated, losses) if return_losses else (outputs, updated)
