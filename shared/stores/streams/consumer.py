"""The loop of a consumer: take a message, handle it, say that it is done."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from time import perf_counter, time

from opentelemetry import metrics
from opentelemetry.util.types import AttributeValue

from shared.errors import ShopError, Unavailable
from shared.hooks import Hooks
from shared.stores.pauses import growing
from shared.stores.streams.group import Group
from shared.stores.streams.message import Entry, Message, Patience
from shared.telemetry.messages import MessageSpans
from shared.telemetry.metrics.durations import REQUEST
from shared.telemetry.server import failed
from shared.tracebacks import without_hidden_frames

log = logging.getLogger("acmeshop")
meter = metrics.get_meter(__name__)
process_duration = meter.create_histogram(
    "messaging.process.duration",
    "s",
    "Duration of processing operation.",
    explicit_bucket_boundaries_advisory=REQUEST,
)
stream_lag = meter.create_histogram(
    "acmeshop.stream.lag",
    "s",
    "Time from the publishing of a message to its handling.",
    explicit_bucket_boundaries_advisory=REQUEST,
)


class Consumer:
    """Handles the messages of a group, one at a time, each at least once."""

    def __init__(
        self,
        group: Group,
        spans: MessageSpans,
        patience: Patience,
        handle: Callable[[Message], Awaitable[None]],
        hooks: Hooks,
    ) -> None:
        async def handled(entry: Entry) -> None:
            await handle(entry.message())

        self._group, self._spans, self._patience = group, spans, patience
        self._handle = hooks.handler(handled, group.stream)
        self._away: Iterator[float] | None = None
        self._measured = {
            "messaging.system": "redis",
            "messaging.destination.name": group.stream,
            "messaging.consumer.group.name": group.name,
        }

    async def run(self) -> None:
        """Goes on until it is cancelled. A message in hand then is left to the others."""
        while True:
            try:
                await self._turn()
            except Unavailable as error:
                await self._wait_for_redis(error)
            else:
                self._note_back()

    async def _turn(self) -> None:
        """An old message and a new one, so that neither kind keeps the other waiting."""
        overdue = await self._group.overdue()
        if overdue:
            await self._deliver(overdue)
        fresh = await self._group.fresh(wait=not overdue)
        if fresh:
            await self._deliver(fresh)
        elif not overdue:
            await self._group.forget_the_dead()

    async def _deliver(self, entry: Entry) -> None:
        attributes: dict[str, AttributeValue] = {
            "messaging.message.id": entry.id,
            "messaging.consumer.group.name": self._group.name,
            "messaging.client.id": self._group.consumer,
            "acmeshop.message.redelivered": entry.redelivered,
        }
        begun, error_type = perf_counter(), None
        with self._spans.processing(entry.fields, attributes) as span:
            self._note_lag(entry)
            try:
                async with asyncio.timeout(self._patience.handling):
                    await self._handle(entry)
            except Exception as error:  # noqa: BLE001 - whatever it is, other messages must go on
                error_type = type(error).__name__
                failed(span, error_type)
                span.record_exception(without_hidden_frames(error))
                await self._note_failure(entry, error)
                return
            finally:
                measured = {"messaging.operation.name": "process", **self._measured}
                if error_type:
                    measured["error.type"] = error_type
                process_duration.record(perf_counter() - begun, measured)
        await self._group.done(entry)

    def _note_lag(self, entry: Entry) -> None:
        if not entry.redelivered:  # after that it is waiting for another attempt
            published = int(entry.id.partition("-")[0]) / 1000  # when Redis made the id
            stream_lag.record(max(0.0, time() - published), self._measured)

    async def _note_failure(self, entry: Entry, error: Exception) -> None:
        """Leaves the message pending, for a later turn, unless that is hopeless."""
        what, why = f"{self._group.stream} {entry.id}", type(error).__name__
        may_pass = isinstance(error, ShopError | TimeoutError)
        if not may_pass and entry.redelivered + 1 >= self._patience.deliveries:
            await self._group.bury(entry, why)
            log.error("%s is buried in %s.dead", what, self._group.stream, exc_info=error)
        elif not entry.redelivered:  # logged once, and not again each time
            log.warning("%s could not be handled and is tried again: %s: %s", what, why, error)

    async def _wait_for_redis(self, error: Unavailable) -> None:
        if self._away is None:
            self._away = growing()
            log.warning("%s cannot be read for now: %s", self._group.stream, error)
        await asyncio.sleep(next(self._away))

    def _note_back(self) -> None:
        if self._away is not None:
            self._away = None
            log.info("%s is read again", self._group.stream)
