"""SavedModels of code over texts, read back; tests/oracle/test_text_functions.py has the real TensorFlow read them."""

import numpy as np
import pytest
from tests.unit.export import text_functions as cases

import addax as keras
import addax.tf as tf
from addax.export.text._rules import TextExportError

S = tf.strings


def same(found, wanted):
    found, wanted = np.asarray(found), np.asarray(wanted)
    if wanted.dtype == object:
        assert found.tolist() == wanted.tolist()
    else:
        assert found.dtype == wanted.dtype
        np.testing.assert_allclose(found, wanted, rtol=1e-5)


def served(path, inputs):
    return tf.saved_model.load(path).signatures["serving_default"](x=tf.constant(inputs))


@pytest.mark.grid
@pytest.mark.parametrize("name", cases.FUNCTIONS)
def test_a_function_gives_the_same_after_loading(name, tmp_path):
    function, inputs = cases.FUNCTIONS[name]
    module = cases.module(function, inputs)
    tf.saved_model.save(module, tmp_path / "m", signatures=module.run)
    same(served(tmp_path / "m", inputs)["output_0"], function(tf.constant(inputs)))
    same(tf.saved_model.load(tmp_path / "m")(tf.constant(inputs[:1])), function(tf.constant(inputs[:1])))


def test_a_translator_gives_the_same_after_loading(tmp_path):
    module = cases.Translator()
    tf.saved_model.save(module, tmp_path / "m", signatures=module.run)
    for texts in (["A b, c!"], ["b", "a c a?", "?"]):
        wanted, found = module.run(tf.constant(texts)), served(tmp_path / "m", texts)
        for key in ("text", "tokens"):
            same(found[key], wanted[key])


@pytest.mark.parametrize("name", cases.MODELS)
def test_a_model_gives_the_same_after_loading(name, tmp_path):
    model, inputs = cases.MODELS[name]()
    model.export(tmp_path / "m", verbose=False)
    same(served(tmp_path / "m", inputs)["output_0"], model(tf.constant(inputs)))


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (
            lambda x: S.unicode_decode(x, "UTF-8").to_tensor(),
            r"unicode_decode\(\) over texts[\s\S]*regex_replace",
        ),
        (S.split, r"Ragged tensors cannot[\s\S]*to_tensor"),
        (lambda x: tf.reverse(x, [0]), r"flip[\s\S]*cannot be exported"),
        (lambda x: S.length(x.numpy()[0]), r"known only when[\s\S]*tf\.strings"),
        (lambda x: cases.NUMBERS.lookup(cases.SPELLED.lookup(S.length(x))) + 1, "behind the program"),
    ],
)
def test_what_cannot_be_exported_says_what_and_what_to_do(function, problem, tmp_path):
    module = cases.module(function, cases.TEXTS)
    with pytest.raises(TextExportError, match=problem):
        tf.saved_model.save(module, tmp_path / "m", signatures=module.run)
    assert not list(tmp_path.iterdir())


def test_a_pattern_of_somebody_elses_that_may_not_end_is_refused(tmp_path):
    module = cases.module(lambda x: S.regex_replace(x, "(a+)+$", ""), cases.TEXTS)
    tf.saved_model.save(module, tmp_path / "m", signatures=module.run)
    with pytest.raises(ValueError, match="may take for ever"):
        served(tmp_path / "m", cases.TEXTS)


def test_functions_of_symbols_are_still_refused():
    with pytest.raises(TypeError, match="symbolic"):
        S.lower(keras.Input((), dtype="string"))
