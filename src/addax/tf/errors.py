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

# The numbers of the kinds of errors, which are those of gRPC.
OK = 0
CANCELLED = 1
UNKNOWN = 2
INVALID_ARGUMENT = 3
DEADLINE_EXCEEDED = 4
NOT_FOUND = 5
ALREADY_EXISTS = 6
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
FAILED_PRECONDITION = 9
ABORTED = 10
OUT_OF_RANGE = 11
UNIMPLEMENTED = 12
INTERNAL = 13
UNAVAILABLE = 14
DATA_LOSS = 15
UNAUTHENTICATED = 16

__all__ = [
    "ABORTED",
    "ALREADY_EXISTS",
    "CANCELLED",
    "DATA_LOSS",
    "DEADLINE_EXCEEDED",
    "FAILED_PRECONDITION",
    "INTERNAL",
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "OK",
    "OUT_OF_RANGE",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "UNAUTHENTICATED",
    "UNAVAILABLE",
    "UNIMPLEMENTED",
    "UNKNOWN",
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
