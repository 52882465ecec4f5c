"""Services that are not started from here: programs of the user's stand in for them."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from acme.launcher.events import Events
from acme.launcher.readiness import ANY_HTTP, Readiness
from acme.launcher.state import Process
from shared.settings import ServiceSettings
from shared.telemetry.redaction import redacted_url
from shared.topology import BY_NAME

PAUSE = 1.0
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Outside:
    """A service that somebody else runs: where the others call it, and where its spans are to go,
    if spans go anywhere.
    """

    name: str
    url: str
    spans: str = ""

    @property
    def port(self) -> int:
        where = urlsplit(self.url)
        return where.port or PORTS[where.scheme]

    @property
    def description(self) -> str:
        return f"outside: {BY_NAME[self.name].is_}"

    @property
    def expected(self) -> str:
        """What is said of it at the start, with the variables to start a program with."""
        variables = f"{self.name.upper()}_PORT={self.port}"
        if self.spans:
            variables += f" OTEL_EXPORTER_OTLP_ENDPOINT={redacted_url(self.spans)}"
        where = f"a program of yours is called at {redacted_url(self.url)}"
        return f"{self.name} is not started: {where}; start it with {variables}"

    @property
    def missing(self) -> str:
        return (
            f"nothing answers at {redacted_url(self.url)} yet: what needs {self.name} fails or"
            " degrades until your program listens there"
        )

    @property
    def answering(self) -> str:
        found = f"{self.name} answers at {redacted_url(self.url)}"
        if not BY_NAME[self.name].traced:  # it is no service of the shop, and has no contract
            return found
        return f"{found}; `acme contract {self.name}` checks what it answers"

    def as_process(self) -> Process:
        return Process(0, [self.port], self.url, 0.0, outside=True)


def outside_of(settings: ServiceSettings) -> Outside:
    """What the service of these settings is to those that run."""
    telemetry = settings.telemetry
    exported = not telemetry.disabled and "otlp" in telemetry.traces_exporters
    # The SDKs add the path by themselves.
    spans = telemetry.traces.endpoint.removesuffix("/v1/traces") if exported else ""
    return Outside(settings.service, settings.urls[settings.service], spans)


class Watch:
    """Looks for the program that stands in for a service, once a second until it has answered."""

    def __init__(self, outside: Outside, say: Callable[[str], None]) -> None:
        self.outside = outside
        self.answered = False
        self._say = say
        self._readiness: Readiness | None = None

    @property
    def silent(self) -> bool:
        """Whether it is known to be missing; over TLS it is not looked for."""
        return not self.answered and urlsplit(self.outside.url).scheme == "http"

    def start(self, events: Events) -> None:
        address = address_of(self.outside)
        if self.silent and address:
            self._readiness = Readiness(events, ANY_HTTP, *address, self._answers, pause=PAUSE)

    def end(self) -> None:
        if self._readiness:
            self._readiness.end()

    def _answers(self) -> None:
        self.answered = True
        self._say(self.outside.answering)


def address_of(outside: Outside) -> tuple[str, int] | None:
    """IP address and port; None where its host has no address."""
    host = urlsplit(outside.url).hostname or ""
    try:
        found = socket.getaddrinfo(host, outside.port, type=socket.SOCK_STREAM)
    except OSError:
        return None
    return str(found[0][4][0]), outside.port
