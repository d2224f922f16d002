from __future__ import annotations

import pytest

from addax import losses


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("mean_square_error", "mean_squared_error"),
        ("binary_crosentropy", "binary_crossentropy"),
        ("Hubber", "Huber"),
    ],
)
def test_an_unknown_name_is_an_error_that_lists_the_nearest(name, nearest):
    with pytest.raises(ValueError, match=f"Unknown loss: '{name}'") as caught:
        losses.get(name)
    assert nearest in str(caught.value)


@pytest.mark.parametrize(
    ("alias", "function"),
    [
        ("kullback_leibler_divergence", losses.kl_divergence),
        ("logcosh", losses.log_cosh),
        ("cosine_proximity", losses.cosine_similarity),
        ("huber_loss", losses.huber),
        ("MSLE", losses.msle),
        ("bce", losses.binary_crossentropy),
    ],
)
def test_older_names_still_name_their_function(alias, function):
    assert losses.get(alias) is function


def test_the_short_names_are_the_functions():
    assert losses.MSE is losses.mse is losses.mean_squared_error
    assert losses.KLD is losses.kld is losses.kullback_leibler_divergence is losses.kl_divergence


def test_a_class_or_its_name_gives_an_object_and_objects_are_kept():
    loss = losses.Huber(2.0)
    assert losses.get(loss) is loss and losses.get(None) is None
    assert type(losses.get(losses.Huber)) is type(losses.get("Huber")) is losses.Huber


def test_a_config_without_module_means_a_loss():
    assert type(losses.get({"class_name": "MeanSquaredError", "config": {}})) is losses.MeanSquaredError


def test_something_else_is_no_loss():
    with pytest.raises(ValueError, match="This is no loss"):
        losses.get(3)


@pytest.mark.parametrize("q", [0, 1, -0.5])
def test_q_of_the_generalized_cross_entropy_is_between_zero_and_one(q):
    with pytest.raises(ValueError, match="`q` is out of range"):
        losses.CategoricalGeneralizedCrossEntropy(q=q)
