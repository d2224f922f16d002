"""Puts the import hook in and takes it out."""

from __future__ import annotations

import sys

from addax.compat._children import SPAWN_MODULE, SpawnFinder, pass_on
from addax.compat._finder import AliasFinder, MissingNameFinder
from addax.core.errors import message
from addax.core.version import KERAS_VERSION, VERSION

_ALIASES = AliasFinder()
_MISSING = MissingNameFinder()
_SPAWN = SpawnFinder()


def install() -> None:
    """Serve `tensorflow`, `keras` and `tf_keras` from Addax in this process.

    Every import of these names from now on gives Addax's own modules, so that classes are the same under
    all of their names. Processes that this one starts with `multiprocessing` do the same. A second call does
    nothing. A real TensorFlow or Keras in the environment is left alone and is back after `uninstall`.

    Raises:
        RuntimeError: A real TensorFlow or Keras has been imported already.

    Example:
        In the first cell of a notebook::

            import addax

            addax.install()
            import tensorflow as tf  # the module addax.tf
            from keras.layers import Dense  # the class addax.layers.Dense
    """
    if _ALIASES in sys.meta_path:
        return
    for name in sorted(_ALIASES.heads):
        module = sys.modules.get(name)
        if module is not None and getattr(module, "__name__", "").partition(".")[0] != "addax":
            raise RuntimeError(
                message(
                    f"{name!r} is imported already and cannot be replaced.",
                    expected=f"addax.install() before the first import of {name}",
                    received=f"{name} from {getattr(module, '__file__', None) or 'an unknown place'}",
                    hint="Restart Python (in a notebook: the kernel) and call addax.install() first.",
                )
            )
    sys.meta_path.insert(0, _ALIASES)
    sys.meta_path.insert(0, _SPAWN)
    sys.meta_path.append(_MISSING)
    if SPAWN_MODULE in sys.modules:
        pass_on(sys.modules[SPAWN_MODULE])
    sys.modules["addax"].__version__ = KERAS_VERSION  # type: ignore[attr-defined] - `keras.__version__` is asked for


def uninstall() -> None:
    """Take the hook out: the foreign names are no longer served, nor kept in `sys.modules`.

    Modules that were imported keep what they imported. Without the hook it does nothing.
    """
    sys.meta_path[:] = [finder for finder in sys.meta_path if finder not in (_ALIASES, _MISSING, _SPAWN)]
    _ALIASES.withdraw()
    sys.modules["addax"].__version__ = VERSION  # type: ignore[attr-defined]
