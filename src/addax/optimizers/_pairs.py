"""Checks of the gradients and variables that an optimizer is given."""

from __future__ import annotations

import warnings
from collections.abc import Container, Iterable
from typing import Any

from addax.core.errors import message


def no_variables(name: str) -> ValueError:
    """The error of an optimizer that is given nothing to update."""
    return ValueError(
        message(
            f"Optimizer '{name}' was given no variables.",
            expected="pairs of gradient and variable",
            received="nothing",
            hint="Does the model have trainable weights? It has none before it is built (call it once on "
            "data, or give it an Input), or when `trainable` is False. A generator can be read only once.",
        )
    )


def check_known(name: str, variables: Iterable[Any], known: Container[Any]) -> None:
    """Raise unless an optimizer was built on all of the variables.

    Raises:
        ValueError: If it was not; the message names those that are unknown.
    """
    unknown = [v for v in variables if v not in known]
    if unknown:
        raise ValueError(
            message(
                f"Optimizer '{name}' was built on other variables.",
                expected=f"some of {paths(known)}",  # type: ignore[arg-type]
                received=paths(unknown),
                hint="Call optimizer.build(all_variables) before the first update, or use an optimizer for "
                "each set of variables.",
            )
        )


def without_missing(grads: list, variables: list) -> tuple[list, list]:
    """The gradients that are not None, and their variables; warns about the others.

    Raises:
        ValueError: If there is no gradient at all.
    """
    missing = [v for g, v in zip(grads, variables, strict=True) if g is None]
    if not missing:
        return grads, variables
    if len(missing) == len(grads):
        raise ValueError(
            message(
                "No gradients provided for any variable.",
                expected=f"a gradient for at least one of {paths(missing)}",
                received="None for each",
                hint="The loss does not depend on these variables: compute it inside the tape, from the "
                "output of the model, with ops rather than NumPy.",
            )
        )
    warnings.warn(
        f"Gradients do not exist for variables {paths(missing)} when minimizing the loss; they are left as "
        "they are. Does the loss depend on them?",
        stacklevel=4,
    )
    pairs = [(g, v) for g, v in zip(grads, variables, strict=True) if g is not None]
    return [g for g, _ in pairs], [v for _, v in pairs]


def check_shapes(grads: list, variables: list) -> None:
    """Raise unless each gradient has the shape of its variable.

    Raises:
        ValueError: If one has not; the message names the variable and both shapes.
    """
    for grad, variable in zip(grads, variables, strict=True):
        if tuple(grad.shape) != tuple(variable.shape):
            raise ValueError(
                message(
                    f"The gradient of variable '{variable.path}' has another shape.",
                    expected=f"shape {tuple(variable.shape)}",
                    received=f"shape {tuple(grad.shape)}",
                )
            )


def paths(variables: Iterable[Any]) -> str:
    """The paths of variables, the first ten of them."""
    names = [str(getattr(v, "path", None) or getattr(v, "name", v)) for v in variables]
    rest = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return "[" + ", ".join(repr(n) for n in names[:10]) + "]" + rest
