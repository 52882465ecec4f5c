"""Redis: carts, sessions and events; each operation one DB span."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from opentelemetry.trace import Tracer
from opentelemetry.util.types import AttributeValue
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as SocketTimeout

from shared.errors import Unavailable
from shared.hooks import NO_HOOKS, Hooks
from shared.stores.spans import database_call

T = TypeVar("T")
Suppress = Callable[[], AbstractContextManager[object]]
PREFIX = re.compile(r"[A-Z]+\b")  # Redis starts an error with its kind: "WRONGTYPE Operation ..."


class Keys:
    """One Redis database. The client decodes text, and tries nothing twice."""

    def __init__(
        self,
        client: "Redis",
        tracer: Tracer,
        timeout: float,
        hooks: Hooks = NO_HOOKS,
        suppress: Suppress = nullcontext,
    ) -> None:
        self.client, self.timeout, self.server = client, timeout, server_of(client)
        self._hooks, self._tracer, self._suppress = hooks, tracer, suppress
        self._in_hand, self._idle = 0, asyncio.Event()
        self._fixed: dict[str, AttributeValue] = {
            "db.system.name": "redis",
            "db.namespace": str(client.connection_pool.connection_kwargs.get("db") or 0),
            **self.server,
        }

    @classmethod
    def connect(
        cls,
        url: str,
        tracer: Tracer,
        timeout: float,
        hooks: Hooks = NO_HOOKS,
        suppress: Suppress = nullcontext,
    ) -> "Keys":
        """For the Redis at `url`; it is not called before the first operation."""
        client = Redis.from_url(
            url,
            decode_responses=True,
            encoding_errors="replace",  # what others wrote must not make a reader fall over
            protocol=2,  # spoken by every server there is, and without a greeting first
            socket_connect_timeout=timeout,
            # An operation's deadline is kept in `_done`. The client's own makes a task of each
            # write, and in Python 3.11 whoever is cancelled meanwhile may never hear of it.
            socket_timeout=None,
            retry=Retry(NoBackoff(), 0),
        )
        return cls(client, tracer, timeout, hooks, suppress)

    async def run(
        self,
        operation: str,
        kind: str,
        work: Callable[["Redis"], Awaitable[T]],
        *,
        text: str | None = None,
        batch: int = 1,
    ) -> T:
        """What `work` makes of the client, in one span named `operation kind`, as in "HGETALL
        cart". Raises Unavailable when Redis cannot be reached or refuses.

        `text` has the commands as they are typed, with `?` for what is a value or tells keys apart;
        without it they are one, as in "GET cart:?". `batch` is the number of commands that go out
        together, as in "MULTI SET session".
        """
        attributes = {
            **self._fixed,
            "db.query.summary": f"{operation} {kind}",
            "db.query.text": text or f"{operation} {kind}:?",
        }
        if batch > 1:
            attributes["db.operation.batch.size"] = batch
        async with self._hooks.connection(operation, kind):
            with database_call(self._tracer, operation, kind, attributes, code_of):
                await self._hooks.operation(operation, kind)
                return await self._done(work)

    async def unseen(self, work: Callable[["Redis"], Awaitable[T]]) -> T:
        """The same without a span."""
        with self._suppress():
            return await self._done(work)

    async def _done(self, work: Callable[["Redis"], Awaitable[T]]) -> T:
        self._in_hand += 1
        try:
            async with asyncio.timeout(self.timeout):
                return await work(self.client)
        except (TimeoutError, SocketTimeout) as error:
            raise Unavailable(f"Redis did not answer within {self.timeout:g} s") from error
        except (RedisError, OSError) as error:
            message = f"Redis refused: {code_of(error) or type(error).__name__}"
            raise Unavailable(message) from error
        finally:
            self._in_hand -= 1
            self._idle.set()

    async def close(self) -> None:
        """Hangs up once the work in hand is done, within its deadline: a connection that is being
        made when the client is closed would stay open.
        """
        while self._in_hand:
            self._idle.clear()
            await self._idle.wait()
        await self.client.aclose()


def server_of(client: "Redis") -> dict[str, AttributeValue]:
    """Where the client's Redis is: a host and a port, or the path of a socket."""
    options = client.connection_pool.connection_kwargs
    if path := options.get("path"):
        return {"server.address": path}
    return {
        "server.address": options.get("host", "localhost"),
        "server.port": options.get("port", 6379),
    }


def code_of(error: BaseException | None) -> str | None:
    """The kind of error that Redis answered with: "WRONGTYPE", "NOAUTH", or "ERR" for most."""
    if not isinstance(error, RedisError):
        return None
    if error.status_code is None and isinstance(error, ResponseError):
        prefix = PREFIX.match(str(error))
        return prefix[0] if prefix else "ERR"
    return error.status_code
