"""The body of an OTLP request: read to its limit, unpacked to its limit, refused with a reason."""

from fastapi import Request
from starlette.requests import ClientDisconnect

from lens.routes.answers import Refused
from traces.formats import gzipped

MAX_BYTES = 8 * 1024 * 1024
MAX_BYTES_IN_FLIGHT = 64 * 1024 * 1024
ENCODINGS = ("", "identity", "gzip")


class Bodies:
    """Reads bodies; all that are being read share one limit of memory."""

    def __init__(self, max_bytes: int = MAX_BYTES, in_flight: int = MAX_BYTES_IN_FLIGHT) -> None:
        self._max_bytes = max_bytes
        self._free = in_flight

    async def read(self, request: Request) -> bytes:
        """The body as it was sent; raises Refused when it is, or all in flight are, too large."""
        declared = request.headers.get("content-length", "")
        if declared.isascii() and declared.isdigit() and int(declared) > self._max_bytes:
            raise too_large(self._max_bytes)
        chunks: list[bytes] = []
        size = 0
        try:
            async for chunk in request.stream():
                size += len(chunk)
                self._free -= len(chunk)
                chunks.append(chunk)
                if size > self._max_bytes:
                    raise too_large(self._max_bytes)
                if self._free < 0:
                    raise Refused(503, "too many requests at once; send it again later")
        except ClientDisconnect:
            raise Refused(400, "the request ended before its body did") from None
        finally:
            self._free += size
        return b"".join(chunks)

    def unpack(self, body: bytes, encoding: str) -> bytes:
        """The body without its Content-Encoding, never more than the limit of it in memory."""
        encoding = encoding.strip().lower()
        if encoding not in ENCODINGS:
            raise Refused(415, f"Content-Encoding {encoding} is not known; gzip or none is")
        return gunzip(body, self._max_bytes) if encoding == "gzip" else body


def gunzip(body: bytes, max_bytes: int) -> bytes:
    try:
        return gzipped.gunzip(body, max_bytes)
    except gzipped.NotGzip as error:
        raise Refused(400, f"the body cannot be unpacked: {error}") from None
    except gzipped.TooLarge:
        raise too_large(max_bytes) from None


def too_large(max_bytes: int) -> Refused:
    return Refused(413, f"at most {max_bytes} bytes are taken in one request, unpacked")
