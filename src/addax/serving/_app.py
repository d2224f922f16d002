"""The ASGI application: addresses, errors, log lines."""

from __future__ import annotations

import contextlib
import json
import logging
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from addax.core.errors import message, suggest
from addax.serving import _tensorflow, _v2
from addax.serving._errors import RequestError
from addax.serving._log import log
from addax.serving._metrics import CONTENT_TYPE, Metrics
from addax.serving._options import ServeOptions
from addax.serving._service import Protocol, Service
from addax.serving._signature import LoadedModel
from addax.serving._store import ModelStore

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

_V1 = re.compile(
    r"/v1/models/(?P<name>[^/:]+)(/versions/(?P<version>\d{1,18}))?(?P<action>/metadata|:predict|:classify|:regress)?"
)
_V2 = re.compile(r"/v2/models/(?P<name>[^/]+)(/versions/(?P<version>\d{1,18}))?(?P<action>/ready|/infer)?")
_METHODS: dict[str, Protocol] = {
    ":predict": _tensorflow.predict,
    ":classify": _tensorflow.classify,
    ":regress": _tensorflow.regress,
}
PAGE = Path(__file__).with_name("page.html")


def create_app(path: str | Path, options: ServeOptions | None = None) -> Starlette:
    """The ASGI application that serves a model, for a server of your own.

    The model is loaded and compiled here; threads start with the application's lifespan.

    Args:
        path: A `.keras` file, a SavedModel that Addax wrote, or a folder with numbered versions of them.
        options: Name, limits and routes; `host` and `port` are of no use here.

    Returns:
        A `starlette.applications.Starlette`. Its attribute `state.service` has the parts.

    Raises:
        ImportError: Starlette is not installed.
        FileNotFoundError: There is no model at `path`.
        ValueError: It cannot be loaded, or the name cannot stand in an address.
        TypeError: A file names a class that is not known.

    Example:
        >>> import addax as keras, os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "half.keras")
        >>> keras.Sequential([keras.Input((2,)), keras.layers.Rescaling(0.5)]).save(path)
        >>> app = create_app(path)
        >>> app.state.service.store.current.name
        'half'
    """
    require_packages()
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.middleware import Middleware
    from starlette.routing import Route

    options, metrics = options or ServeOptions(), Metrics()
    metrics.counter("addax_model_loads_total", "Versions loaded, by outcome.")
    store = ModelStore(
        path,
        options.name,
        sorted(options.batch_sizes),
        lambda well: metrics.add("addax_model_loads_total", outcome="ok" if well else "failed"),
    )
    store.load()
    service = Service(store, options, metrics)
    addresses = _Addresses(service)

    @contextlib.asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        service.start()
        try:
            yield
        finally:
            service.close()

    app = Starlette(
        routes=[
            Route(options.health_route, addresses.live, methods=["GET"]),
            Route(options.predict_route, addresses.vertex, methods=["POST"]),
            Route("/", addresses.page, methods=["GET"]),
            Route("/metrics", addresses.metrics, methods=["GET"]),
            Route("/v1/{rest:path}", addresses.v1, methods=["GET", "POST"]),
            Route("/v2/health/live", addresses.live, methods=["GET"]),
            Route("/v2/health/ready", addresses.live, methods=["GET"]),
            Route("/v2", addresses.v2_server, methods=["GET"]),
            Route("/v2/{rest:path}", addresses.v2, methods=["GET", "POST"]),
        ],
        exception_handlers={RequestError: _refuse, HTTPException: _refuse_http, Exception: _apologize},
        middleware=[Middleware(_Observed, service=service)],
        lifespan=lifespan,
    )
    app.state.service = service
    return app


def require_packages() -> None:
    """Say clearly what to install.

    Raises:
        ImportError: Starlette or uvicorn is not installed.
    """
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        text = message("Serving needs starlette and uvicorn.", hint='pip install "addax[serve]"')
        raise ImportError(text) from error


class _Addresses:
    """What stands at the addresses."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._page = PAGE.read_text(encoding="utf-8").replace("__MODEL__", service.store.name)

    async def live(self, request: Request) -> Response:
        """Health; that the server listens means that the model is loaded and compiled."""
        request.scope["addax.kind"] = "health"
        return _json({"status": "ok"})

    async def metrics(self, request: Request) -> Response:
        """Numbers for Prometheus."""
        from starlette.responses import Response

        request.scope["addax.kind"] = "metrics"
        return Response(self._service.metrics.text(), headers={"content-type": CONTENT_TYPE})

    async def page(self, request: Request) -> Response:
        """The page for people."""
        from starlette.responses import Response

        request.scope["addax.kind"] = "page"
        policy = (
            "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'"
        )
        headers = {"content-security-policy": policy, "x-content-type-options": "nosniff"}
        return Response(self._page, media_type="text/html", headers=headers)

    async def vertex(self, request: Request) -> Response:
        """Vertex AI's predict route."""
        return await self._predict(request, _tensorflow.vertex, self._service.store.current, "vertex")

    async def v1(self, request: Request) -> Response:
        """TensorFlow Serving's addresses."""
        found = _V1.fullmatch(request.url.path)
        if found is None:
            raise _no_address(request)
        action = found["action"] or ""
        if action.startswith(":"):
            _expect(request, "POST")
            model = self._model(found["name"], found["version"])
            return await self._predict(request, _METHODS[action], model, action[1:])
        _expect(request, "GET")
        request.scope["addax.kind"] = "metadata" if action else "status"
        if action:
            return _json(_tensorflow.metadata(self._model(found["name"], found["version"])))
        return _json({"model_version_status": self._status(found["name"], found["version"])})

    def _status(self, name: str, version: str | None) -> list[dict[str, Any]]:
        failures = self._service.store.failures
        if version is not None and int(version) in failures:
            self._model(name, None)
            return [_tensorflow.version_status(int(version), "END", failures[int(version)])]
        found = [_tensorflow.version_status(self._model(name, version).version)]
        if version is None:
            found += [_tensorflow.version_status(n, "END", why) for n, why in sorted(failures.items())]
        return found

    async def v2_server(self, request: Request) -> Response:
        """The server's description."""
        request.scope["addax.kind"] = "metadata"
        return _json(_v2.server_metadata())

    async def v2(self, request: Request) -> Response:
        """The open inference protocol's addresses."""
        found = _V2.fullmatch(request.url.path)
        if found is None:
            raise _no_address(request)
        action = found["action"]
        _expect(request, "POST" if action == "/infer" else "GET")
        model = self._model(found["name"], found["version"])
        if action == "/infer":
            return await self._predict(request, _v2.infer, model, "infer")
        request.scope["addax.kind"] = "health" if action else "metadata"
        return _json({"name": model.name, "ready": True} if action else _v2.model_metadata(model))

    def _model(self, name: str, version: str | None) -> LoadedModel:
        model = self._service.store.current
        if name == model.name and version in (None, str(model.version)):
            return model
        received = name if version is None else f"{name}, version {version}"
        raise RequestError(
            404,
            message(
                "Servable not found for request.",
                expected=f"{model.name}, version {model.version}",
                received=received,
                hint=suggest(name, [model.name]) if name != model.name else None,
            ),
        )

    async def _predict(self, request: Request, protocol: Protocol, model: LoadedModel, kind: str) -> Response:
        from starlette.responses import Response

        request.scope["addax.kind"] = kind
        request.scope["addax.version"] = model.version
        body = await self._service.answer(request, protocol, model)
        return Response(body, media_type="application/json")


def _expect(request: Request, method: str) -> None:
    if request.method != method and not (method == "GET" and request.method == "HEAD"):
        text = message("Wrong method for this address.", expected=method, received=request.method)
        raise RequestError(405, text, {"allow": method})


def _no_address(request: Request) -> RequestError:
    return RequestError(
        404,
        message(
            "There is nothing at this address.",
            expected="/v1/models/NAME[/versions/N][:predict|:classify|:regress|/metadata], /v2/models/NAME[/infer]",
            received=request.url.path[:200],
        ),
    )


def _json(content: Any, status: int = 200, headers: Any = None) -> Response:
    from starlette.responses import Response

    body = json.dumps(content).encode()
    return Response(body, status_code=status, headers=headers, media_type="application/json")


async def _refuse(request: Request, error: Any) -> Response:
    request.scope["addax.error"] = error.text
    return _json({"error": error.text}, error.status, error.headers)


async def _refuse_http(request: Request, error: Any) -> Response:
    if error.status_code == 404:
        return await _refuse(request, _no_address(request))
    return _json({"error": message(f"{error.detail}.")}, error.status_code, error.headers)


async def _apologize(request: Request, error: Exception) -> Response:
    # The traceback is logged by `_Observed`; a client must not see it.
    return _json({"error": message("The server failed; its log says how.")}, 500)


class _Observed:
    """Counts and logs each request."""

    def __init__(self, app: Any, service: Service) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 499  # nginx's number for a client that went away

        async def observed_send(event: Any) -> None:
            nonlocal status
            if event["type"] == "http.response.start":
                status = event["status"]
            await send(event)

        from starlette.requests import ClientDisconnect

        try:
            await self._app(scope, receive, observed_send)
        except ClientDisconnect:
            pass  # nobody is left to answer
        except Exception:
            status = 500
            log("request_failed", logging.ERROR, exc_info=True, path=scope["path"])
            raise
        finally:
            self._note(scope, status, time.perf_counter() - began)

    def _note(self, scope: Any, status: int, seconds: float) -> None:
        kind = scope.get("addax.kind", "other")
        metrics = self._service.metrics
        metrics.add("addax_requests_total", kind=kind, code=str(status))
        metrics.observe("addax_request_seconds", seconds, kind=kind)
        fields = {"version": scope.get("addax.version"), "error": scope.get("addax.error")}
        log(
            "request",
            logging.ERROR if status >= 500 else logging.INFO,
            method=scope["method"],
            path=scope["path"][:200],
            status=status,
            ms=round(seconds * 1000, 2),
            **{key: value for key, value in fields.items() if value is not None},
        )
