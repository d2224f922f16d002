"""Connectionist temporal classification (Graves et al., 2006): the loss and two decoders."""

from __future__ import annotations

from typing import Any, NamedTuple

from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jax, jnp, lax

__all__ = ["ctc_decode", "ctc_loss"]

_IMPOSSIBLE = -1e5  # a logarithm of zero that sums and gradients survive


def _check_rank(x: Any, rank: int, name: str, shape: str) -> None:
    if x.ndim != rank:
        raise ValueError(
            message(f"`{name}` has a wrong rank.", expected=shape, received=f"shape {tuple(x.shape)}")
        )


@op
def ctc_loss(target: Any, output: Any, target_length: Any, output_length: Any, mask_index: int = 0) -> Any:
    """The negative log-likelihood of label sequences under all their alignments to frames.

    Args:
        target: Integer tensor of shape `(batch, max_labels)`: the labels.
        output: Float tensor of shape `(batch, max_frames, classes)`: logits.
        target_length: Integer tensor of shape `(batch,)`: how many labels count.
        output_length: Integer tensor of shape `(batch,)`: how many frames count.
        mask_index: The class that stands for no label.

    Returns:
        Tensor of shape `(batch,)`, float32 at least.

    Example:
        >>> import addax as keras
        >>> logits = keras.ops.zeros((1, 2, 3))
        >>> keras.ops.ctc_loss([[1]], logits, [1], [2]).numpy().round(4)
        array([1.0986], dtype=float32)
    """
    target, output = jnp.asarray(target).astype(jnp.int32), jnp.asarray(output)
    _check_rank(target, 2, "target", "(batch, max_labels)")
    _check_rank(output, 3, "output", "(batch, max_frames, classes)")
    output = output.astype(jnp.promote_types(output.dtype, jnp.float32))
    labels = jnp.asarray(target_length).astype(jnp.int32)
    frames = jnp.asarray(output_length).astype(jnp.int32)
    batch, count = target.shape

    # The states of an alignment: blank, label 1, blank, label 2, ..., blank.
    states = jnp.full((batch, 2 * count + 1), mask_index, jnp.int32).at[:, 1::2].set(target)
    log_p = jax.nn.log_softmax(output, axis=-1)
    emissions = jnp.take_along_axis(log_p, states[:, None, :], axis=2).swapaxes(0, 1)
    # A blank between two labels may be left out, unless they are equal.
    differs = target[:, 1:] != target[:, :-1]
    skip = jnp.full((batch, 2 * count + 1), _IMPOSSIBLE, output.dtype)
    skip = skip.at[:, 3::2].set(jnp.where(differs, 0, _IMPOSSIBLE).astype(output.dtype))

    def step(alpha: Any, frame: tuple) -> tuple[Any, None]:
        time, emission = frame
        one = jnp.pad(alpha, ((0, 0), (1, 0)), constant_values=_IMPOSSIBLE)[:, :-1]
        two = jnp.pad(alpha, ((0, 0), (2, 0)), constant_values=_IMPOSSIBLE)[:, :-2] + skip
        moved = jnp.logaddexp(jnp.logaddexp(alpha, one), two) + emission
        return jnp.where((time < frames)[:, None], moved, alpha), None

    first = jnp.full((batch, 2 * count + 1), _IMPOSSIBLE, output.dtype).at[:, 0].set(0)
    alpha, _ = lax.scan(step, first, (jnp.arange(output.shape[1]), emissions))
    end = 2 * labels[:, None]
    on_blank = jnp.take_along_axis(alpha, end, axis=1)[:, 0]
    on_label = jnp.take_along_axis(alpha, jnp.maximum(end - 1, 0), axis=1)[:, 0]
    return -jnp.where(labels > 0, jnp.logaddexp(on_blank, on_label), on_blank)


@op(static=("strategy",))
def ctc_decode(
    inputs: Any,
    sequence_lengths: Any,
    strategy: str = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int | None = 0,
) -> tuple[Any, Any]:
    """The likeliest label sequences for the outputs of a network.

    Args:
        inputs: Float tensor of shape `(batch, max_frames, classes)`: logits (for `"greedy"`, any scores).
        sequence_lengths: Integer tensor of shape `(batch,)`: how many frames count.
        strategy: `"greedy"` (the best class of each frame) or `"beam_search"`.
        beam_width: How many prefixes a beam search keeps.
        top_paths: How many sequences a beam search gives.
        merge_repeated: Whether the greedy decoder joins equal neighbours.
        mask_index: The class that stands for no label; the last one if None.

    Returns:
        The labels, an int32 tensor of shape `(top_paths, batch, max_frames)` with -1 after the end, and
        scores of shape `(batch, top_paths)`: negative sums of the best scores (greedy), or log-likelihoods.

    Raises:
        ValueError: For an unknown `strategy`.

    Example:
        >>> import addax as keras
        >>> frames = keras.ops.one_hot([[1, 1, 0, 2]], 3) * 10.0
        >>> keras.ops.ctc_decode(frames, [4])[0].numpy()
        array([[[ 1,  2, -1, -1]]], dtype=int32)
    """
    inputs = jnp.asarray(inputs)
    _check_rank(inputs, 3, "inputs", "(batch, max_frames, classes)")
    inputs = inputs.astype(jnp.promote_types(inputs.dtype, jnp.float32))
    lengths = jnp.asarray(sequence_lengths).astype(jnp.int32)
    blank = inputs.shape[-1] - 1 if mask_index is None else mask_index
    if strategy == "greedy":
        return _greedy(inputs, lengths, merge_repeated, blank)
    if strategy == "beam_search":
        search = jax.vmap(lambda x, n: _beam_search(x, n, beam_width, top_paths, blank))
        paths, scores = search(inputs, lengths)
        return paths.swapaxes(0, 1), scores
    raise ValueError(message("Unknown strategy.", expected='"greedy" or "beam_search"', received=strategy))


def _greedy(inputs: Any, lengths: Any, merge_repeated: bool, blank: int) -> tuple[Any, Any]:
    inside = jnp.arange(inputs.shape[1]) < lengths[:, None]
    best = jnp.where(inside, jnp.argmax(inputs, axis=-1), blank).astype(jnp.int32)
    scores = -jnp.sum(jnp.where(inside, jnp.max(inputs, axis=-1), 0), axis=1, keepdims=True)
    kept = best != blank
    if merge_repeated:
        kept = kept & (best != jnp.pad(best, ((0, 0), (1, 0)), constant_values=-1)[:, :-1])
    labels = jnp.where(kept, best, -1)
    order = jnp.argsort(~kept, axis=1, stable=True)
    return jnp.take_along_axis(labels, order, axis=1)[None], scores


class _Beam(NamedTuple):
    """Prefixes of label sequences, best first."""

    labels: Any  # (width, frames), -1 after the end
    length: Any
    name: Any  # two hashes that identify the prefix
    parent: Any  # those of the prefix without its last label
    blank: Any  # log-probability of the alignments that end in a blank
    label: Any  # and of those that end in the last label


_MULTIPLIERS = (1000003, 69069)


def _extended_name(name: Any, label: Any) -> Any:
    multipliers = jnp.array(_MULTIPLIERS, jnp.uint32)
    return name * multipliers + (label.astype(jnp.uint32) + 1)[..., None]


def _last_label(beam: _Beam) -> Any:
    last = jnp.take_along_axis(beam.labels, jnp.maximum(beam.length - 1, 0)[:, None], axis=1)[:, 0]
    return jnp.where(beam.length > 0, last, -1)


def _beam_search(inputs: Any, frames: Any, width: int, top_paths: int, blank: int) -> tuple[Any, Any]:
    """Prefix beam search over one sequence of frames."""
    log_p = jax.nn.log_softmax(inputs, axis=-1)
    nothing = jnp.full((width,), -jnp.inf, log_p.dtype)
    names = jnp.zeros((width, 2), jnp.uint32).at[:, 0].set(jnp.arange(width, dtype=jnp.uint32))
    start = _Beam(
        labels=jnp.full((width, inputs.shape[0]), -1, jnp.int32),
        length=jnp.zeros((width,), jnp.int32),
        name=names,
        parent=jnp.full((width, 2), 0xFFFFFFFF, jnp.uint32),
        blank=nothing.at[0].set(0.0),
        label=nothing,
    )

    def step(beam: _Beam, frame: tuple) -> tuple[_Beam, None]:
        time, scores = frame
        new = _advance(beam, scores, width, blank)
        return jax.tree_util.tree_map(lambda a, b: jnp.where(time < frames, a, b), new, beam), None

    beam, _ = lax.scan(step, start, (jnp.arange(inputs.shape[0]), log_p))
    total = jnp.logaddexp(beam.blank, beam.label)
    scores, order = lax.top_k(total, top_paths)
    return beam.labels[order], scores


def _advance(beam: _Beam, scores: Any, width: int, blank: int) -> _Beam:
    """One frame: every prefix stays as it is or grows by a label; the best ones are kept."""
    classes = scores.shape[0]
    last = _last_label(beam)
    total = jnp.logaddexp(beam.blank, beam.label)
    stay_blank = total + scores[blank]
    stay_label = jnp.where(last >= 0, beam.label + scores[last], -jnp.inf)

    labels = jnp.arange(classes)
    # After a label the same one begins anew only if a blank lies between.
    before = jnp.where(labels == last[:, None], beam.blank[:, None], total[:, None])
    grown = jnp.where(labels == blank, -jnp.inf, before + scores)

    # A prefix that grows into another one of the beam adds to that one.
    is_child = jnp.all(beam.name[:, None, :] == beam.parent[None, :, :], axis=-1) & (beam.length > 0)
    given = jnp.where(is_child, grown[:, jnp.maximum(last, 0)], -jnp.inf)
    stay_label = jnp.logaddexp(stay_label, jax.nn.logsumexp(given, axis=0))
    merged = jnp.any(is_child[:, :, None] & (labels == last[None, :, None]), axis=1)
    grown = jnp.where(merged, -jnp.inf, grown)

    candidates = jnp.concatenate([jnp.logaddexp(stay_blank, stay_label), grown.reshape(-1)])
    _, chosen = lax.top_k(candidates, width)
    grows = chosen >= width
    source = jnp.where(grows, (chosen - width) // classes, chosen)
    label = jnp.where(grows, (chosen - width) % classes, 0).astype(jnp.int32)
    place = jnp.minimum(beam.length[source], beam.labels.shape[1] - 1)
    paths = beam.labels[source]
    grown_paths = paths.at[jnp.arange(width), place].set(label)
    return _Beam(
        labels=jnp.where(grows[:, None], grown_paths, paths),
        length=beam.length[source] + grows,
        name=jnp.where(grows[:, None], _extended_name(beam.name[source], label), beam.name[source]),
        parent=jnp.where(grows[:, None], beam.name[source], beam.parent[source]),
        blank=jnp.where(grows, -jnp.inf, stay_blank[source]),
        label=jnp.where(grows, candidates[chosen], stay_label[source]),
    )
