"""What a server can be told."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

from addax.core.errors import message

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class ServeOptions:
    """How to serve a model.

    Attributes:
        name: The model's name in addresses; None for that of the file or folder.
        host: The address to listen at.
        port: The port; 0 for any that is free.
        batch_sizes: The numbers of examples to compile for; the largest is that of a batch.
        queue: How many requests may wait before others are turned away (429).
        time_limit: Seconds that a request may take (504), and its body may take to come (408).
        size_limit: Bytes that a body may have (413).
        header_limit: Seconds that a connection's first or next header may take, before the connection is closed.
        shapes: Sets of sizes, other than the number of examples, that requests may choose for a signature. Each
            is compiled when it first comes, and stays; one too many is refused (400).
        poll: Seconds between two looks for a new version.
        health_route: The health route of Vertex AI's contract.
        predict_route: Its predict route.

    Raises:
        ValueError: A number is out of range.

    Example:
        >>> ServeOptions(port=0).batch_sizes
        (1, 4, 16, 64)
    """

    name: str | None = None
    host: str = "127.0.0.1"
    port: int = 8501
    batch_sizes: tuple[int, ...] = (1, 4, 16, 64)
    queue: int = 256
    time_limit: float = 30.0
    size_limit: int = 32 * MEBIBYTE
    header_limit: float = 10.0
    shapes: int = 64
    poll: float = 1.0
    health_route: str = "/health"
    predict_route: str = "/predict"

    def __post_init__(self) -> None:
        numbers = (
            *(self.queue, self.time_limit, self.size_limit, self.header_limit, self.shapes, self.poll),
            *self.batch_sizes,
        )
        if min(numbers) <= 0 or not self.batch_sizes:
            raise ValueError(message("Sizes and limits of a server are positive.", received=str(self)))
        for route in (self.health_route, self.predict_route):
            if not route.startswith("/") or any(character in route for character in "{}? #"):
                raise ValueError(message("A route is a path.", expected="/something", received=route))

    def with_environment(
        self,
        environment: Mapping[str, str] | None = None,
        *,
        host: str | None = None,
        port: int | None = None,
    ) -> ServeOptions:
        """These options with what Vertex AI asks for by environment variables, and what the user asks for.

        Args:
            environment: The variables; the process's own if None.
            host: The host that the user asks for, if any.
            port: The port that the user asks for, if any.

        Raises:
            ValueError: A variable makes no sense.

        Example:
            >>> options = ServeOptions().with_environment({"AIP_HTTP_PORT": "8080"})
            >>> options.host, options.port
            ('0.0.0.0', 8080)
        """
        variables = os.environ if environment is None else environment
        found = variables.get("AIP_HTTP_PORT")
        if found is not None and not (found.isascii() and found.isdecimal() and int(found) < 65536):
            raise ValueError(message("AIP_HTTP_PORT is no port.", expected="a number", received=found))
        return replace(
            self,
            host=host or ("0.0.0.0" if found else self.host),
            port=port if port is not None else int(found) if found else self.port,
            health_route=variables.get("AIP_HEALTH_ROUTE") or self.health_route,
            predict_route=variables.get("AIP_PREDICT_ROUTE") or self.predict_route,
        )
