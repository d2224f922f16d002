import numpy as np
import pytest

from addax.data import Dataset, TensorSpec


def made(values, signature):
    return Dataset.from_generator(lambda: iter(values), output_signature=signature)


@pytest.mark.parametrize(
    "value, spec, shown",
    [
        (1.5, TensorSpec((), "int32"), r"shape=\(\), dtype=tf.float64"),
        ([1, 2, 3], TensorSpec((2,), "int32"), r"shape=\(3,\), dtype=tf.int64"),
        ("a", TensorSpec((), "int32"), r"shape=\(\), dtype=tf.string"),
        (1, TensorSpec((), "string"), r"shape=\(\), dtype=tf.int64"),
        (300, TensorSpec((), "uint8"), r"shape=\(\), dtype=tf.int64"),
        (np.nan, TensorSpec((), "int32"), r"dtype=tf.float64"),
        ([[1], [2, 3]], TensorSpec((None, None), "int32"), r"\[\[1\], \[2, 3\]\]"),
        (object(), TensorSpec((), "int32"), "object"),
    ],
)
def test_an_element_that_does_not_fit_shows_both_specs(value, spec, shown):
    with pytest.raises(
        TypeError, match="does not match its spec: component element of element number 0"
    ) as caught:
        list(made([value], spec))
    assert str(spec) in str(caught.value)
    caught.match(shown)


def test_the_component_and_the_number_of_the_element_are_named():
    signature = ({"x": TensorSpec((), "int32")}, TensorSpec((None,), "int32"))
    with pytest.raises(TypeError, match=r"component \[0\]\['x'\] of element number 1"):
        list(made([({"x": 1}, [1]), ({"x": "a"}, [1])], signature))


@pytest.mark.parametrize("value", [1, (1, 2, 3), {"a": 1, "b": 2}])
def test_another_form_is_an_error(value):
    with pytest.raises(TypeError, match=r"another form \(element number 0\)(.|\n)*\(\*, \*\)"):
        list(made([value], (TensorSpec((), "int32"), TensorSpec((), "int32"))))


def test_values_are_converted_where_nothing_is_lost():
    spec = TensorSpec((), "float64")
    assert [x.numpy() for x in made([0.1, 1, np.float32(0.5), True], spec)] == [0.1, 1.0, 0.5, 1.0]
    assert [x.numpy() for x in made([2.0, np.int8(3)], TensorSpec((), "int64"))] == [2, 3]
    pair = (TensorSpec((), "int32"), TensorSpec((), "int32"))
    assert [(int(a), int(b)) for a, b in made([[1, 2], (3, 4)], pair)] == [(1, 2), (3, 4)]


def test_an_array_that_is_used_again_is_copied():
    def generate():
        buffer = np.zeros(2)
        for i in range(3):
            buffer[:] = i
            yield buffer

    ds = Dataset.from_generator(generate, output_signature=TensorSpec((2,), "float64"))
    assert next(iter(ds.batch(3))).numpy()[:, 0].tolist() == [0, 1, 2]


def test_a_generator_that_raises_does_so_where_it_is_used():
    def generate():
        yield 1
        raise OSError("disk")

    iterator = iter(Dataset.from_generator(generate, output_signature=TensorSpec((), "int32")))
    assert int(next(iterator)) == 1
    with pytest.raises(OSError, match="disk"):
        next(iterator)
    assert next(iterator, None) is None


@pytest.mark.parametrize(
    "args, kwargs, words",
    [
        (([1, 2],), {"output_types": "int32"}, "fresh iterable"),
        ((list,), {}, "output_signature"),
        ((list, "int32"), {"output_signature": TensorSpec(())}, "one or the other"),
        ((list,), {"output_signature": ("int32", TensorSpec(()))}, r"Component \[0\]"),
    ],
)
def test_wrong_arguments_are_an_error(args, kwargs, words):
    with pytest.raises(TypeError, match=words):
        Dataset.from_generator(*args, **kwargs)


def test_the_older_arguments():
    ds = Dataset.from_generator(
        lambda n: (({"a": i}, [i] * i) for i in range(n)),
        ({"a": "int64"}, np.float32),
        ({"a": []}, [None]),
        args=(3,),
    )
    assert ds.element_spec == ({"a": TensorSpec((), "int64")}, TensorSpec((None,), "float32"))
    assert [len(x) for _, x in ds] == [0, 1, 2]
    assert Dataset.from_generator(list, ("int32", "int32")).element_spec[0].shape is None
