"""`tf.errors`: Addax raises Python's own exceptions, so these names are those that TensorFlow's stand for.

`except tf.errors.InvalidArgumentError` thus catches the ValueError of an op, as a script expects.
"""

from addax.data import OutOfRangeError


class OpError(Exception):
    """Base of errors that only TensorFlow's runtime has."""


class CancelledError(OpError):
    """An operation was cancelled."""


class UnknownError(OpError):
    """An error without a kind."""


class DeadlineExceededError(OpError, TimeoutError):
    """Time ran out."""


class AlreadyExistsError(OpError, FileExistsError):
    """Something exists already."""


class AbortedError(OpError):
    """An operation was aborted."""


class UnavailableError(OpError):
    """Something is not available now."""


class DataLossError(OpError, ValueError):
    """Data is corrupted."""


class ResourceExhaustedError(OpError, MemoryError):
    """Memory ran out."""


class UnauthenticatedError(OpError, PermissionError):
    """Nobody knows who asks."""


InvalidArgumentError = ValueError
FailedPreconditionError = RuntimeError
InternalError = RuntimeError
NotFoundError = FileNotFoundError
PermissionDeniedError = PermissionError
UnimplementedError = NotImplementedError
OperatorNotAllowedInGraphError = TypeError

__all__ = [
    "AbortedError",
    "AlreadyExistsError",
    "CancelledError",
    "DataLossError",
    "DeadlineExceededError",
    "FailedPreconditionError",
    "InternalError",
    "InvalidArgumentError",
    "NotFoundError",
    "OpError",
    "OperatorNotAllowedInGraphError",
    "OutOfRangeError",
    "PermissionDeniedError",
    "ResourceExhaustedError",
    "UnauthenticatedError",
    "UnavailableError",
    "UnimplementedError",
    "UnknownError",
]
