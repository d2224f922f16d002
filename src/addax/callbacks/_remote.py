"""Metrics sent to a web server."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from typing import Any

from addax.callbacks._callback import Callback
from addax.core.errors import message


class RemoteMonitor(Callback):
    """Posts the metrics of each epoch to a server.

    Args:
        root: The server's address.
        path: The path below it.
        field: The name of the form's field that holds the metrics as JSON.
        headers: HTTP headers.
        send_as_json: Whether the body is the JSON itself rather than a form.

    Raises:
        ValueError: If `root` is no web address.

    Example:
        >>> import addax as keras
        >>> keras.callbacks.RemoteMonitor("http://localhost:9000").root
        'http://localhost:9000'
    """

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: Mapping[str, str] | None = None,
        send_as_json: bool = False,
    ) -> None:
        super().__init__()
        if not root.startswith(("http://", "https://")):
            raise ValueError(
                message("Argument `root` is no web address.", expected="http://...", received=root)
            )
        self.root = root
        self.path = path
        self.field = field
        self.headers = headers
        self.send_as_json = send_as_json

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Send the metrics; warn if nobody listens."""
        import urllib.error
        import urllib.parse
        import urllib.request  # late: it takes 30 ms, which every program would pay

        data = json.dumps({"epoch": epoch, **(logs or {})}, default=_plain)
        if self.send_as_json:
            kind, body = "application/json", data.encode()
        else:
            kind, body = (
                "application/x-www-form-urlencoded",
                urllib.parse.urlencode({self.field: data}).encode(),
            )
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked
            self.root + self.path, body, {"Content-Type": kind, **(self.headers or {})}, method="POST"
        )
        try:
            urllib.request.urlopen(request, timeout=10).close()  # noqa: S310
        except (urllib.error.URLError, OSError) as error:
            warnings.warn(f"Could not reach RemoteMonitor root server at {self.root}: {error}", stacklevel=2)


def _plain(value: Any) -> Any:
    """A JSON value of an array."""
    return value.tolist() if hasattr(value, "tolist") else str(value)
