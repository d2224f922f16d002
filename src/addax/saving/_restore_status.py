"""What restoring a checkpoint gives back: whether everything was found."""

from __future__ import annotations

from typing import Any

from addax.core.errors import message
from addax.saving._object_restore import Restoration

_SHOWN = 10  # names in a message


class LoadStatus:
    """What became of the values of a checkpoint.

    Args:
        root: The checkpoint object.
        restoration: The values on their way.
    """

    def __init__(self, root: Any, restoration: Restoration) -> None:
        self._root, self._restoration = root, restoration

    def assert_consumed(self) -> LoadStatus:
        """Check that every value was taken by an object, and that every variable was found.

        Returns:
            The status.

        Raises:
            AssertionError: With the names of those that were not.
        """
        self._restoration.visit(self._root)
        unused = self._restoration.unused()
        if unused:
            raise AssertionError(
                message(
                    "Values of the checkpoint have no object.",
                    received=_some(unused),
                    hint="Use expect_partial(), or call what makes these variables first.",
                )
            )
        return self.assert_existing_objects_matched()

    def assert_existing_objects_matched(self) -> LoadStatus:
        """Check that every variable that exists was found; the checkpoint may hold more.

        Returns:
            The status.

        Raises:
            AssertionError: With the names of those that were not.
        """
        self._restoration.visit(self._root)
        missing = self._restoration.missing(self._root)
        if missing:
            raise AssertionError(
                message("The checkpoint has no values for variables that exist.", received=_some(missing))
            )
        return self

    def assert_nontrivial_match(self) -> LoadStatus:
        """Check that anything was restored.

        Returns:
            The status.

        Raises:
            AssertionError: If nothing was.
        """
        self._restoration.visit(self._root)
        if not self._restoration.done:
            raise AssertionError(
                message("Nothing of the checkpoint was restored.", received=_some(self._restoration.unused()))
            )
        return self

    def expect_partial(self) -> LoadStatus:
        """Accepted for TensorFlow's sake, where it keeps warnings away.

        Returns:
            The status.
        """
        return self

    def initialize_or_restore(self, session: Any = None) -> None:
        """Accepted for TensorFlow's sake: values are put in place at once."""

    def run_restore_ops(self, session: Any = None) -> None:
        """Accepted for TensorFlow's sake: values are put in place at once."""


class NothingLoaded:
    """What `Checkpoint.restore(None)` gives."""

    def assert_consumed(self) -> NothingLoaded:
        """Raises AssertionError: there was nothing to restore."""
        raise AssertionError(
            message(
                "No checkpoint was given, so nothing is restored.",
                received="save_path=None",
                hint="tf.train.latest_checkpoint() gives None for a folder without one.",
            )
        )

    assert_existing_objects_matched = assert_consumed
    assert_nontrivial_match = assert_consumed

    def expect_partial(self) -> NothingLoaded:
        """Accepted for TensorFlow's sake.

        Returns:
            The status.
        """
        return self

    def initialize_or_restore(self, session: Any = None) -> None:
        """Accepted for TensorFlow's sake: variables have their initial values."""

    def run_restore_ops(self, session: Any = None) -> None:
        """Raises AssertionError: there was nothing to restore."""
        self.assert_consumed()


def load_checkpoint_weights(model: Any, prefix: str) -> LoadStatus:
    """Load what `save_weights` of Keras 2 wrote as a checkpoint of TensorFlow, optimizer included.

    Args:
        model: A model. If it is not built, its weights get their values when they are made.
        prefix: The path without extension.

    Returns:
        What became of it.

    Raises:
        ValueError: If the checkpoint is damaged, or has no value for a weight, or one of another shape.
    """
    restoration = Restoration(prefix)
    restoration.visit(model)
    weights = {id(weight) for weight in model.weights} if model.built else set()
    missing = [path for path, variable in restoration.lacking(model) if id(variable) in weights]
    if missing or not (restoration.done or not model.built):
        raise ValueError(
            message(
                f"The checkpoint {prefix} has no values for weights of model '{model.name}'.",
                received=_some(missing),
                hint="tf.train.list_variables() lists what it has.",
            )
        )
    return LoadStatus(model, restoration)


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
