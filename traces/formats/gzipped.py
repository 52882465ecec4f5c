"""Unpacks gzip up to a limit, so that a small file cannot fill the memory."""

import zlib


class NotGzip(ValueError):
    """Bytes that are no gzip, or not all of it; the message says which."""


class TooLarge(ValueError):
    """Bytes that would be more than the limit."""


def gunzip(packed: bytes, max_bytes: int) -> bytes:
    """The content of a gzip file, at most `max_bytes` of it. Raises NotGzip and TooLarge."""
    parts: list[bytes] = []
    size = 0
    # A gzip file may be several, one after the other.
    while True:
        member = zlib.decompressobj(wbits=31)
        try:
            part = member.decompress(packed, max_bytes - size + 1)
        except zlib.error as error:
            raise NotGzip(f"it is not gzip: {error}") from None
        size += len(part)
        parts.append(part)
        if size > max_bytes:
            raise TooLarge(f"it is more than {max_bytes} bytes when it is unpacked")
        if not member.eof:
            raise NotGzip("the gzip is cut short")
        packed = member.unused_data
        if not packed:
            return b"".join(parts)
