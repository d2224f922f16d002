"""Preprocessing layers: in models, datasets and files; compiled; messages."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest

import addax as keras
from addax import layers, ops
from addax.data import Dataset
from addax.engine import Compiled, Tensor
from addax.layers.preprocess._word_table import WordTable

_rng = np.random.default_rng(3)
REVIEWS = np.array(["good film", "bad film", "very good", "so bad", "good good", "bad"])
MOODS = np.array([1, 0, 1, 0, 1, 0], "float32")


# In models -----------------------------------------------------------------------------------------------
def text_model(**options):
    vectorize = layers.TextVectorization(**options)
    vectorize.adapt(REVIEWS)
    inputs = keras.Input((1,), dtype="string")
    x = vectorize(inputs)
    if vectorize.output_mode == "int":
        x = layers.GlobalAveragePooling1D()(layers.Embedding(vectorize.vocabulary_size(), 4)(x))
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))


@pytest.mark.parametrize("options", [{}, {"output_mode": "tf_idf"}, {"output_sequence_length": 3}], ids=str)
def test_a_model_learns_from_raw_texts(options):
    model = text_model(**options)
    model.compile(keras.optimizers.Adam(0.1), "binary_crossentropy", metrics=["accuracy"])
    history = model.fit(REVIEWS[:, None], MOODS, epochs=30, verbose=0, batch_size=3).history
    assert history["accuracy"][-1] == 1.0
    assert model.predict(np.array([["very good"]]), verbose=0)[0, 0] > 0.5
    assert model.evaluate(REVIEWS[:, None], MOODS, verbose=0)[1] == 1.0


def test_symbolic_texts_have_the_shapes_of_real_ones():
    texts = keras.Input((1,), dtype="string")
    words = keras.Input((3,), dtype="string")
    assert tuple(layers.TextVectorization()(texts).shape) == (None, None)
    assert tuple(layers.TextVectorization(output_sequence_length=7)(texts).shape) == (None, 7)
    counts = layers.TextVectorization(output_mode="count", max_tokens=9, pad_to_max_tokens=True)
    assert tuple(counts(texts).shape) == (None, 9)
    assert tuple(layers.StringLookup(vocabulary=["a"])(words).shape) == (None, 3)
    assert tuple(layers.StringLookup(vocabulary=["a"], output_mode="one_hot")(texts).shape) == (None, 2)
    assert tuple(layers.Hashing(4, output_mode="multi_hot")(words).shape) == (None, 4)
    crossed = layers.HashedCrossing(5)([texts, keras.Input((1,), dtype="int32")])
    assert tuple(crossed.shape) == (None, 1) and crossed.dtype == "int32"
    back = layers.StringLookup(vocabulary=["a"], invert=True)(keras.Input((3,), dtype="int32"))
    assert tuple(back.shape) == (None, 3) and back.dtype == "string"


def test_texts_and_numbers_meet_in_one_model():
    city, rooms = (
        keras.Input((1,), dtype="string", name="city"),
        keras.Input((1,), dtype="int32", name="rooms"),
    )
    one = layers.StringLookup(vocabulary=["Rome", "Oslo"], output_mode="one_hot")(city)
    two = layers.CategoryEncoding(5, output_mode="one_hot")(rooms)
    three = layers.HashedCrossing(4, output_mode="one_hot")([city, rooms])
    model = keras.Model([city, rooms], layers.Dense(1)(layers.Concatenate()([one, two, three])))
    model.compile("adam", "mse")
    data = {"city": np.array([["Rome"], ["Bonn"], ["Oslo"]]), "rooms": np.array([[1], [2], [4]])}
    model.fit(data, np.ones((3, 1)), epochs=1, verbose=0)
    assert model.predict(data, verbose=0).shape == (3, 1)


def test_integers_are_looked_up_in_compiled_code_as_on_the_host():
    values = np.array([[12, 7, 0], [1138, -5, 36]], "int32")
    for options in (
        {"mask_token": 0},
        {"num_oov_indices": 3},
        {"num_oov_indices": 3, "oov_method": "farmhash"},
        {"output_mode": "count", "mask_token": 0},
    ):
        layer = layers.IntegerLookup(vocabulary=[12, 36, 1138], **options)
        np.testing.assert_array_equal(Compiled(lambda x, layer=layer: layer(x))(values), layer(values))
    inverse = layers.IntegerLookup(vocabulary=[12, 36], invert=True)
    places = np.array([[0, 1, 2], [3, -1, 9]], "int32")
    np.testing.assert_array_equal(Compiled(lambda x: inverse(x))(places), inverse(places))
    for layer in (layers.Hashing(7), layers.Hashing(7, mask_value=0, output_mode="count")):
        np.testing.assert_array_equal(Compiled(lambda x, layer=layer: layer(x))(values), layer(values))
    crossing, column = layers.HashedCrossing(9), values[:, :1]
    np.testing.assert_array_equal(Compiled(lambda x: crossing([x, x]))(column), crossing([column, column]))


def test_a_model_of_integer_categories_is_trained():
    inputs = keras.Input((1,), dtype="int32")
    lookup = layers.IntegerLookup()
    lookup.adapt(np.array([[100], [200], [300]]))
    x = layers.Flatten()(layers.Embedding(lookup.vocabulary_size(), 2)(lookup(inputs)))
    hashed = layers.Hashing(4, output_mode="one_hot")(inputs)
    model = keras.Model(inputs, layers.Dense(1)(layers.Concatenate()([x, hashed])))
    model.compile(keras.optimizers.Adam(0.1), "mse")
    x, y = np.array([[100], [200], [300], [100]]), np.array([[1.0], [2.0], [3.0], [1.0]])
    losses = model.fit(x, y, epochs=60, verbose=0).history["loss"]
    assert losses[-1] < 0.1 * losses[0]


# In datasets ---------------------------------------------------------------------------------------------
def test_layers_adapt_to_datasets_and_to_other_iterables():
    numbers = _rng.normal(2.0, 3.0, (64, 3)).astype("float32")
    whole = layers.Normalization()
    whole.adapt(numbers)
    for data in (
        Dataset.from_tensor_slices(numbers).batch(10),
        Dataset.from_tensor_slices(numbers),
        Dataset.from_tensor_slices((numbers, numbers[:, 0])).batch(16),
        [numbers[:20], numbers[20:]],
        (numbers[i : i + 16] for i in range(0, 64, 16)),
    ):
        layer = layers.Normalization()
        layer.adapt(data)
        np.testing.assert_allclose(layer.mean, whole.mean, rtol=1e-5)
        np.testing.assert_allclose(layer.variance, whole.variance, rtol=1e-5)
    np.testing.assert_allclose(whole(numbers).numpy().std(axis=0), 1, rtol=1e-4)

    texts = layers.TextVectorization()
    texts.adapt(Dataset.from_tensor_slices(REVIEWS).batch(2))
    assert texts.get_vocabulary() == ["", "[UNK]", "good", "bad", "film", "very", "so"]
    words = layers.StringLookup()
    words.adapt(Dataset.from_tensor_slices(REVIEWS).batch(2), steps=1)
    assert words.get_vocabulary() == ["[UNK]", "good film", "bad film"]
    bins = layers.Discretization(num_bins=2)
    bins.adapt(Dataset.from_tensor_slices(numbers[:, :1]).batch(8))
    assert abs(bins.bin_boundaries[0] - np.median(numbers[:, 0])) < 0.5


def test_layers_work_inside_of_map():
    lookup = layers.StringLookup(vocabulary=["good", "bad"])
    found = list(Dataset.from_tensor_slices(np.array(["bad", "x"])).batch(2).map(lookup))
    np.testing.assert_array_equal(found[0], [2, 0])
    scale = layers.Rescaling(0.5)
    found = list(Dataset.from_tensor_slices(np.array([[2, 4]])).map(lambda x: scale(x)))
    np.testing.assert_allclose(found[0], [1.0, 2.0])


# In files ------------------------------------------------------------------------------------------------
def test_vocabularies_and_statistics_come_back_from_a_file(tmp_path):
    model = text_model(output_mode="tf_idf", standardize="lower")
    numbers = keras.Input((2,))
    normalize = layers.Normalization()
    normalize.adapt([[1.0, 2.0], [3.0, 6.0]])
    both = keras.Model([*model.inputs, numbers], layers.Concatenate()([model.outputs[0], normalize(numbers)]))
    path = tmp_path / "model.keras"
    both.save(path)
    again = keras.models.load_model(path)
    data = [REVIEWS[:, None], _rng.normal(size=(6, 2)).astype("float32")]
    np.testing.assert_allclose(
        again.predict(data, verbose=0), both.predict(data, verbose=0), rtol=1e-6, atol=1e-6
    )
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith("assets")]
        assert "assets/layers/text_vectorization/vocabulary.txt" in names
        assert archive.read(names[0]).decode().split("\n")[0] == "[UNK]"


def test_tokens_with_odd_characters_come_back_from_a_file(tmp_path):
    layer = layers.StringLookup(mask_token="")
    layer.adapt(np.array(["\u2028x", "a\x0bb", "ü", " "]))
    layer.save_assets(tmp_path)
    again = layers.StringLookup(mask_token="")
    again.load_assets(tmp_path)
    assert again.get_vocabulary() == layer.get_vocabulary()


def test_a_vocabulary_file_is_read_for_the_user_but_never_for_a_config(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("good\nbad\n")
    layer = layers.StringLookup(vocabulary=str(path))
    assert layer.get_vocabulary() == ["[UNK]", "good", "bad"]
    assert layer.get_config()["vocabulary"] is None
    assert layers.TextVectorization(vocabulary=path).get_vocabulary(False) == ["good", "bad"]
    (tmp_path / "ids.txt").write_text("5\n7")
    assert layers.IntegerLookup(vocabulary=str(tmp_path / "ids.txt")).get_vocabulary() == [-1, 5, 7]
    for cls in (layers.StringLookup, layers.IntegerLookup, layers.TextVectorization):
        config = {**cls().get_config(), "vocabulary": str(path)}
        with pytest.raises(ValueError, match="must not read"):
            cls.from_config(config)
        data = {
            "module": "keras.layers",
            "class_name": cls.__name__,
            "config": config,
            "registered_name": None,
        }
        with pytest.raises(ValueError, match="must not read"):
            keras.layers.deserialize(json.loads(json.dumps(data)))
    with pytest.raises(ValueError, match="does not exist"):
        layers.StringLookup(vocabulary=str(tmp_path / "none.txt"))


def test_a_function_of_the_user_standardizes_and_splits():
    layer = layers.TextVectorization(
        standardize=lambda texts: np.char.replace(np.char.lower(texts), "-", " "),
        split=lambda texts: [text.split(b",") for text in texts],
        vocabulary=["a b", "c"],
    )
    np.testing.assert_array_equal(layer(["A-b,c", "c,x,A B"]), [[2, 3, 0], [3, 1, 2]])


def test_large_integers_keep_all_their_bits_outside_of_compiled_code():
    layer = layers.IntegerLookup()
    layer.adapt(np.array([2**40, 2**40, 5]))
    assert layer.get_vocabulary() == [-1, 2**40, 5]
    np.testing.assert_array_equal(layer([2**40, 2**40 + 1, 5]), [1, 0, 2])
    assert len(set(layers.Hashing(10**6)([2**40, 2**41]).numpy().tolist())) == 2


def test_results_have_the_dtypes_of_the_engine():
    assert layers.StringLookup(vocabulary=["a"])(["a"]).dtype == "int32"
    assert layers.StringLookup(vocabulary=["a"], output_mode="count")(["a"]).dtype == "float32"
    assert layers.StringLookup(vocabulary=["a"], invert=True)([1]).numpy().tolist() == [b"a"]
    assert isinstance(layers.Hashing(3)("a"), Tensor) and layers.Hashing(3)("a").shape == ()


def test_normalization_of_one_column_adapts_to_batches_of_any_length():
    column = np.arange(20.0, dtype="float32")
    layer = layers.Normalization(axis=None)
    layer.adapt(Dataset.from_tensor_slices(column).batch(16))
    found = np.ravel([layer.mean, layer.variance])
    np.testing.assert_allclose(found, [column.mean(), column.var()], rtol=1e-5)


def test_normalization_is_the_identity_before_it_is_adapted():
    x = ops.convert_to_tensor([[1.0, 2.0]])
    layer = layers.Normalization()
    np.testing.assert_allclose(layer(x), x)
    layer.adapt(np.array([[1.0, 0.0], [3.0, 4.0]]))
    np.testing.assert_allclose(layer(x), [[-1.0, 0.0]])


# Messages ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: layers.StringLookup(max_tokens=1), "max_tokens"),
        (lambda: layers.StringLookup(num_oov_indices=-1), "num_oov_indices"),
        (lambda: layers.StringLookup(pad_to_max_tokens=True), "max_tokens is None"),
        (lambda: layers.StringLookup(output_mode="vector"), "one_hot"),
        (lambda: layers.StringLookup(invert=True, output_mode="count"), "invert is True"),
        (lambda: layers.StringLookup(vocabulary=["a", "a"]), "twice"),
        (lambda: layers.StringLookup(vocabulary=[]), "empty"),
        (lambda: layers.StringLookup(vocabulary=["a", ""], mask_token=""), "wrong place"),
        (lambda: layers.StringLookup(vocabulary=["a", "b", "c"], max_tokens=3), "at most 3"),
        (lambda: layers.StringLookup(vocabulary=["a"], output_mode="tf_idf"), "idf_weights"),
        (lambda: layers.StringLookup(vocabulary=["a"], sparse=True, output_mode="count"), "sparse=False"),
        (lambda: layers.StringLookup(vocabulary=["a"], num_oov_indices=0)(["b"]), "num_oov_indices=1"),
        (lambda: layers.StringLookup(vocabulary=["a"]).adapt(["b"]), "Leave `vocabulary` out"),
        (lambda: layers.IntegerLookup(salt=3), "farmhash"),
        (lambda: layers.IntegerLookup(vocabulary_dtype="int32"), "int64"),
        (lambda: layers.TextVectorization(standardize="upper"), "lower_and_strip_punctuation"),
        (lambda: layers.TextVectorization(ngrams="2"), "a tuple of integers"),
        (lambda: layers.TextVectorization(output_mode="count", output_sequence_length=3), "output_mode"),
        (lambda: layers.TextVectorization(ragged=True, output_mode="count"), "ragged"),
        (lambda: layers.TextVectorization()(np.array([["a", "b"]])), "split=None"),
        (lambda: layers.CategoryEncoding(), "num_tokens"),
        (lambda: layers.CategoryEncoding(3)([1], count_weights=[1.0]), "count"),
        (lambda: layers.Hashing(0), "num_bins"),
        (lambda: layers.Hashing(3, salt=[1, 2, 3]), "salt"),
        (lambda: layers.Hashing(3, dtype="float32"), "int64"),
        (lambda: layers.HashedCrossing(3)([["a"]]), "two or more"),
        (lambda: layers.HashedCrossing(3)([["a"], [1, 2]]), "equal shapes"),
        (lambda: layers.HashedCrossing(3)([["a"], [1.5]]), "Discretization"),
        (lambda: layers.Discretization(), "num_bins"),
        (lambda: layers.Discretization(num_bins=3)([1.0]), "adapt"),
        (lambda: layers.Discretization(bin_boundaries=[1.0]).adapt([1.0]), "num_bins"),
        (lambda: layers.Normalization(mean=1.0), "both"),
        (lambda: layers.Normalization(mean=[1.0], variance=[1.0, 2.0]), "equal shapes"),
        (lambda: layers.Normalization(axis=3)(np.ones((2, 2))), "axes from -2 to 1"),
        (lambda: layers.Normalization(mean=1.0, variance=1.0).adapt([1.0]), "nothing to adapt"),
        (lambda: layers.Normalization().adapt([]), "no data"),
        (lambda: layers.Normalization()(keras.Input((None,))), "size of every axis"),
    ],
)
def test_wrong_arguments_and_data_are_named(make, text):
    with pytest.raises(ValueError, match=text):
        make()


def test_vectors_need_a_vocabulary_of_fixed_size():
    layer = layers.StringLookup(output_mode="count")
    with pytest.raises(RuntimeError, match="needs a vocabulary"):
        layer(["a"])
    layer.adapt(["a", "b"])
    layer(["a"])
    with pytest.raises(RuntimeError, match="cannot change"):
        layer.adapt(["a", "b", "c"])
    with pytest.raises(RuntimeError, match="no weights|needs a vocabulary"):
        layers.StringLookup(output_mode="tf_idf")(["a"])


def test_texts_and_numbers_are_not_mixed_up():
    with pytest.raises(TypeError, match="texts"):
        layers.StringLookup(vocabulary=["a"])([1, 2])
    with pytest.raises(TypeError, match="integers"):
        layers.IntegerLookup(vocabulary=[1])(["a"])
    with pytest.raises(TypeError, match="come out of compiled code"):
        Compiled(lambda x: layers.StringLookup(vocabulary=["a"], invert=True)(x))(np.array([1], "int32"))


def test_adapting_to_data_of_another_shape_says_so():
    layer = layers.Normalization()
    layer.adapt(np.ones((4, 3)))
    with pytest.raises(ValueError, match="shape \\(4, 2\\)"):
        layer.adapt(np.ones((4, 2)))


def test_a_token_that_is_no_utf8_is_shown_when_the_vocabulary_is_made():
    lines = Dataset.from_tensor_slices([b"caf\xe9 one", b"two"])
    with pytest.raises(ValueError, match=r"not UTF-8.*\n.*\n.*caf\\xe9"):
        layers.TextVectorization().adapt(lines)


def _texts_of_all_kinds(rng: np.random.Generator, count: int) -> list[bytes]:
    """Texts whose words are short and long, of one and of many bytes, with all white space and other control bytes."""
    words = [
        "a",
        "The",
        "sixteen_letters_",
        "seventeen.letters",
        "a" * 40,
        "ÄÖÜßé",
        "日本語",
        "x\x01y",
        "don't",
        "...",
        "8bytes!!",
    ]
    gaps = [" ", "  ", "\t", "\n", "\r\n", "\v", "\f", "\u00a0", "\x1c"]
    rows = [
        "".join(
            words[i] + gaps[j]
            for i, j in zip(*rng.integers(0, (len(words), len(gaps)), (n, 2)).T, strict=True)
        )
        for n in rng.integers(0, 9, count)
    ]
    return [row.encode() for row in rows] + [b"", b"   ", b"\xff\xfe broken", b"end"]


@pytest.mark.parametrize("standardize", [None, "lower", "strip_punctuation", "lower_and_strip_punctuation"])
@pytest.mark.parametrize(
    "options", [{}, {"output_sequence_length": 3}, {"ragged": True}, {"output_mode": "count"}]
)
@pytest.mark.parametrize("zero", [False, True])
def test_many_texts_at_once_are_as_one_by_one(standardize, options, zero):
    rng = np.random.default_rng(3)
    texts = _texts_of_all_kinds(rng, 300) + ([b"zero\0byte in it"] if zero else [])
    layer = layers.TextVectorization(standardize=standardize, **options)
    layer.adapt(texts[:150:2])
    together = layer(np.array(texts, object))
    few = [layer(np.array(texts[i : i + 8], object)) for i in range(0, len(texts), 8)]
    if options.get("ragged"):
        assert together.to_list() == [row for part in few for row in part.to_list()]
        return
    rows = [np.pad(np.asarray(p), ((0, 0), (0, together.shape[1] - p.shape[1]))) for p in few]
    np.testing.assert_array_equal(together, np.concatenate(rows))
    assert len(np.unique(np.asarray(together))) > 3


def test_another_vocabulary_is_looked_up_anew():
    texts = np.array(["one two three"] * 100, object)
    layer = layers.TextVectorization(vocabulary=["one", "two"])
    np.testing.assert_array_equal(layer(texts)[0], [2, 3, 1])
    layer.set_vocabulary(["three", "two"])
    np.testing.assert_array_equal(layer(texts)[99], [1, 3, 2])


def test_words_whose_places_collide_are_told_apart():
    words = [f"word number{i}".replace(" ", "-").encode() for i in range(2_000)]
    table = WordTable({word: i for i, word in enumerate(words)}, unknown=-1)
    assert table.usable
    found, counts = table.rows([b" ".join(words), b"zzz " + words[5], b""], None, b"")
    np.testing.assert_array_equal(found, [*range(len(words)), -1, 5])
    np.testing.assert_array_equal(counts, [len(words), 2, 0])
    second = [
        table._place(k[:, 0], k[:, 1], 1) for k in [np.stack([table.low, table.high], 1)[table.low > 0]]
    ][0]
    assert (second == np.flatnonzero(table.low)).sum() > 10  # words that had to take their second place
