"""`addax.utils.np_utils`: the module of Keras 2 that scripts import `to_categorical` from."""

from addax.utils._arrays import normalize, to_categorical

__all__ = ["normalize", "to_categorical"]
