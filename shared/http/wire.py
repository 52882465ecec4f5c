"""The real transport: aiohttp's connections behind httpx's transport interface.

It does what httpx-aiohttp does for the little that `Peer` needs, in half the CPU: the address is
not parsed again, the body is read at once, and a refused connection is not called a timeout.
"""

import aiohttp
import httpx
from yarl import URL

from shared.transport import Request, Response, Transport

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
        """Raises httpx.TransportError when there is no whole answer."""
        try:
            async with self._session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=await request.aread() or None,
                allow_redirects=False,
            ) as answer:
                body = await answer.read()
        except aiohttp.ClientError as error:
            meaning = next(to for kind, to in ERRORS if isinstance(error, kind))
            raise meaning(str(error), request=request) from error
        return Response(
            answer.status,
            headers=answer.raw_headers,
            stream=httpx.ByteStream(body),
            request=request,
        )

    async def aclose(self) -> None:
        await self._session.close()
