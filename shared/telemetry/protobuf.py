"""The few rules of protobuf's wire format.

A message is a row of fields; a field is its tag, `number << 3 | wire type`, and its value. A field
that holds its default is not written, except where being there means something.
"""

ONE_BYTE = [bytes((n,)) for n in range(128)]


def text(tag: bytes, value: str | None) -> bytes:
    return block(tag, value.encode(errors="replace")) if value else b""


def number(tag: bytes, value: int) -> bytes:
    return tag + varint(value) if value else b""


def block(tag: bytes, body: bytes) -> bytes:
    return tag + varint(len(body)) + body


def varint(value: int) -> bytes:
    """Seven bits a byte, lowest first; all bytes but the last have the high bit set."""
    if value < 128:
        return ONE_BYTE[value]
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    written.append(value)
    return bytes(written)
