"""Own types of tensors: masked tensors, graphs and networks as extension types, dispatch, data sets, traces."""

import glob
import tempfile
from typing import Mapping, Optional, Tuple, Union

import numpy as np
import tensorflow as tf


class MaskedTensor(tf.experimental.BatchableExtensionType):
    """Values, and which of them count."""

    values: tf.Tensor
    mask: tf.Tensor
    note: str = "none"

    def __validate__(self):
        self.values.shape.assert_is_compatible_with(self.mask.shape)

    def with_default(self, default):
        return tf.where(self.mask, self.values, default)

    @property
    def shape(self):
        return self.values.shape

    def __neg__(self):
        return MaskedTensor(-self.values, self.mask, self.note)


class TensorGraph(tf.experimental.ExtensionType):
    num_vertices: int
    weights: Mapping[str, tf.Tensor]
    edges: Tuple[tf.Tensor, ...]
    parent: Optional[MaskedTensor] = None
    either: Union[int, str] = 3


def fails(error, function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except error:
        return True
    raise AssertionError(f"no {error}")


masked = MaskedTensor([1.0, -2.0, 3.0], [True, False, True])
assert masked.values.dtype == tf.float32 and masked.note == "none"
assert masked.shape == [3] and (-masked).values.numpy().tolist() == [-1.0, 2.0, -3.0]
assert masked.with_default(0.0).numpy().tolist() == [1.0, 0.0, 3.0]
fails(AttributeError, setattr, masked, "note", "other")
fails(AttributeError, delattr, masked, "note")
fails(TypeError, MaskedTensor, [1.0])
fails(TypeError, MaskedTensor, [1.0], [True], note=3)
fails(TypeError, MaskedTensor, [1.0], [True], other=3)
fails(ValueError, MaskedTensor, [1.0, 2.0], [True])
assert bool(masked == MaskedTensor([1.0, -2.0, 3.0], [True, False, True]))
assert not bool(masked == MaskedTensor([1.0, -2.0, 3.0], [True, False, True], "other"))

graph = TensorGraph(3, {"a": [1, 2]}, [1.0, [2.0]], masked)
assert type(graph.edges) is tuple and graph.edges[1].shape == [1]
assert graph.weights["a"].numpy().tolist() == [1, 2] and graph.parent.note == "none" and graph.either == 3
assert TensorGraph(3, {}, [], either="text").either == "text"
fails((AttributeError, TypeError), lambda: graph.weights.update(b=1))
fails(TypeError, TensorGraph, 3.5, {}, [])
assert list(tf.experimental.extension_type.as_dict(masked)) == ["values", "mask", "note"]


# Functions, branches and loops.
@tf.function
def doubled(x):
    return MaskedTensor(x.values * 2, x.mask, x.note)


assert doubled(masked).values.numpy().tolist() == [2.0, -4.0, 6.0]
assert doubled.experimental_get_tracing_count() == 1
doubled(MaskedTensor([5.0, 6.0, 7.0], [True, True, True]))
assert doubled.experimental_get_tracing_count() == 1
doubled(MaskedTensor([5.0, 6.0, 7.0], [True, True, True], "other"))
assert doubled.experimental_get_tracing_count() == 2
chosen = tf.cond(tf.reduce_all(masked.mask), lambda: masked, lambda: -masked)
assert chosen.values.numpy()[0] == -1.0
(grown,) = tf.while_loop(
    lambda m: tf.reduce_sum(m.values) < 100.0, lambda m: (MaskedTensor(m.values * 2.0, m.mask),), (masked,)
)
assert grown.values.numpy().tolist() == [64.0, -128.0, 192.0]


# Specs.
spec = MaskedTensor.Spec(tf.TensorSpec([None], tf.float32), tf.TensorSpec([None], tf.bool), "none")
assert spec.value_type is MaskedTensor and spec.is_compatible_with(masked) and spec.note == "none"
assert spec == MaskedTensor.Spec(
    tf.TensorSpec([None], tf.float32), tf.TensorSpec([None], tf.bool), note="none"
)
assert not spec.is_compatible_with(MaskedTensor([1], [True]))
assert tf.type_spec_from_value(masked).values == tf.TensorSpec([3], tf.float32)
assert isinstance(spec, tf.experimental.ExtensionTypeSpec) and isinstance(spec, tf.TypeSpec)
total = tf.function(lambda m: tf.reduce_sum(m.with_default(0.0)), input_signature=[spec])
assert total(masked).numpy() == 4.0
concrete = doubled.get_concrete_function(spec)
assert concrete(masked).values.numpy()[0] == 2.0

# Gradients by the fields.
x = tf.Variable([1.0, 2.0])
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(MaskedTensor(x * x, [True, False]).with_default(0.0))
assert tape.gradient(loss, x).numpy().tolist() == [2.0, 0.0]

# Data sets.
rows = MaskedTensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[True, False]] * 3)
ds = tf.data.Dataset.from_tensor_slices(rows)
assert ds.element_spec.values == tf.TensorSpec([2], tf.float32)
ds = ds.map(lambda m: MaskedTensor(m.values + 1.0, m.mask)).batch(2)
batches = list(ds)
assert [b.values.numpy().tolist() for b in batches] == [[[2.0, 3.0], [4.0, 5.0]], [[6.0, 7.0]]]
assert ds.element_spec.mask.dtype == tf.bool
assert next(iter(tf.data.Dataset.from_tensors(graph))).num_vertices == 3
sums = tf.map_fn(lambda m: tf.reduce_sum(m.with_default(0.0)), rows, fn_output_signature=tf.float32)
assert sums.numpy().tolist() == [1.0, 3.0, 5.0]


# Dispatch.
@tf.experimental.dispatch_for_unary_elementwise_apis(MaskedTensor)
def one(api, x):
    return MaskedTensor(api(x.values), x.mask)


@tf.experimental.dispatch_for_binary_elementwise_apis(MaskedTensor, MaskedTensor)
def two(api, x, y):
    return MaskedTensor(api(x.values, y.values), x.mask & y.mask)


@tf.experimental.dispatch_for_api(tf.stack)
def stack(values: list[MaskedTensor], axis=0):
    return MaskedTensor(tf.stack([v.values for v in values], axis), tf.stack([v.mask for v in values], axis))


@tf.experimental.dispatch_for_api(tf.reduce_sum, {"input_tensor": MaskedTensor})
def reduce_sum(input_tensor, axis=None, keepdims=False, name=None):
    return tf.reduce_sum(input_tensor.with_default(0.0), axis, keepdims)


assert tf.abs(masked).values.numpy().tolist() == [1.0, 2.0, 3.0]
assert tf.math.square(masked).values.numpy().tolist() == [1.0, 4.0, 9.0]
assert tf.nn.relu(masked).values.numpy().tolist() == [1.0, 0.0, 3.0]
assert tf.cast(masked, tf.int32).values.dtype == tf.int32
assert tf.add(masked, masked).values.numpy().tolist() == [2.0, -4.0, 6.0]
assert tf.math.multiply(masked, masked).mask.numpy().tolist() == [True, False, True]
assert tf.stack([masked, masked]).values.shape == [2, 3]
assert tf.reduce_sum(masked).numpy() == 4.0
assert tf.reduce_sum([1, 2]).numpy() == 3 and tf.abs([-1]).numpy().tolist() == [1]
tf.experimental.unregister_dispatch_for(stack)
fails((TypeError, ValueError), tf.stack, [masked, masked])

# What functions consist of, for TensorBoard.
logdir = tempfile.mkdtemp()
writer = tf.summary.create_file_writer(logdir)
with writer.as_default():
    tf.summary.trace_on(graph=True)
    tf.function(lambda a: tf.matmul(a, a))(tf.ones([2, 2]))
    tf.summary.trace_export("product", step=0)
    tf.summary.graph(total.get_concrete_function().graph)
writer.close()
assert len(glob.glob(logdir + "/events*")) == 1

# Protos.
proto = tf.make_tensor_proto([[1.0, 2.0]])
assert tf.make_ndarray(proto).tolist() == [[1.0, 2.0]] and proto.dtype == 1
assert [dim.size for dim in proto.tensor_shape.dim] == [1, 2]
assert tf.make_tensor_proto(np.int64(3)).int64_val[0] == 3
assert tf.strings.unicode_script([ord("a"), ord("Ж")]).numpy().tolist() == [25, 8]
print("done")
