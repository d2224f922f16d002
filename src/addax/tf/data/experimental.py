"""`tf.data.experimental`: older spellings of methods of `Dataset`, and readers of CSV and of examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.data import (
    AUTOTUNE,
    INFINITE_CARDINALITY,
    UNKNOWN_CARDINALITY,
    AutoShardPolicy,
    AutotuneAlgorithm,
    AutotuneOptions,
    Dataset,
    DatasetIterator,
    DistributeOptions,
    ExternalStatePolicy,
    OptimizationOptions,
    Optional,
    ServiceOptions,
    ThreadingOptions,
    assert_cardinality,
    cardinality,
    csv_dataset,
    make_csv_dataset,
    pad_to_cardinality,
)
from addax.tf._data import TFRecordDataset
from addax.tf._parse_example import parse_example
from addax.tf._records import TFRecordWriter as _FileWriter

_Transformation = Callable[[Dataset], Dataset]

Counter = Dataset.counter
RandomDataset = Dataset.random
load = Dataset.load


class CsvDataset:
    """The rows of CSV files as tuples of scalars.

    Args:
        filenames: One path, several, or a dataset of them.
        record_defaults: For each column that is wanted, a dtype (each row must have a value) or a default value in a
            list.
        compression_type: None, `"GZIP"` or `"ZLIB"`.
        buffer_size: Accepted for TensorFlow's sake.
        header: Whether the first line of each file is left out.
        field_delim: What parts fields.
        use_quote_delim: Whether double quotes keep a field together.
        na_value: A further text for a missing value.
        select_cols: The numbers of the columns that are wanted, in the order of their defaults.
        exclude_cols: The numbers of those that are not.

    Raises:
        ValueError: If the defaults do not fit the columns; while iterating, if a row does not fit.
    """

    def __new__(  # type: ignore[misc]  # noqa: D102
        cls, filenames: Any, record_defaults: Sequence, compression_type: Any = None, buffer_size: Any = None,
        header: bool = False, field_delim: str = ",", use_quote_delim: bool = True, na_value: str = "",
        select_cols: Any = None, exclude_cols: Any = None,
    ) -> Dataset:  # fmt: skip
        return csv_dataset(
            filenames, record_defaults, compression_type, header, field_delim, use_quote_delim, na_value,
            select_cols, exclude_cols,
        )  # fmt: skip


class TFRecordWriter:
    """Writes a dataset of strings to a TFRecord file.

    Args:
        filename: The path.
        compression_type: None, `"GZIP"` or `"ZLIB"`.
    """

    def __init__(self, filename: Any, compression_type: Any = None) -> None:
        self._filename, self._compression = filename, compression_type

    def write(self, dataset: Any) -> None:
        """Write all elements.

        Args:
            dataset: A dataset of scalar strings.

        Raises:
            TypeError: If its elements are something else.
        """
        spec = dataset.element_spec
        if getattr(spec, "dtype", None) != "string" or tuple(spec.shape) != ():
            raise TypeError(message("TFRecordWriter writes scalar strings.", received=f"elements {spec}"))
        with _FileWriter(self._filename, self._compression) as file:
            for record in dataset.as_numpy_iterator():
                file.write(record)


class Reducer:
    """How `group_by_reducer` sums up a group.

    Args:
        init_func: Gives the first state of a group from its key.
        reduce_func: Gives the next state from the state and an element.
        finalize_func: Gives the result from the last state.
    """

    def __init__(self, init_func: Callable, reduce_func: Callable, finalize_func: Callable) -> None:
        self.init_func, self.reduce_func, self.finalize_func = init_func, reduce_func, finalize_func


def at(dataset: Dataset, index: Any) -> Any:
    """The element at a place, from 0 on; IndexError if there is none."""
    for element in dataset.skip(index).take(1):
        return element
    raise IndexError(message("The dataset has no such element.", received=f"index {int(index)}"))


def save(
    dataset: Dataset, path: Any, compression: Any = None, shard_func: Any = None, checkpoint_args: Any = None
) -> None:
    """`dataset.save(...)`.

    Args:
        dataset: A dataset.
        path: The folder.
        compression: None or `"GZIP"`.
        shard_func: Gives the number of an element's file.
        checkpoint_args: Accepted for TensorFlow's sake.
    """
    dataset.save(path, compression, shard_func)


def from_list(elements: Sequence, name: str | None = None) -> Dataset:
    """A dataset of the nests in a list.

    Args:
        elements: A list of nests of one form.
        name: Accepted for TensorFlow's sake.
    """
    if not len(elements):
        raise ValueError(message("from_list() needs at least one element.", received=elements))
    first = Dataset.from_tensors(elements[0])
    signature = first.element_spec
    return Dataset.from_generator(lambda: iter(elements), output_signature=signature)


def get_structure(dataset_or_iterator: Any) -> Any:
    """The element spec of a dataset or an iterator."""
    return dataset_or_iterator.element_spec


def get_single_element(dataset: Dataset) -> Any:
    """`dataset.get_single_element()`."""
    return dataset.get_single_element()


def get_next_as_optional(iterator: DatasetIterator) -> Optional:
    """`iterator.get_next_as_optional()`."""
    return iterator.get_next_as_optional()


def choose_from_datasets(datasets: Any, choice_dataset: Any, stop_on_empty_dataset: bool = False) -> Dataset:
    """`Dataset.choose_from_datasets`, which passes over datasets at their end unless it is told otherwise.

    Args:
        datasets: The datasets.
        choice_dataset: A dataset of the numbers of the datasets.
        stop_on_empty_dataset: Whether the end of one of them is the end.
    """
    return Dataset.choose_from_datasets(datasets, choice_dataset, stop_on_empty_dataset)


def sample_from_datasets(
    datasets: Any, weights: Any = None, seed: Any = None, stop_on_empty_dataset: bool = False
) -> Dataset:
    """`Dataset.sample_from_datasets`.

    Args:
        datasets: The datasets.
        weights: The share of each dataset.
        seed: An integer that fixes the order.
        stop_on_empty_dataset: Whether the end of one of them is the end.
    """
    return Dataset.sample_from_datasets(datasets, weights, seed, stop_on_empty_dataset)


# For Dataset.apply -------------------------------------------------------------------------------------------
def _method(name: str) -> Callable[..., _Transformation]:
    def transformation(*args: Any, **kwargs: Any) -> _Transformation:
        return lambda dataset: getattr(dataset, name)(*args, **kwargs)

    transformation.__name__ = transformation.__qualname__ = name
    transformation.__doc__ = f"For `Dataset.apply`: `dataset.{name}(...)`, with the same arguments."
    return transformation


bucket_by_sequence_length = _method("bucket_by_sequence_length")
dense_to_ragged_batch = _method("ragged_batch")
enumerate_dataset = _method("enumerate")
group_by_window = _method("group_by_window")
ignore_errors = _method("ignore_errors")
rejection_resample = _method("rejection_resample")
scan = _method("scan")
snapshot = _method("snapshot")
take_while = _method("take_while")
unbatch = _method("unbatch")
unique = _method("unique")


def map_and_batch(
    map_func: Callable, batch_size: Any, num_parallel_batches: Any = None, drop_remainder: bool = False,
    num_parallel_calls: Any = None,
) -> _Transformation:  # fmt: skip
    """For `Dataset.apply`: `dataset.map(map_func).batch(batch_size, drop_remainder)`.

    Args:
        map_func: A function of an element.
        batch_size: Elements in a batch.
        num_parallel_batches: Accepted for TensorFlow's sake.
        drop_remainder: Whether a last batch that is not full is left out.
        num_parallel_calls: Accepted for TensorFlow's sake.
    """
    return lambda dataset: dataset.map(map_func).batch(batch_size, drop_remainder)


def shuffle_and_repeat(buffer_size: Any, count: Any = None, seed: Any = None) -> _Transformation:
    """For `Dataset.apply`: `dataset.shuffle(buffer_size, seed).repeat(count)`.

    Args:
        buffer_size: How many elements are held.
        count: How often the elements come; without end if None.
        seed: An integer that fixes the order.
    """
    return lambda dataset: dataset.shuffle(buffer_size, seed).repeat(count)


def parallel_interleave(
    map_func: Callable, cycle_length: Any, block_length: Any = 1, sloppy: bool = False,
    buffer_output_elements: Any = None, prefetch_input_elements: Any = None,
) -> _Transformation:  # fmt: skip
    """For `Dataset.apply`: `dataset.interleave(map_func, cycle_length, block_length)`.

    Args:
        map_func: A function of an element.
        cycle_length: How many datasets are open at a time.
        block_length: Elements taken from one dataset before the next has its turn.
        sloppy: Accepted for TensorFlow's sake.
        buffer_output_elements: Accepted for TensorFlow's sake.
        prefetch_input_elements: Accepted for TensorFlow's sake.
    """
    return lambda dataset: dataset.interleave(map_func, cycle_length, block_length)


def prefetch_to_device(device: Any, buffer_size: Any = None) -> _Transformation:
    """For `Dataset.apply`: a few elements kept ready; they go to the device when they are used.

    Args:
        device: Accepted for TensorFlow's sake.
        buffer_size: How many elements are held.
    """
    return lambda dataset: dataset.prefetch(AUTOTUNE if buffer_size is None else buffer_size)


def copy_to_device(target_device: Any, source_device: Any = "/cpu:0") -> _Transformation:
    """For `Dataset.apply`: the same dataset; elements go to the device when they are used.

    Args:
        target_device: Accepted for TensorFlow's sake.
        source_device: Accepted for TensorFlow's sake.
    """
    return lambda dataset: dataset


def group_by_reducer(key_func: Callable, reducer: Reducer) -> _Transformation:
    """For `Dataset.apply`: one element for each key, what a reducer makes of the elements with that key.

    Args:
        key_func: A function of an element, called as that of `map`, that gives an integer scalar.
        reducer: A `Reducer`.

    Example:
        >>> import addax.tf as tf
        >>> total = tf.data.experimental.Reducer(
        ...     lambda key: tf.constant(0, tf.int64), lambda s, x: s + x, lambda s: s
        ... )
        >>> by_parity = tf.data.experimental.group_by_reducer(lambda x: x % 2, total)
        >>> [int(x) for x in tf.data.Dataset.range(5).apply(by_parity)]
        [6, 4]
    """

    def summed(key: Any, group: Dataset) -> Dataset:
        last = group.reduce(reducer.init_func(key), reducer.reduce_func)
        return Dataset.from_tensors(reducer.finalize_func(last))

    return lambda dataset: dataset.group_by_window(key_func, summed, window_size=2**62)


# Examples and tables -----------------------------------------------------------------------------------------
def parse_example_dataset(
    features: Any, num_parallel_calls: Any = 1, deterministic: Any = None
) -> _Transformation:
    """For `Dataset.apply`: batches of serialized examples, parsed.

    Args:
        features: See `tf.io.parse_example`.
        num_parallel_calls: Accepted for TensorFlow's sake.
        deterministic: Accepted for TensorFlow's sake.
    """
    return lambda dataset: dataset.map(lambda batch: parse_example(batch, features))


def make_batched_features_dataset(
    file_pattern: Any, batch_size: int, features: Any, reader: Any = None, label_key: str | None = None,
    reader_args: Any = None, num_epochs: int | None = None, shuffle: bool = True,
    shuffle_buffer_size: int = 10_000, shuffle_seed: int | None = None, prefetch_buffer_size: int | None = None,
    reader_num_threads: Any = None, parser_num_threads: Any = None, sloppy_ordering: bool = False,
    drop_final_batch: bool = False,
) -> Dataset:  # fmt: skip
    """Batches of parsed examples from TFRecord files.

    Args:
        file_pattern: A path, a pattern with shell wildcards, or a list of them.
        batch_size: Examples in a batch.
        features: See `tf.io.parse_example`.
        reader: Makes a dataset of strings of file names; `tf.data.TFRecordDataset` if None.
        label_key: The feature that is the target; without one, a batch is the dict of features alone.
        reader_args: Further positional arguments of `reader`.
        num_epochs: How often the examples come; without end if None.
        shuffle: Whether examples come in random order.
        shuffle_buffer_size: Among how many one is drawn.
        shuffle_seed: An integer that fixes the order.
        prefetch_buffer_size: Batches that are made ahead; chosen by itself if None.
        reader_num_threads: Accepted for TensorFlow's sake.
        parser_num_threads: Accepted for TensorFlow's sake.
        sloppy_ordering: Accepted for TensorFlow's sake.
        drop_final_batch: Whether a last batch that is not full is left out.

    Raises:
        FileNotFoundError: If no file matches.
        ValueError: If `label_key` is no feature.
    """
    if label_key is not None and label_key not in features:
        raise ValueError(
            message("label_key is no feature.", expected=f"one of {sorted(features)}", received=label_key)
        )
    files = Dataset.list_files(file_pattern, shuffle=shuffle, seed=shuffle_seed)
    read = reader or TFRecordDataset
    records = files.flat_map(lambda name: read(name, *(reader_args or ())))
    if shuffle:
        records = records.shuffle(shuffle_buffer_size, shuffle_seed)
    if num_epochs != 1:
        records = records.repeat(num_epochs)
    batches = records.batch(batch_size, drop_remainder=drop_final_batch or num_epochs is None)

    def parsed(batch: Any) -> Any:
        found = dict(parse_example(batch, features))
        return found if label_key is None else (found, found.pop(label_key))

    return batches.map(parsed).prefetch(AUTOTUNE if prefetch_buffer_size is None else prefetch_buffer_size)


def table_from_dataset(
    dataset: Dataset, num_oov_buckets: int = 0, vocab_size: int | None = None, default_value: Any = None,
    hasher_spec: Any = None, key_dtype: Any = "string", name: str | None = None,
) -> Any:  # fmt: skip
    """A lookup table of a dataset of pairs `(key, value)`.

    Args:
        dataset: The pairs, scalars.
        num_oov_buckets: How many further values stand for unknown keys, by their hash.
        vocab_size: The most pairs that are taken.
        default_value: The value of unknown keys, where there are no such buckets.
        hasher_spec: Accepted for TensorFlow's sake.
        key_dtype: The dtype of the keys.
        name: Accepted for TensorFlow's sake.
    """
    from addax.tf import lookup

    pairs = list((dataset if vocab_size is None else dataset.take(vocab_size)).as_numpy_iterator())
    if not pairs:
        raise ValueError(message("The dataset of a table is empty."))
    keys, values = (ops.convert_to_tensor(np.asarray(column)) for column in zip(*pairs, strict=True))
    content = lookup.KeyValueTensorInitializer(keys, values, key_dtype)
    if num_oov_buckets:
        return lookup.StaticVocabularyTable(content, num_oov_buckets)
    empty: Any = "" if content.value_dtype == "string" else -1
    return lookup.StaticHashTable(content, empty if default_value is None else default_value)


def index_table_from_dataset(
    dataset: Dataset, num_oov_buckets: int = 0, vocab_size: int | None = None, default_value: int = -1,
    hasher_spec: Any = None, key_dtype: Any = "string", name: str | None = None,
) -> Any:  # fmt: skip
    """A lookup table from the elements of a dataset to their numbers. See `table_from_dataset`."""
    numbered = dataset.enumerate().map(lambda number, key: (key, number))
    return table_from_dataset(numbered, num_oov_buckets, vocab_size, default_value, hasher_spec, key_dtype)


__all__ = [
    "AUTOTUNE", "INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY", "AutoShardPolicy", "AutotuneAlgorithm",
    "AutotuneOptions", "Counter", "CsvDataset", "DistributeOptions", "ExternalStatePolicy", "OptimizationOptions",
    "Optional", "RandomDataset", "Reducer", "ServiceOptions", "TFRecordWriter", "ThreadingOptions",
    "assert_cardinality", "at", "bucket_by_sequence_length", "cardinality", "choose_from_datasets",
    "copy_to_device", "dense_to_ragged_batch", "enumerate_dataset", "from_list", "get_next_as_optional",
    "get_single_element",
    "get_structure", "group_by_reducer", "group_by_window", "ignore_errors", "index_table_from_dataset", "load",
    "make_batched_features_dataset", "make_csv_dataset", "map_and_batch", "pad_to_cardinality",
    "parallel_interleave", "parse_example_dataset", "prefetch_to_device", "rejection_resample",
    "sample_from_datasets", "save", "scan", "shuffle_and_repeat", "snapshot", "table_from_dataset", "take_while",
    "unbatch", "unique",
]  # fmt: skip
