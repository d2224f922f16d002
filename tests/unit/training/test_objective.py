"""What is minimised, and under which names it is reported."""

import numpy as np
import pytest

import addax as keras
from addax import layers, ops

RNG = np.random.RandomState(0)
X = RNG.rand(10, 4).astype("float32")
A = (X[:, :1] > 0.5).astype("float32")
B = np.arange(10) % 3
BCE, SCE = "binary_crossentropy", "sparse_categorical_crossentropy"


def one_output():
    x = keras.Input((4,))
    return keras.Model(x, layers.Dense(1, name="z")(x))


def two_outputs(kind="list"):
    x = keras.Input((4,))
    z = layers.Dense(1, activation="sigmoid", name="z")(x)
    a = layers.Dense(3, activation="softmax", name="a")(x)
    return keras.Model(x, {"list": [z, a], "dict": {"zz": z, "aa": a}}[kind])


def logs(model, y, **compile_arguments):
    weights = compile_arguments.pop("sample_weight", None)
    model.compile(
        "sgd", run_eagerly=True, **compile_arguments
    )  # saves compiling; names and values are the same
    return model.evaluate(X, y, sample_weight=weights, verbose=0, return_dict=True)


def rmse(y_true, y_pred):
    return ops.sqrt(ops.mean(ops.square(y_true - y_pred)))


class CallableObject:
    def __call__(self, y_true, y_pred):
        return ops.mean(y_true - y_pred)


# Names ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("compiled", "names"),
    [
        ({"metrics": ["mae", rmse]}, ["loss", "mae", "rmse"]),
        ({"metrics": "mae"}, ["loss", "mae"]),
        ({"metrics": [["mae"]]}, ["loss", "mae"]),
        ({"metrics": {"z": ["mae"]}}, ["loss", "mae"]),
        ({"metrics": ["MAE", "acc", "Accuracy"]}, ["Accuracy", "MAE", "acc", "loss"]),
        ({"metrics": ["mae", "mae"], "weighted_metrics": ["mae"]}, ["loss", "mae", "mae_1", "weighted_mae"]),
        (
            {"metrics": [keras.metrics.MeanSquaredError(), keras.metrics.MeanSquaredError(name="mine")]},
            ["loss", "mean_squared_error", "mine"],
        ),
        ({"metrics": [CallableObject()]}, ["callable_object", "loss"]),
        ({"metrics": [lambda a, b: ops.mean(a - b)]}, ["lambda", "loss"]),
        ({"metrics": ["crossentropy"]}, ["crossentropy", "loss"]),
        ({"metrics": [None, "mae"]}, ["loss", "mae"]),
        ({"metrics": [keras.metrics.F1Score(threshold=0.5)]}, ["f1_score", "loss"]),
    ],
)
def test_names_of_a_single_output(compiled, names):
    assert list(logs(one_output(), A, loss="mse", **compiled)) == names


@pytest.mark.parametrize(
    ("kind", "compiled", "names"),
    [
        ("list", {"loss": [BCE, SCE]}, ["a_loss", "loss", "z_loss"]),
        (
            "list",
            {"loss": {"z": BCE, "a": SCE}, "metrics": {"z": ["accuracy"], "a": ["accuracy", SCE]}},
            ["a_accuracy", "a_loss", f"a_{SCE}", "loss", "z_accuracy", "z_loss"],
        ),
        (
            "list",
            {"loss": [BCE, SCE], "metrics": [["accuracy"], "acc"], "weighted_metrics": {"z": ["accuracy"]}},
            ["a_acc", "a_loss", "loss", "z_accuracy", "z_loss", "z_weighted_accuracy"],
        ),
        (
            "list",
            {"loss": [BCE, SCE], "metrics": ["accuracy"]},
            ["a_accuracy", "a_loss", "loss", "z_accuracy", "z_loss"],
        ),
        ("list", {"loss": [BCE, None]}, ["loss"]),
        ("list", {"loss": {"a": SCE}, "metrics": {"a": "accuracy"}}, ["a_accuracy", "loss"]),
        (
            "dict",
            {"loss": {"zz": BCE, "aa": SCE}, "metrics": {"aa": ["accuracy"]}},
            ["aa_accuracy", "aa_loss", "loss", "zz_loss"],
        ),
    ],
)
def test_names_of_several_outputs(kind, compiled, names):
    y = [A, B] if kind == "list" else {"zz": A, "aa": B}
    assert list(logs(two_outputs(kind), y, **compiled)) == names


class Pair(keras.Model):
    def __init__(self):
        super().__init__()
        self.first, self.second = layers.Dense(1), layers.Dense(3, activation="softmax")

    def call(self, x):
        return [self.first(x), self.second(x)]


def test_outputs_without_names_are_named_by_their_losses():
    names = list(logs(Pair(), [A, B], loss=["mse", SCE], metrics=[["mae"], ["accuracy"]]))
    assert names == ["accuracy", "loss", "mae", "mse_loss", "sparse_categorical_crossentropy_loss"]


def test_losses_of_one_name_are_told_apart():
    found = logs(Pair(), [A, np.eye(3)[B]], loss="mse")
    assert list(found) == ["loss", "mse_loss", "mse_loss_1"]
    assert found["loss"] == pytest.approx(found["mse_loss"] + found["mse_loss_1"], rel=1e-5)


# Values --------------------------------------------------------------------------------------------------
def expected(model, y_a=A, y_b=B, weight=None):
    """Losses of both outputs by NumPy."""
    z, a = model.predict(X, verbose=0)
    weight = np.ones(10) if weight is None else weight
    bce = -(y_a * np.log(z) + (1 - y_a) * np.log(1 - z))[:, 0]
    sce = -np.log(a[np.arange(10), y_b])
    return np.mean(bce * weight), np.mean(sce * weight)


@pytest.mark.parametrize("weights", [None, [2.0, 0.5], {"a": 0.5, "z": 2.0}])
def test_loss_weights(weights):
    model = two_outputs()
    found = logs(model, [A, B], loss=[BCE, SCE], loss_weights=weights)
    first, second = expected(model)
    factors = (1, 1) if weights is None else (2, 0.5)
    assert found["z_loss"] == pytest.approx(first, rel=1e-4)  # single losses are reported unweighted
    assert found["a_loss"] == pytest.approx(second, rel=1e-4)
    assert found["loss"] == pytest.approx(factors[0] * first + factors[1] * second, rel=1e-4)


@pytest.mark.parametrize("weights", [3.0, [3.0], {"z": 3.0}])
def test_the_loss_weight_of_a_single_output(weights):
    model = one_output()
    plain = logs(model, A, loss="mse")["loss"]
    assert logs(model, A, loss="mse", loss_weights=weights)["loss"] == pytest.approx(3 * plain, rel=1e-5)


W, V = RNG.rand(10).astype("float32"), RNG.rand(10).astype("float32")


@pytest.mark.parametrize("given", [W, [W, W], {"z": W, "a": W}], ids=["one for all", "list", "dict"])
def test_sample_weights_by_output(given):
    model = two_outputs()
    found = logs(model, [A, B], loss=[BCE, SCE], sample_weight=given)
    first, second = expected(model, weight=W)
    assert found["z_loss"] == pytest.approx(first, rel=1e-4)
    assert found["a_loss"] == pytest.approx(second, rel=1e-4)


def test_sample_weights_of_some_outputs():
    model = two_outputs()
    found = logs(model, [A, B], loss=[BCE, SCE], sample_weight={"a": W})
    assert found["z_loss"] == pytest.approx(expected(model)[0], rel=1e-4)
    assert found["a_loss"] == pytest.approx(expected(model, weight=W)[1], rel=1e-4)


def test_only_weighted_metrics_use_the_weights():
    model = one_output()
    found = logs(model, A, loss="mse", metrics=["mae"], weighted_metrics=["mae"], sample_weight=W)
    error = np.abs(model.predict(X, verbose=0) - A)[:, 0]
    assert found["mae"] == pytest.approx(error.mean(), rel=1e-4)
    assert found["weighted_mae"] == pytest.approx((error * W).sum() / W.sum(), rel=1e-4)


@pytest.mark.parametrize(
    ("y", "units", "activation", "like"),
    [
        (A, 1, "sigmoid", BCE),
        (B, 3, "softmax", SCE),
        (np.eye(3)[B], 3, "softmax", "categorical_crossentropy"),
    ],
)
def test_crossentropy_is_chosen_by_the_shapes(y, units, activation, like):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(units, activation=activation)])
    found = logs(model, y, loss="crossentropy", metrics=["accuracy", "ce"])
    assert found["loss"] == pytest.approx(logs(model, y, loss=like)["loss"], rel=1e-5)
    assert found["ce"] == pytest.approx(found["loss"], rel=1e-5)
    guess = model.predict(X, verbose=0)
    right = (guess > 0.5) == y if units == 1 else guess.argmax(-1) == B
    assert found["accuracy"] == pytest.approx(np.mean(right))


def test_losses_as_functions_objects_and_classes():
    for loss in (
        "mse",
        keras.losses.MeanSquaredError(),
        keras.losses.mean_squared_error,
        keras.losses.MeanSquaredError,
        lambda y, p: ops.mean(ops.square(y - p), axis=-1),
    ):
        model = keras.Sequential([keras.Input((4,)), layers.Dense(1, kernel_initializer="ones")])
        value = np.mean((X.sum(1, keepdims=True) - A) ** 2)
        assert logs(model, A, loss=loss)["loss"] == pytest.approx(value, rel=1e-5)


def test_losses_of_the_batches_are_weighted_by_their_sizes():
    model = one_output()
    model.compile("sgd", "mse", metrics=["mae", rmse])
    found = model.evaluate(X, A, batch_size=4, verbose=0, return_dict=True)
    errors = model.predict(X, verbose=0) - A
    assert found["loss"] == pytest.approx(np.mean(errors**2), rel=1e-5)
    assert found["mae"] == pytest.approx(np.mean(np.abs(errors)), rel=1e-5)


def test_targets_for_the_outputs_with_a_loss_are_enough():
    model = two_outputs()
    first = logs(model, [A], loss=[BCE, None])["loss"]
    assert first == pytest.approx(expected(model)[0], rel=1e-4)
    assert logs(model, {"a": B}, loss={"a": SCE})["loss"] == pytest.approx(expected(model)[1], rel=1e-4)


def test_a_nest_of_outputs():
    class Nested(Pair):
        def call(self, x):
            return {"pair": [self.first(x), self.first(x)], "one": self.second(x)}

    found = logs(Nested(), {"pair": [A, A], "one": B}, loss={"pair": ["mse", "mae"], "one": SCE})
    assert list(found) == ["loss", "one_loss", "pair_0_loss", "pair_1_loss"]


# Errors --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("y", "compiled", "words"),
    [
        ([A, B], {"loss": {"z": BCE, "b": SCE}}, "`loss` names an output.*"),
        ([A, B], {"loss": [BCE]}, "binary_crossentropy"),
        ([A, B], {"loss": [BCE, SCE, SCE]}, "`loss` has another number"),
        ([A, B], {"loss": [BCE, SCE], "metrics": {"q": "mae"}}, "`metrics` names an output"),
        ([A, B], {"loss": [BCE, SCE], "metrics": [keras.metrics.MeanMetricWrapper(rmse)]}, "which output"),
        ([A, B, B], {"loss": [BCE, SCE]}, "`y` has another number"),
        ({"z": A, "q": B}, {"loss": [BCE, SCE]}, "`y` names an output"),
        (None, {"loss": [BCE, SCE]}, "no target for output 'z'"),
    ],
)
def test_errors_name_the_argument_and_the_output(y, compiled, words):
    with pytest.raises(ValueError, match=words):
        logs(two_outputs(), y, **compiled)


def test_unknown_names_fail_in_compile():
    with pytest.raises(ValueError, match="mean_squared_error"):
        two_outputs().compile("sgd", [BCE, "mean_squared_eror"])
    with pytest.raises(ValueError, match="adam"):
        two_outputs().compile("adma", "mse")
