"""The real transport: aiohttp's connections behind httpx's transport interface.

It does what httpx-aiohttp does for the little that `Peer` needs, in half the CPU: the address is
not parsed again, the body is read at once, and a refused connection is not called a timeout.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import aiohttp
import httpx
from yarl import URL

from shared.transport import Request, Response, Transport

STREAMED = "streamed"  # the request's extension by which the body is left to come in pieces
ERRORS: tuple[tuple[type[aiohttp.ClientError], type[httpx.TransportError]], ...] = (
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ServerDisconnectedError, httpx.RemoteProtocolError),
    (aiohttp.ClientResponseError, httpx.RemoteProtocolError),
    (aiohttp.ClientError, httpx.ReadError),
)


class Wire(Transport):
    """Connections to the other services, kept open between calls.

    It has no timeouts and no limits of its own: every call has a deadline (see `Peer`).
    """

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            skip_auto_headers=("user-agent", "accept", "accept-encoding", "content-type"),
            auto_decompress=False,
        )

    async def handle_async_request(self, request: Request) -> Response:
        """The whole answer, or its head for a request whose answer is to be STREAMED. Raises
        httpx.TransportError when there is none.
        """
        stream: httpx.AsyncByteStream
        with httpx_errors(request):
            answer = await self._session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=await request.aread() or None,
                allow_redirects=False,
            )
            if request.extensions.get(STREAMED):
                stream = Pieces(answer, request)
            else:
                async with answer:
                    stream = httpx.ByteStream(await answer.read())
        return Response(answer.status, headers=answer.raw_headers, stream=stream, request=request)

    async def aclose(self) -> None:
        await self._session.close()


class Pieces(httpx.AsyncByteStream):
    """The body of an answer as it comes."""

    def __init__(self, answer: aiohttp.ClientResponse, request: Request) -> None:
        self._answer, self._request = answer, request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with httpx_errors(self._request):
            async for piece in self._answer.content.iter_any():
                yield piece

    async def aclose(self) -> None:
        self._answer.close()


@contextmanager
def httpx_errors(request: Request) -> Iterator[None]:
    """Raises as httpx what is raised by aiohttp."""
    try:
        yield
    except aiohttp.ClientError as error:
        meaning = next(to for kind, to in ERRORS if isinstance(error, kind))
        raise meaning(str(error), request=request) from error
