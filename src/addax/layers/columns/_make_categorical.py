"""The functions that make feature columns of categories."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core.errors import message
from addax.layers.columns._categorical import (
    CategoricalColumn,
    CrossedColumn,
    HashedColumn,
    IdentityColumn,
    VocabularyColumn,
    WeightedColumn,
    integer_or_text,
)
from addax.layers.columns._numeric import BucketizedColumn


def categorical_column_with_vocabulary_list(
    key: str, vocabulary_list: Any, dtype: Any = None, default_value: int = -1, num_oov_buckets: int = 0
) -> VocabularyColumn:
    """A column of categories from a list; the id of one is its place.

    Args:
        key: The feature's name.
        vocabulary_list: Texts or integers, none of them twice.
        dtype: The dtype of the feature; that of the list if None.
        default_value: The id of what is not in the list; -1 leaves it out.
        num_oov_buckets: Instead of that, so many ids behind the list, which such values share by a hash.

    Raises:
        ValueError: If the list is empty or has something twice, or both ways of treating other values are asked for.

    Source: `tf.feature_column.categorical_column_with_vocabulary_list`.

    Example:
        >>> import addax.tf as tf
        >>> tf.feature_column.categorical_column_with_vocabulary_list("color", ["red", "green"]).num_buckets
        2
    """
    words = tuple(
        np.asarray(vocabulary_list).tolist()
        if isinstance(vocabulary_list, np.ndarray)
        else vocabulary_list or ()
    )
    where = f"column '{key}'"
    if not words or len(set(words)) < len(words):
        raise ValueError(
            message(
                "`vocabulary_list` is wrong.",
                where=where,
                expected="some values, none of them twice",
                received=words,
            )
        )
    _check_others(default_value, num_oov_buckets, where)
    kind = integer_or_text(
        ("string" if isinstance(words[0], (str, bytes)) else "int64") if dtype is None else dtype, where
    )
    return VocabularyColumn(key, words, kind, default_value, num_oov_buckets)


def categorical_column_with_vocabulary_file(
    key: str,
    vocabulary_file: str,
    vocabulary_size: int | None = None,
    dtype: Any = "string",
    default_value: int | None = None,
    num_oov_buckets: int = 0,
    file_format: str | None = None,
) -> VocabularyColumn:
    """A column of categories from a text file, a category in each line.

    Args:
        key: The feature's name.
        vocabulary_file: The file's name.
        vocabulary_size: How many lines count; all if None.
        dtype: The dtype of the feature.
        default_value: The id of what is not in the file; left out if None.
        num_oov_buckets: Instead of that, so many ids behind those of the file.
        file_format: None: lines of text.

    Raises:
        ValueError: If the file has fewer lines than wanted, or an argument is wrong.

    Source: `tf.feature_column.categorical_column_with_vocabulary_file`.
    """
    if file_format is not None:
        raise ValueError(
            message("`file_format` is wrong.", where=f"column '{key}'", expected=None, received=file_format)
        )
    kind = integer_or_text(dtype, f"column '{key}'")
    with open(vocabulary_file, encoding="utf-8") as file:
        words: list[Any] = file.read().splitlines()
    if vocabulary_size is not None and vocabulary_size > len(words):
        raise ValueError(
            message(
                "The vocabulary file is shorter than `vocabulary_size`.",
                expected=vocabulary_size,
                received=f"{len(words)} lines",
            )
        )
    words = words[:vocabulary_size]
    if kind != "string":
        words = [int(word) for word in words]
    default = -1 if default_value is None else default_value
    return categorical_column_with_vocabulary_list(key, words, kind, default, num_oov_buckets)


def _check_others(default_value: int, num_oov_buckets: int, where: str) -> None:
    if num_oov_buckets < 0 or num_oov_buckets and default_value != -1:
        raise ValueError(
            message(
                "Values that are not in the vocabulary have an id, or buckets.",
                where=where,
                expected="default_value or num_oov_buckets (a positive number)",
                received=f"default_value={default_value}, num_oov_buckets={num_oov_buckets}",
            )
        )


def categorical_column_with_identity(
    key: str, num_buckets: int, default_value: int | None = None
) -> IdentityColumn:
    """A column of integers that are ids already.

    Args:
        key: The feature's name.
        num_buckets: Ids are smaller than this.
        default_value: The id of other values; if None they are an error.

    Raises:
        ValueError: If an argument is wrong; when the column is used, for a value that is no id.

    Source: `tf.feature_column.categorical_column_with_identity`.
    """
    _positive(num_buckets, "num_buckets", key)
    if default_value is not None and not 0 <= default_value < num_buckets:
        raise ValueError(
            message(
                "`default_value` is wrong.",
                where=f"column '{key}'",
                expected=f"an id below {num_buckets}",
                received=default_value,
            )
        )
    return IdentityColumn(key, num_buckets, default_value)


def categorical_column_with_hash_bucket(
    key: str, hash_bucket_size: int, dtype: Any = "string"
) -> HashedColumn:
    """A column of any categories, by a hash: TensorFlow's, so that ids are the same.

    Args:
        key: The feature's name.
        hash_bucket_size: The number of ids.
        dtype: The dtype of the feature: texts or integers.

    Raises:
        ValueError: If an argument is wrong.

    Source: `tf.feature_column.categorical_column_with_hash_bucket`; FarmHash's Fingerprint64.
    """
    _positive(hash_bucket_size, "hash_bucket_size", key)
    return HashedColumn(key, hash_bucket_size, integer_or_text(dtype, f"column '{key}'"))


def crossed_column(keys: Any, hash_bucket_size: int, hash_key: int | None = None) -> CrossedColumn:
    """A column of combinations of categories, by a hash: TensorFlow's, so that ids are the same.

    Args:
        keys: At least two: names of features of texts or integers, or columns of categories or intervals.
        hash_bucket_size: The number of ids.
        hash_key: An integer, for another hash.

    Raises:
        ValueError: If there are fewer than two keys, or one cannot be crossed.

    Source: `tf.feature_column.crossed_column`.

    Example:
        >>> import addax.tf as tf
        >>> tf.feature_column.crossed_column(["kind", "breed"], 10).name
        'breed_X_kind'
    """
    parts: tuple[Any, ...] = tuple(keys or ())
    _positive(hash_bucket_size, "hash_bucket_size", "crossed")
    if len(parts) < 2:
        raise ValueError(message("crossed_column() crosses at least two features.", received=keys))
    for part in parts:
        if not isinstance(part, (str, CategoricalColumn, CrossedColumn, BucketizedColumn)) or isinstance(
            part, HashedColumn
        ):
            raise ValueError(
                message(
                    "crossed_column() cannot cross this.",
                    expected="names of features, or columns of categories or intervals",
                    received=part,
                    hint="Cross the feature itself in place of a categorical_column_with_hash_bucket.",
                )
            )
    return CrossedColumn(parts, hash_bucket_size, hash_key)


def weighted_categorical_column(
    categorical_column: Any, weight_feature_key: str, dtype: Any = "float32"
) -> WeightedColumn:
    """A column of categories, each of which counts as much as another feature says.

    Args:
        categorical_column: The categories.
        weight_feature_key: The name of the feature of weights, which has the shape of that of the categories.
        dtype: The dtype of the weights.

    Source: `tf.feature_column.weighted_categorical_column`.
    """
    from addax.core import dtypes

    return WeightedColumn(categorical_column, weight_feature_key, dtypes.standardize(dtype).name)


def _positive(number: Any, name: str, key: str) -> None:
    if not isinstance(number, (int, np.integer)) or number < 1:
        raise ValueError(
            message(
                f"`{name}` is wrong.", where=f"column '{key}'", expected="a positive integer", received=number
            )
        )
