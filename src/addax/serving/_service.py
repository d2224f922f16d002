"""From the body of a request to the body of its answer: limits, queue, time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from addax.core.errors import message
from addax.serving._batcher import Batcher
from addax.serving._call import Call
from addax.serving._errors import QueueFull, RequestError
from addax.serving._log import log
from addax.serving._metrics import Metrics
from addax.serving._options import ServeOptions
from addax.serving._shapes import ShapeLimit
from addax.serving._signature import LoadedModel
from addax.serving._store import ModelStore
from addax.serving._tensors import dump_json, parse_json

if TYPE_CHECKING:
    from starlette.requests import Request

Protocol = Callable[[LoadedModel, Mapping[str, Any]], Call]
_SMALL = 1 << 15  # bytes of JSON that are not worth another thread
_PATIENCE = 5.0  # seconds for the rest of a body that is too large
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Service:
    """The parts of a running server.

    Args:
        store: The model, loaded.
        options: The limits.
        metrics: Where numbers go.
    """

    def __init__(self, store: ModelStore, options: ServeOptions, metrics: Metrics) -> None:
        self.store = store
        self.options = options
        self.metrics = metrics
        self.batcher = Batcher(options.batch_sizes, options.queue, self._observe_batch)
        self._shapes = ShapeLimit(options.shapes)
        self._under_way = 0
        self._stepping = False
        metrics.counter("addax_requests_total", "Requests answered, by kind and HTTP status.")
        metrics.histogram("addax_request_seconds", "Time from a request to its answer, by kind.", _SECONDS)
        metrics.histogram("addax_batch_examples", "Examples in a batch.", options.batch_sizes)
        metrics.counter("addax_examples_total", "Examples computed.")
        metrics.counter("addax_padding_total", "Copies that filled batches up.")
        metrics.gauge("addax_queue_requests", "Requests that wait.", lambda: self.batcher.waiting)
        metrics.gauge(
            "addax_requests_under_way", "Predictions asked for, not answered.", lambda: self._under_way
        )
        metrics.gauge("addax_model_version", "The version that is served.", lambda: store.current.version)

    def start(self) -> None:
        """Start the threads."""
        self.batcher.start()
        self.store.watch(self.options.poll)

    def close(self) -> None:
        """Finish what waits and end the threads."""
        self.store.close()
        self.batcher.close(timeout=self.options.time_limit)

    def _observe_batch(self, rows: int, copies: int) -> None:
        self.metrics.observe("addax_batch_examples", rows)
        self.metrics.add("addax_examples_total", rows)
        self.metrics.add("addax_padding_total", copies)

    async def answer(self, request: Request, protocol: Protocol, model: LoadedModel) -> bytes:
        """Answer a request for a prediction.

        Args:
            request: The request.
            protocol: What reads its body.
            model: The model.

        Returns:
            JSON.

        Raises:
            RequestError: There is no prediction.
        """
        # As many bodies as can wait or be computed, so that memory is bounded too.
        if self._under_way >= self.options.queue + self.options.batch_sizes[-1]:
            raise _full()
        self._under_way += 1
        try:
            return await self._answer(request, protocol, model)
        finally:
            self._under_way -= 1

    async def _answer(self, request: Request, protocol: Protocol, model: LoadedModel) -> bytes:
        body = await self._read(request)
        call = await _aside(len(body) > _SMALL, lambda: protocol(model, parse_json(body)))
        outputs = await self._compute(call)
        large = sum(array.size for array in outputs.values()) * 8 > _SMALL
        return await _aside(large, lambda: dump_json(call.respond(outputs)))

    async def _read(self, request: Request) -> bytes:
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            problem = "A compressed body is not understood."
            raise RequestError(415, message(problem, received=request.headers["content-encoding"]))
        if "inference-header-content-length" in request.headers:
            hint = 'Send the tensors as JSON ("binary_data": false).'
            raise RequestError(400, message("Binary tensors are not understood.", hint=hint))
        limit, announced = self.options.size_limit, request.headers.get("content-length", "")
        try:
            if announced.isdecimal() and int(announced) > limit:
                raise _too_large(limit, f"{announced[:20]} bytes")
            async with asyncio.timeout(self.options.time_limit):
                return await _collect(request, limit)
        except RequestError:
            await _discard(request, limit)
            raise
        except TimeoutError:
            expected = f"all of it within {self.options.time_limit:g} s"
            text = message("The body came too slowly.", expected=expected)
            raise RequestError(408, text, {"connection": "close"}) from None

    def _step_soon(self) -> None:
        """Have what came in this turn of the event loop computed in the next, all together."""
        if not self._stepping:
            self._stepping = True
            asyncio.get_running_loop().call_soon(self._step)

    def _step(self) -> None:
        self._stepping = False
        if self.batcher.step():
            self._step_soon()

    async def _compute(self, call: Call) -> Mapping[str, Any]:
        taken = self._shapes.take(call.signature, call.inputs)
        try:
            future = self.batcher.submit(call.signature, call.inputs, wake=False)
        except QueueFull:
            self._shapes.give_back(call.signature, taken)
            raise _full() from None
        self._step_soon()
        try:
            async with asyncio.timeout(self.options.time_limit):
                return await _result(future)
        except TimeoutError:
            expected = f"an answer within {self.options.time_limit:g} s"
            raise RequestError(504, message("It took too long.", expected=expected)) from None
        except (ValueError, TypeError) as error:  # shapes that do not go together
            self._shapes.give_back(call.signature, taken)
            raise RequestError(400, str(error)) from error
        except Exception:
            log("prediction_failed", logging.ERROR, exc_info=True, signature=call.signature.name)
            raise RequestError(500, message("The model failed on this input; the log says how.")) from None


async def _result(future: Future[Any]) -> Any:
    """The result of a future that the batcher's thread or this one sets; it is cancelled if nobody waits any more."""
    loop, home = asyncio.get_running_loop(), threading.get_ident()
    waiter = loop.create_future()

    def tell(_: Any) -> None:
        if not waiter.done():
            waiter.set_result(None)

    def done(future: Future[Any]) -> None:
        if threading.get_ident() == home:
            tell(future)
        else:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(tell, future)

    future.add_done_callback(done)
    try:
        await waiter
    except asyncio.CancelledError:
        future.cancel()
        raise
    return future.result()


async def _aside(long: bool, work: Callable[[], Any]) -> Any:
    """The result of work that, if it is long, shall not hold up other requests."""
    return await asyncio.to_thread(work) if long else work()


async def _collect(request: Request, limit: int) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            raise _too_large(limit, "more")
    return bytes(body)


async def _discard(request: Request, limit: int) -> None:
    """Read some of what still comes: a client that is writing would not see the answer."""
    if "expect" in request.headers:
        return  # it asks first
    left = 4 * limit
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            while left > 0:
                event = await request.receive()
                left -= len(event.get("body", b""))
                if not event.get("more_body", False):
                    return


def _too_large(limit: int, received: str) -> RequestError:
    text = message(
        "The body is too large.",
        expected=f"at most {limit} bytes",
        received=received,
        hint="Send fewer examples at a time, or serve with a larger --size-limit.",
    )
    return RequestError(413, text, {"connection": "close"})


def _full() -> RequestError:
    text = message("Too many requests wait.", hint="Try again later.")
    return RequestError(429, text, {"retry-after": "1"})
