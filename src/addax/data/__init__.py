"""`Dataset`, public as `tf.data.Dataset`: pipelines over arrays, files and generators."""

from addax.data._csv import column_of, values
from addax.data._csv_dataset import csv_dataset, make_csv_dataset
from addax.data._dataset import Dataset
from addax.data._experimental import assert_cardinality, cardinality, pad_to_cardinality
from addax.data._iterator import DatasetIterator, NumpyIterator, Optional, OutOfRangeError
from addax.data._node import INFINITE as INFINITE_CARDINALITY
from addax.data._node import UNKNOWN_SIZE as UNKNOWN_CARDINALITY
from addax.data._options import (
    AutoShardPolicy,
    AutotuneAlgorithm,
    AutotuneOptions,
    DistributeOptions,
    ExternalStatePolicy,
    OptimizationOptions,
    Options,
    ServiceOptions,
    ThreadingOptions,
)
from addax.data._pieces import lines_of_files, records_of_files, runs_of_files
from addax.data._protocol import ArrayFeed
from addax.data._spec import DatasetSpec, TensorSpec

AUTOTUNE = -1

__all__ = [
    "AUTOTUNE",
    "INFINITE_CARDINALITY",
    "UNKNOWN_CARDINALITY",
    "ArrayFeed",
    "AutoShardPolicy",
    "AutotuneAlgorithm",
    "AutotuneOptions",
    "Dataset",
    "DatasetIterator",
    "DatasetSpec",
    "DistributeOptions",
    "ExternalStatePolicy",
    "NumpyIterator",
    "OptimizationOptions",
    "Optional",
    "Options",
    "OutOfRangeError",
    "ServiceOptions",
    "TensorSpec",
    "ThreadingOptions",
    "assert_cardinality",
    "cardinality",
    "column_of",
    "csv_dataset",
    "lines_of_files",
    "make_csv_dataset",
    "pad_to_cardinality",
    "records_of_files",
    "runs_of_files",
    "values",
]
