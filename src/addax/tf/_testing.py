"""`tf.test`: test cases that compare tensors, and derivatives by differences."""

from __future__ import annotations

import tempfile
import unittest
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from addax import ops
from addax.core import tree
from addax.engine import GradientTape
from addax.engine import function as _compiled
from addax.ops._extension_type import ExtensionType


def main(argv: Sequence[str] | None = None) -> None:
    """Run the test cases of the program, as `unittest.main` does.

    Args:
        argv: The command line; `sys.argv` if None.
    """
    unittest.main(argv=None if argv is None else list(argv))


def compute_gradient(f: Callable, x: Any, delta: float | None = None) -> tuple[tuple, tuple]:
    """The derivatives of a function by its tape, and by differences.

    Args:
        f: A function of tensors that gives one.
        x: The list of its arguments.
        delta: By how much arguments are moved; 1/1024 if None.

    Returns:
        Two tuples of NumPy matrices, one for each argument: a row for each element of the result.

    Example:
        >>> import addax.tf as tf
        >>> by_tape, by_differences = tf.test.compute_gradient(lambda x: x * x, [[3.0]])
        >>> by_tape[0].tolist(), by_differences[0].tolist()
        ([[6.0]], [[6.0]])
    """
    step = 1.0 / 1024 if delta is None else float(delta)
    arguments = [ops.convert_to_tensor(value) for value in x]
    with GradientTape(persistent=True) as tape:
        tape.watch(arguments)
        result = ops.reshape(f(*arguments), (-1,))
    exact = []
    for argument in arguments:
        found = tape.jacobian(result, argument)
        size = int(np.prod(tuple(argument.shape)))
        empty = np.zeros((int(result.shape[0]), size), np.asarray(argument).dtype)
        exact.append(empty if found is None else np.asarray(found).reshape(-1, size))
    return tuple(exact), tuple(_by_differences(f, arguments, i, step) for i in range(len(arguments)))


def _by_differences(f: Callable, arguments: list, which: int, step: float) -> np.ndarray:
    run = _compiled(f)
    value = np.asarray(arguments[which])
    columns = []
    for place in range(value.size):
        moved = []
        for sign in (1.0, -1.0):
            changed = value.copy()
            changed.reshape(-1)[place] += sign * step
            given = [*arguments]
            given[which] = ops.convert_to_tensor(changed)
            moved.append(np.asarray(run(*given), np.float64).reshape(-1))
        columns.append((moved[0] - moved[1]) / (2 * step))
    return np.stack(columns, 1).astype(value.dtype) if columns else np.zeros((0, 0), value.dtype)


class TestCase(unittest.TestCase):
    """A test case whose comparisons take tensors, arrays and nests of them.

    Where a method takes a `msg`, it is said if the comparison fails.

    Args:
        methodName: The method that is the test.

    Example:
        >>> import addax.tf as tf
        >>> case = tf.test.TestCase()
        >>> case.assertAllEqual(tf.constant([1, 2]), [1, 2])
        >>> case.assertAllClose({"a": tf.constant(1.0)}, {"a": 1.0 + 1e-8})
    """

    __test__ = False  # pytest is not to collect the class itself; its subclasses set it anew

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__test__ = True

    def __init__(self, methodName: str = "runTest") -> None:  # noqa: N803 - as in unittest
        super().__init__(methodName)

    def runTest(self) -> None:  # noqa: N802 - as in unittest
        """Nothing: a case that is made by hand has no test of its own."""

    def evaluate(self, tensors: Any) -> Any:
        """The NumPy arrays of a nest of tensors."""
        return tree.map_structure(_array, tensors)

    def get_temp_dir(self) -> str:
        """A folder of this test, which is removed after it."""
        if not hasattr(self, "_folder"):
            self._folder = tempfile.TemporaryDirectory()
            self.addCleanup(self._folder.cleanup)
        return self._folder.name

    def create_tempfile(self, file_path: str | None = None, content: str | None = None) -> Any:
        """A file of this test, as a `pathlib.Path`.

        Args:
            file_path: Its name; one that is new if None.
            content: What it holds; nothing if None.
        """
        from pathlib import Path

        path = Path(self.get_temp_dir(), file_path or f"file{len(list(Path(self.get_temp_dir()).iterdir()))}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content or "")
        return path

    # Comparisons ------------------------------------------------------------------------------------------
    def assertAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:  # noqa: N802
        """Fail unless two tensors have one shape and equal elements; NaN equals NaN.

        Args:
            a: The one.
            b: The other.
            msg: What is said if it fails.
        """
        np.testing.assert_array_equal(_array(a), _array(b), msg or "")
        self.assertShapeEqual(a, b, msg)

    def assertNotAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:  # noqa: N802
        """Fail if two tensors have one shape and equal elements.

        Args:
            a: The one.
            b: The other.
            msg: What is said if it fails.
        """
        self.assertFalse(np.array_equal(_array(a), _array(b)), msg)

    def assertAllClose(  # noqa: N802
        self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None
    ) -> None:
        """Fail unless two tensors, or dicts of them, have one shape and close elements.

        Args:
            a: The one.
            b: The other.
            rtol: How far elements may be apart, as a share of `b`.
            atol: How far they may be apart besides.
            msg: What is said in front.
        """
        if isinstance(a, dict) and isinstance(b, dict):
            self.assertEqual(set(a), set(b), msg)
            for key in a:
                self.assertAllClose(a[key], b[key], rtol, atol, msg)
            return
        one, other = _array(a), _array(b)
        self.assertEqual(one.shape, other.shape, msg)
        np.testing.assert_allclose(one, other, rtol, atol, err_msg=msg or "")

    def assertAllCloseAccordingToType(  # noqa: N802
        self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None
    ) -> None:
        """As `assertAllClose`, with 1e-3 for float16 and 1e-2 for bfloat16.

        Args:
            a: The one.
            b: The other.
            rtol: See `assertAllClose`.
            atol: See `assertAllClose`.
            msg: What is said in front.
        """
        names = {_array(a).dtype.name, _array(b).dtype.name}
        least = 1e-2 if "bfloat16" in names else 1e-3 if "float16" in names else 0.0
        self.assertAllClose(
            _array(a).astype(np.float64),
            _array(b).astype(np.float64),
            max(rtol, least),
            max(atol, least),
            msg,
        )

    def assertNotAllClose(self, a: Any, b: Any, **kwargs: Any) -> None:  # noqa: N802
        """Fail if `assertAllClose` does not."""
        try:
            self.assertAllClose(a, b, **kwargs)
        except AssertionError:
            return
        self.fail("The values are close, which they should not be.")

    def assertAllGreater(self, a: Any, comparison_target: Any) -> None:  # noqa: N802
        """Fail unless all elements are greater."""
        self._all(_array(a) > comparison_target, f"> {comparison_target}")

    def assertAllGreaterEqual(self, a: Any, comparison_target: Any) -> None:  # noqa: N802
        """Fail unless all elements are greater or equal."""
        self._all(_array(a) >= comparison_target, f">= {comparison_target}")

    def assertAllLess(self, a: Any, comparison_target: Any) -> None:  # noqa: N802
        """Fail unless all elements are less."""
        self._all(_array(a) < comparison_target, f"< {comparison_target}")

    def assertAllLessEqual(self, a: Any, comparison_target: Any) -> None:  # noqa: N802
        """Fail unless all elements are less or equal."""
        self._all(_array(a) <= comparison_target, f"<= {comparison_target}")

    def assertAllInRange(  # noqa: N802
        self, target: Any, lower_bound: Any, upper_bound: Any, open_lower_bound: bool = False,
        open_upper_bound: bool = False,
    ) -> None:  # fmt: skip
        """Fail unless all elements are within bounds.

        Args:
            target: The tensor.
            lower_bound: The one bound.
            upper_bound: The other.
            open_lower_bound: Whether the lower one is no longer within.
            open_upper_bound: Whether the upper one is no longer within.
        """
        array = _array(target)
        above = array > lower_bound if open_lower_bound else array >= lower_bound
        below = array < upper_bound if open_upper_bound else array <= upper_bound
        self._all(above & below, f"from {lower_bound} to {upper_bound}")

    def assertAllInSet(self, target: Any, expected_set: Any) -> None:  # noqa: N802
        """Fail unless all elements are in a set."""
        self._all(np.isin(_array(target), list(expected_set)), f"in {expected_set}")

    def assertShapeEqual(self, input_a: Any, input_b: Any, msg: str | None = None) -> None:  # noqa: N802
        """Fail unless two tensors have one shape.

        Args:
            input_a: The one.
            input_b: The other.
            msg: What is said if it fails.
        """
        self.assertEqual(tuple(np.shape(_array(input_a))), tuple(np.shape(_array(input_b))), msg)

    def assertDTypeEqual(self, target: Any, expected_dtype: Any) -> None:  # noqa: N802
        """Fail unless a tensor has a dtype."""
        from addax.core import dtypes

        self.assertEqual(dtypes.standardize(_array(target).dtype), dtypes.standardize(expected_dtype))

    def assertNear(self, f1: float, f2: float, err: float, msg: str | None = None) -> None:  # noqa: N802
        """Fail unless two numbers are no further apart than `err`.

        Args:
            f1: The one.
            f2: The other.
            err: How far they may be apart.
            msg: What is said if it fails.
        """
        self.assertLessEqual(abs(float(f1) - float(f2)), err, msg)

    def assertStartsWith(self, actual: str, expected_start: str, msg: str | None = None) -> None:  # noqa: N802
        """Fail unless a text begins with another one.

        Args:
            actual: The text.
            expected_start: What it is to begin with.
            msg: What is said if it fails.
        """
        self.assertTrue(
            actual.startswith(expected_start), msg or f"{actual!r} does not begin with {expected_start!r}"
        )

    def assertLen(self, container: Any, expected_len: int, msg: str | None = None) -> None:  # noqa: N802
        """Fail unless something has a length.

        Args:
            container: The list, tuple, text, and so on.
            expected_len: The length.
            msg: What is said if it fails.
        """
        self.assertEqual(len(container), expected_len, msg)

    def assertEmpty(self, container: Any, msg: str | None = None) -> None:  # noqa: N802
        """Fail unless something has no elements.

        Args:
            container: The list, tuple, text, and so on.
            msg: What is said if it fails.
        """
        self.assertLen(container, 0, msg)

    def assertNotEmpty(self, container: Any, msg: str | None = None) -> None:  # noqa: N802
        """Fail if something has no elements.

        Args:
            container: The list, tuple, text, and so on.
            msg: What is said if it fails.
        """
        self.assertTrue(len(container), msg)

    def assertBetween(self, value: Any, minv: Any, maxv: Any, msg: str | None = None) -> None:  # noqa: N802
        """Fail unless a number is within bounds, which are within themselves.

        Args:
            value: The number.
            minv: The lower bound.
            maxv: The upper bound.
            msg: What is said in front.
        """
        self.assertGreaterEqual(value, minv, msg)
        self.assertLessEqual(value, maxv, msg)

    def _all(self, holds: np.ndarray, what: str) -> None:
        if not np.all(holds):
            places = np.argwhere(~np.asarray(holds))[:3].tolist()
            self.fail(f"Not all elements are {what}: those at {places} are not.")


def _array(value: Any) -> np.ndarray:
    if isinstance(value, ExtensionType):
        raise TypeError(f"Expected a tensor, received a {type(value).__name__}. Compare its fields.")
    if hasattr(value, "to_list"):
        return value.numpy()
    found = np.asarray(value)
    if found.dtype.kind == "U":
        return np.asarray(ops.convert_to_tensor(value))
    return found
