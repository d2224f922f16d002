"""Users' own types of tensors. What both libraries do alike is in tests/programs/tutorials/extension_types.py."""

import copy
import pickle
from typing import ClassVar, Optional

import numpy as np
import pytest

import addax.tf as tf


class Masked(tf.experimental.ExtensionType):
    values: tf.Tensor
    mask: tf.Tensor
    note: str = "none"
    shared: ClassVar[int] = 3


class Pair(tf.experimental.BatchableExtensionType):
    a: tf.Tensor
    b: tf.Tensor


class Node(tf.experimental.ExtensionType):
    value: int
    after: Optional["Node"] = None


class Doubling(tf.experimental.ExtensionType):
    a: int
    shape: tf.TensorShape
    kind: tf.DType = tf.float32

    def __init__(self, half):
        self.a = half * 2
        self.shape = [half, None]


def masked():
    return Masked([1.0, 2.0], [True, False])


def test_a_type_that_holds_itself():
    chain = Node(1, Node(2))
    assert chain.after.value == 2 and chain.after.after is None
    assert chain == Node(1, Node(2)) and chain != Node(1, Node(3))


def test_an_own_constructor():
    found = Doubling(3)
    assert (found.a, found.shape, found.kind) == (6, tf.TensorShape([3, None]), tf.float32)
    with pytest.raises(AttributeError, match="constructor"):
        found.a = 3


def test_a_constructor_that_forgets_a_field():
    class Forgetful(tf.experimental.ExtensionType):
        a: int
        b: int

        def __init__(self):
            self.a = 1

    with pytest.raises(AttributeError, match="expected: a, b"):
        Forgetful()


def test_fields_of_bases_come_first():
    class More(Masked):
        extra: tf.Tensor = 1.0

    found = More([1], [True])
    assert list(tf.experimental.extension_type.as_dict(found)) == ["values", "mask", "note", "extra"]
    assert isinstance(found._type_spec, Masked.Spec) and More.Spec is not Masked.Spec


def test_a_spec_with_methods():
    class Sized(tf.experimental.ExtensionType):
        values: tf.Tensor

        class Spec:
            @property
            def shape(self):
                return self.values.shape

    assert Sized.Spec(tf.TensorSpec([2])).shape == [2]


def test_copies_and_pickles():
    for found in (copy.copy(masked()), copy.deepcopy(masked()), pickle.loads(pickle.dumps(masked()))):
        assert found == masked()


@pytest.mark.parametrize("kind", [list, dict, set, np.ndarray, tf.TensorSpec([2])])
def test_annotations_that_are_not_supported(kind):
    with pytest.raises(TypeError, match="annotation"):
        type("Wrong", (tf.experimental.ExtensionType,), {"__annotations__": {"x": kind}})


def test_a_default_that_does_not_fit():
    with pytest.raises(TypeError, match="default"):
        type("Wrong", (tf.experimental.ExtensionType,), {"__annotations__": {"x": int}, "x": "a"})


def test_specs():
    wide = Masked.Spec(tf.TensorSpec([None]), tf.TensorSpec([None], tf.bool), note="none")
    narrow = masked()._type_spec
    assert wide.is_compatible_with(narrow) and wide.is_compatible_with(masked())
    assert narrow.most_specific_compatible_type(Masked([1.0], [True])._type_spec) == wide
    with pytest.raises(ValueError, match="No spec"):
        narrow.most_specific_compatible_type(Masked([1.0], [True], "other")._type_spec)
    with pytest.raises(TypeError, match="fields"):
        Masked.Spec(tf.TensorSpec([None]))
    with pytest.raises(TypeError, match="TensorSpec"):
        Masked.Spec(3, tf.TensorSpec([None], tf.bool))
    with pytest.raises(AttributeError, match="constructor"):
        wide.note = "other"


def test_an_operation_has_no_meaning_by_itself():
    with pytest.raises(TypeError, match="dispatch_for_api"):
        tf.add(masked(), 1.0)


def test_gradients_are_by_fields():
    with tf.GradientTape() as tape:
        found = masked()
        tape.watch(found.values)
        total = tf.reduce_sum(Masked(found.values * 3.0, found.mask).values)
    assert tape.gradient(total, found.values).numpy().tolist() == [3.0, 3.0]
    with tf.GradientTape() as tape:
        pair = Pair([1.0], [2.0])
        tape.watch(pair)
        total = tf.reduce_sum(pair.a * pair.b)
    with pytest.raises(ValueError, match="made of 2"):
        tape.gradient(total, pair)


def test_nests_are_expanded():
    assert len(tf.nest.flatten(masked())) == 1
    parts = tf.nest.flatten([masked(), 3], expand_composites=True)
    assert [np.asarray(p).tolist() for p in parts] == [[1.0, 2.0], [True, False], 3]
    again = tf.nest.pack_sequence_as([masked(), 3], [tf.zeros(1), tf.zeros(1), 4], expand_composites=True)
    assert again[0].values.shape == [1] and again[1] == 4
    ragged = tf.ragged.constant([[1], [2, 3]])
    doubled = tf.nest.map_structure(lambda x: x, ragged, expand_composites=True)
    assert doubled.to_list() == [[1], [2, 3]]


def test_data_sets_of_types_without_rows():
    with pytest.raises(TypeError, match="BatchableExtensionType"):
        tf.data.Dataset.from_tensor_slices(masked())
    ds = tf.data.Dataset.from_tensors(masked()).repeat(2)
    assert len(list(ds)) == 2 and ds.element_spec == masked()._type_spec
    with pytest.raises(TypeError, match="BatchableExtensionType"):
        list(ds.batch(2))


def test_data_sets_of_types_with_rows():
    ds = tf.data.Dataset.from_tensor_slices((Pair([[1], [2], [3]], [4, 5, 6]), [7, 8, 9])).batch(2).unbatch()
    assert [(p.a.numpy().tolist(), int(p.b), int(x)) for p, x in ds] == [
        ([1], 4, 7),
        ([2], 5, 8),
        ([3], 6, 9),
    ]
    assert ds.element_spec[0].a == tf.TensorSpec([1], tf.int32)
    with pytest.raises(ValueError, match="first dimension"):
        tf.data.Dataset.from_tensor_slices(Pair([1, 2], [1]))


def test_traces_by_type():
    class ByClass(tf.types.experimental.TraceType):
        def __init__(self, value):
            self.value = value

        def __eq__(self, other):
            return type(other) is ByClass and type(self.value) is type(other.value)

        def __hash__(self):
            return hash(type(self.value))

    class Fruit:
        def __tf_tracing_type__(self, context):
            return ByClass(self)

    class Apple(Fruit):
        pass

    seen = tf.function(lambda fruit: tf.constant(1))
    for fruit in (Apple(), Apple(), Fruit(), Fruit()):
        seen(fruit)
    assert seen.experimental_get_tracing_count() == 2
    assert isinstance(Apple(), tf.types.experimental.SupportsTracingProtocol)
    assert ByClass(1).most_specific_common_supertype([ByClass(2)]) == ByClass(3)
    assert ByClass(1).most_specific_common_supertype([ByClass("")]) is None
