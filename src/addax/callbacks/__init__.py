"""Callbacks: code that runs at the edges of training, evaluation and prediction."""

from addax.callbacks._backup import BackupAndRestore
from addax.callbacks._callback import Callback
from addax.callbacks._csv_logger import CSVLogger
from addax.callbacks._early_stopping import EarlyStopping
from addax.callbacks._ema import SwapEMAWeights
from addax.callbacks._history import History
from addax.callbacks._lambda import LambdaCallback
from addax.callbacks._learning_rate import LearningRateScheduler, ReduceLROnPlateau
from addax.callbacks._list import CallbackList
from addax.callbacks._logs import LazyLogs as LazyLogs
from addax.callbacks._model_checkpoint import ModelCheckpoint
from addax.callbacks._orbax import OrbaxCheckpoint
from addax.callbacks._progbar_logger import ProgbarLogger
from addax.callbacks._progress import Progbar as Progbar
from addax.callbacks._remote import RemoteMonitor
from addax.callbacks._tensorboard import TensorBoard
from addax.callbacks._terminate import TerminateOnNaN

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "OrbaxCheckpoint",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "RemoteMonitor",
    "SwapEMAWeights",
    "TensorBoard",
    "TerminateOnNaN",
]
