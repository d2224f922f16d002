import pytest

from addax.data import AutoShardPolicy, Dataset, Options


def test_options_travel_with_the_dataset():
    options = Options()
    options.experimental_distribute.auto_shard_policy = AutoShardPolicy.DATA
    options.deterministic = False
    ds = Dataset.range(3).with_options(options).batch(2)
    assert ds.options().experimental_distribute.auto_shard_policy == AutoShardPolicy.DATA
    assert ds.options().deterministic is False and Dataset.range(3).options() == Options()
    assert [x.numpy().tolist() for x in ds] == [[0, 1], [2]]


def test_later_options_win_where_they_choose():
    first, second = Options(), Options()
    first.autotune.enabled, first.deterministic = True, True
    second.deterministic = False
    merged = Dataset.range(3).with_options(first).with_options(second).options()
    assert merged.autotune.enabled is True and merged.deterministic is False
    assert first.merge(second) == merged != first


def test_older_names_are_the_same_settings():
    options = Options()
    options.experimental_deterministic = False
    options.experimental_threading.private_threadpool_size = 2
    assert options.deterministic is False and options.threading.private_threadpool_size == 2
    assert options.experimental_deterministic is False


def test_unknown_settings_are_an_error_with_the_nearest_name():
    with pytest.raises(AttributeError, match="Did you mean 'deterministic'"):
        Options().determinstic = True
    with pytest.raises(AttributeError, match="no setting 'x'"):
        Options().autotune.x = 1
    with pytest.raises(TypeError, match="Options"):
        Dataset.range(3).with_options({"deterministic": True})
