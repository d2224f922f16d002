"""`tf.compat.v1.data`: `tf.data`, and iterators that are asked for the next element."""

from __future__ import annotations

from typing import Any

from addax.tf import data as _today


class _OneShot:
    """An iterator over a dataset."""

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset
        self._iterator = iter(dataset)

    initializer = None

    @property
    def element_spec(self) -> Any:
        """What the elements are."""
        return self._dataset.element_spec

    def get_next(self, name: str | None = None) -> Any:
        """The next element.

        Args:
            name: Accepted for TensorFlow's sake.

        Raises:
            OutOfRangeError: If there is none left.
        """
        from addax.tf.errors import OutOfRangeError

        try:
            return next(self._iterator)
        except StopIteration:
            raise OutOfRangeError(None, None, "End of sequence") from None

    def __iter__(self) -> Any:
        return self._iterator


def make_one_shot_iterator(dataset: Any) -> Any:
    """An iterator whose `get_next()` gives the next element.

    Args:
        dataset: A dataset.

    Example:
        >>> import addax.tf as tf
        >>> iterator = tf.compat.v1.data.make_one_shot_iterator(tf.data.Dataset.range(3))
        >>> int(iterator.get_next()), int(iterator.get_next())
        (0, 1)
    """
    return _OneShot(dataset)


def make_initializable_iterator(dataset: Any, shared_name: str | None = None) -> Any:
    """The same; its `initializer` is None, which `Session.run` takes.

    Args:
        dataset: A dataset.
        shared_name: Accepted for TensorFlow's sake.
    """
    return _OneShot(dataset)


def get_output_types(dataset: Any) -> Any:
    """The dtypes of the elements of a dataset, as a nest.

    Args:
        dataset: A dataset.
    """
    from addax.core import tree

    return tree.map_structure(lambda spec: spec.dtype, dataset.element_spec)


def get_output_shapes(dataset: Any) -> Any:
    """The shapes of the elements of a dataset, as a nest.

    Args:
        dataset: A dataset.
    """
    from addax.core import tree

    return tree.map_structure(lambda spec: spec.shape, dataset.element_spec)


__all__ = sorted(
    {
        *_today.__all__,
        *("get_output_shapes", "get_output_types", "make_initializable_iterator", "make_one_shot_iterator"),
    }
)


def __getattr__(name: str) -> Any:
    return getattr(_today, name)


def __dir__() -> list[str]:
    return __all__
