"""Modules and models whose code works on texts, by `tf.strings`, `tf.lookup` and layers; what they are called on."""

from __future__ import annotations

import numpy as np

import addax as keras
import addax.tf as tf

L, S = keras.layers, tf.strings
TEXTS = np.array(["Hello, World! ", "a b  c", "", "Été 42", "b (a)"])
WORDS = np.array(["a", "q", "b", "zz"])


def _table(keys, values, default):
    return tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(tf.constant(keys), values), default)


NUMBERS = _table(["a", "b"], tf.constant([1, 2], tf.int64), -1)
NAMES = _table(["a", "b"], tf.constant(["first", "second"]), "none")
WEIGHTS = _table(["a", "b"], tf.constant([0.5, 1.5]), 0.0)
VOCABULARY = tf.lookup.StaticVocabularyTable(
    tf.lookup.KeyValueTensorInitializer(tf.constant(["a", "b"]), tf.constant([0, 1], tf.int64)), 3
)


def _spelled_out():
    return tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(tf.constant([1, 2], tf.int64), tf.constant(["one", "two"])), "?"
    )


SPELLED = _spelled_out()


def tidy(text):
    """Lower case, letters and marks alone, marks on their own."""
    text = S.lower(text)
    text = S.regex_replace(text, "[^ a-z.?!,]", "")
    text = S.regex_replace(text, "[.?!,]", r" \0 ")
    return S.join(["[START]", S.strip(text), "[END]"], separator=" ")


def by_comma(text):
    """The parts between commas."""
    return S.split(text, sep=",")


def sums(texts):
    """Numbers of texts, a loop over them, and texts of the sums."""
    ids = NUMBERS.lookup(S.split(texts)).to_tensor()
    total = tf.zeros([tf.shape(ids)[0]], tf.int32)
    for i in tf.range(tf.shape(ids)[1]):
        total = total + ids[:, i]
    return S.join(["sum ", S.as_string(total), " ", SPELLED.lookup(tf.minimum(total, 2))])


# Function, and the texts that it is called on.
FUNCTIONS = {
    "lower": (S.lower, TEXTS),
    "upper_unicode": (lambda x: S.upper(x, "utf-8"), TEXTS),
    "strip": (S.strip, TEXTS),
    "length": (S.length, TEXTS),
    "length_characters": (lambda x: S.length(x, "UTF8_CHAR"), TEXTS),
    "substr": (lambda x: S.substr(x, 0, 3), TEXTS),
    "replace_all": (lambda x: S.regex_replace(x, "[^a-z]+", "-"), TEXTS),
    "replace_first": (lambda x: S.regex_replace(x, "([a-z])", r"<\1>", replace_global=False), TEXTS),
    "posix": (lambda x: S.regex_replace(x, "[[:punct:]]+", "."), TEXTS),
    "full_match": (lambda x: S.regex_full_match(x, "[a-z ]*"), TEXTS),
    "join": (lambda x: S.join(["<", x, ">"], separator=" "), TEXTS),
    "plus": (lambda x: "(" + x + ")", TEXTS),
    "equal": (lambda x: x == "a b  c", TEXTS),
    "not_equal": (lambda x: tf.not_equal(x, ""), TEXTS),
    "where": (lambda x: tf.where(x == "", "empty", x), TEXTS),
    "split": (lambda x: S.split(x).to_tensor(), TEXTS),
    "split_by": (lambda x: S.split(x, sep=" ").to_tensor("PAD", shape=[None, 4]), TEXTS),
    "split_once": (lambda x: S.split(x, sep=" ", maxsplit=1).to_tensor(), TEXTS),
    "row_lengths": (lambda x: tf.cast(S.split(x).row_lengths(), tf.int32), TEXTS),
    "reduce_join_rows": (lambda x: S.reduce_join(S.split(x), axis=-1, separator="_"), TEXTS),
    "reduce_join": (lambda x: S.reduce_join(tf.stack([x, S.lower(x)], axis=1), axis=1, separator="|"), TEXTS),
    "reduce_join_all": (lambda x: S.reduce_join(x, separator=","), TEXTS),
    "characters": (lambda x: S.unicode_split(x, "UTF-8").to_tensor(), TEXTS),
    "hash": (lambda x: S.to_hash_bucket_fast(x, 7), TEXTS),
    "ngrams": (lambda x: S.ngrams(S.split(x), 2).to_tensor(), TEXTS),
    "to_number": (S.to_number, np.array(["1", "2.5", "-3e2"])),
    "to_integer": (lambda x: S.to_number(x, tf.int32) + 1, np.array(["1", "25"])),
    "as_string": (lambda x: S.as_string(S.length(x) * 2), TEXTS),
    "as_digits": (lambda x: S.as_string(tf.cast(S.length(x), tf.float32) / 3, precision=2), TEXTS),
    "axes": (lambda x: x[:, tf.newaxis], TEXTS),
    "slices": (lambda x: tf.concat([x[1:3], x[:1]], 0), TEXTS),
    "one": (lambda x: x[0], TEXTS),
    "shapes": (lambda x: tf.ones([tf.shape(x)[0], 2]), TEXTS),
    "table": (NUMBERS.lookup, WORDS),
    "table_by_item": (lambda x: NUMBERS[x] * 2, WORDS),
    "table_of_rows": (lambda x: NUMBERS.lookup(S.split(x)).to_tensor(), TEXTS),
    "table_of_floats": (lambda x: WEIGHTS.lookup(x) * 2, WORDS),
    "table_of_texts": (NAMES.lookup, WORDS),
    "table_there_and_back": (lambda x: SPELLED.lookup(NUMBERS.lookup(x)), WORDS),
    "table_of_numbers": (SPELLED.lookup, np.array([1, 7, 2], "int32")),
    "vocabulary": (VOCABULARY.lookup, WORDS),
    "sums": (sums, TEXTS),
}


def module(function, inputs):
    """A module with the function as its method."""
    found = tf.Module()
    kind = tf.string if inputs.dtype.kind == "U" else tf.int32
    found.run = tf.function(function, input_signature=[tf.TensorSpec([None] * inputs.ndim, kind, name="x")])
    return found


class Translator(tf.Module):
    """Texts to indices, a decoder in a loop that ends early, indices to texts."""

    def __init__(self):
        super().__init__()
        keras.utils.set_random_seed(3)
        vocabulary = ["[START]", "[END]", "a", "b", "c"]
        self.indices = L.TextVectorization(standardize=tidy, vocabulary=vocabulary, ragged=True)
        self.words = L.StringLookup(vocabulary=vocabulary, mask_token="", invert=True)
        self.embed = L.Embedding(7, 4)
        self.encoder = L.GRU(4)
        self.cell = L.GRUCell(4)
        self.out = L.Dense(7)
        ids = tf.zeros([1, 2], tf.int32)
        state = self.encoder(self.embed(ids))
        self.out(self.cell(self.embed(ids)[:, 0], state)[0])

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="x")])
    def run(self, texts):
        ids = self.indices(texts).to_tensor()
        state = self.encoder(self.embed(ids))
        token = ids[:, 0]
        found = tf.zeros([tf.shape(ids)[0], 0], tf.int32)
        for _ in range(6):
            output, state = self.cell(self.embed(token), state)
            token = tf.argmax(self.out(output), axis=-1, output_type=tf.int32)
            found = tf.concat([found, token[:, tf.newaxis]], axis=1)
        joined = S.reduce_join(self.words(found), axis=1, separator=" ")
        return {"text": S.strip(S.regex_replace(joined, r"^ *\[START\] *", "")), "tokens": found}


def _model(layer, inputs):
    x = keras.Input((), dtype="string", name="x")
    return keras.Model(x, L.Embedding(9, 2)(layer(x))), inputs


class Inside(keras.Model):
    """A model of a user's own that changes texts before it looks them up."""

    def __init__(self):
        super().__init__(name="inside")
        self.words = L.StringLookup(vocabulary=["a", "b"])

    def call(self, x):
        return self.words(S.lower(x))


def _inside():
    x = keras.Input((), dtype="string", name="x")
    return keras.Model(x, Inside()(x)), np.array(["A", "b", "C"])


VOCAB = ["[START]", "[END]", "a", "b"]
MODELS = {
    "standardize": lambda: _model(
        L.TextVectorization(standardize=tidy, vocabulary=VOCAB, max_tokens=8), TEXTS
    ),
    "split": lambda: _model(
        L.TextVectorization(split=by_comma, standardize="lower", vocabulary=["hello", "a b  c"]), TEXTS
    ),
    "both": lambda: _model(
        L.TextVectorization(standardize=S.strip, split=by_comma, vocabulary=["a"], output_sequence_length=3),
        TEXTS,
    ),
    "inside": _inside,
}
