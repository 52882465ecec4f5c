"""What is asked of another service."""

from collections.abc import Mapping
from typing import NamedTuple

from shared.telemetry.redaction import redacted
from shared.transport import Call


class Question(NamedTuple):
    """One call of a service; all its attempts share the `call`."""

    method: str
    template: str
    url: str
    query: str
    body: bytes
    headers: Mapping[str, str]
    call: Call

    @property
    def address(self) -> str:
        return f"{self.url}?{self.query}" if self.query else self.url

    @property
    def told(self) -> str:
        """The address as a span may tell it."""
        return f"{self.url}?{redacted(self.query)}" if self.query else self.url
