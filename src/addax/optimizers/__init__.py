"""Optimizers: how gradients change variables."""

from addax.optimizers import legacy, schedules
from addax.optimizers._adadelta import Adadelta
from addax.optimizers._adafactor import Adafactor
from addax.optimizers._adagrad import Adagrad
from addax.optimizers._adam import Adam, AdamW
from addax.optimizers._adamax import Adamax
from addax.optimizers._find import deserialize, get, serialize
from addax.optimizers._ftrl import Ftrl
from addax.optimizers._lamb import Lamb
from addax.optimizers._lion import Lion
from addax.optimizers._loss_scale import LossScaleOptimizer
from addax.optimizers._multi import MultiOptimizer, OptimizerMap
from addax.optimizers._muon import Muon
from addax.optimizers._nadam import Nadam
from addax.optimizers._optimizer import Optimizer
from addax.optimizers._rmsprop import RMSprop
from addax.optimizers._schedule_free import ScheduleFreeAdamW
from addax.optimizers._sgd import SGD

__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "LossScaleOptimizer",
    "MultiOptimizer",
    "Muon",
    "Nadam",
    "Optimizer",
    "OptimizerMap",
    "RMSprop",
    "ScheduleFreeAdamW",
    "deserialize",
    "get",
    "legacy",
    "schedules",
    "serialize",
]
