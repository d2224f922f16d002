"""The names of `tf.keras.optimizers.legacy`: the same optimizers, which take the old arguments anyway."""

from addax.optimizers._adadelta import Adadelta
from addax.optimizers._adagrad import Adagrad
from addax.optimizers._adam import Adam
from addax.optimizers._adamax import Adamax
from addax.optimizers._ftrl import Ftrl
from addax.optimizers._nadam import Nadam
from addax.optimizers._optimizer import Optimizer
from addax.optimizers._rmsprop import RMSprop
from addax.optimizers._sgd import SGD

__all__ = ["SGD", "Adadelta", "Adagrad", "Adam", "Adamax", "Ftrl", "Nadam", "Optimizer", "RMSprop"]
