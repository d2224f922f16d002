"""The process: a socket, uvicorn, an orderly end."""

from __future__ import annotations

import errno
import gc
import math
import os
import signal
import socket
import threading
from pathlib import Path
from typing import Any

from addax.core.errors import message
from addax.serving._app import create_app, require_packages
from addax.serving._log import log, set_up
from addax.serving._options import ServeOptions


def serve(path: str | os.PathLike[str], options: ServeOptions | None = None) -> None:
    """Serve a model until the process is told to end (SIGTERM or Ctrl-C); what was asked till then is answered.

    Args:
        path: A `.keras` file, a SavedModel that Addax wrote, or a folder with numbered versions of them.
        options: Address, name and limits.

    Raises:
        ImportError: Starlette or uvicorn is not installed.
        FileNotFoundError: There is no model at `path`.
        ValueError: It cannot be loaded.
        TypeError: A file names a class that is not known.
        OSError: The address cannot be had.
    """
    require_packages()
    import uvicorn

    from addax.serving._protocol import protocol_class

    options = options or ServeOptions()
    set_up()
    listener = _bind(
        options.host, options.port
    )  # before the model is loaded: a port that is taken shows at once
    with listener:
        app = create_app(Path(path), options)
        gc.collect()
        gc.freeze()  # what there is now stays; collections need not look at it
        config = uvicorn.Config(
            app,
            http=protocol_class(options.header_limit),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="on",
            timeout_graceful_shutdown=math.ceil(options.time_limit) + 5,
        )
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        log("serving", model=app.state.service.store.current.name, url=f"http://{shown}:{port}")
        _end_quietly()
        uvicorn.Server(config).run(sockets=[listener])
        log("stopped")


def _end_quietly() -> None:
    """Let the signals that end the server not end the process as well: uvicorn raises them again when it is done."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, frame: None)


def _bind(host: str, port: int) -> socket.socket:
    family: Any = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        taken = error.errno == errno.EADDRINUSE
        hint = "Choose another one with --port, or 0 for any that is free." if taken else None
        raise OSError(
            error.errno, message(f"Cannot listen at {host}:{port}: {error.strerror}.", hint=hint)
        ) from error
    return listener
