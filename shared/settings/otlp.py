"""Where OTLP goes, and how: variables for all signals, and those of one signal, which count before
them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from shared.settings.environment import Group
from shared.settings.parsers import (
    certificates,
    exact_http_url,
    header_pairs,
    one_of,
    optional,
    private_key,
)
from shared.settings.values import ADDRESS, Text, listed, thousandths, variable

Signal = Literal["traces", "metrics", "logs"]
PREFIX = "OTEL_EXPORTER_OTLP_"
PROTOCOLS, COMPRESSIONS = ("http/protobuf", "grpc"), ("gzip", "none")
DEFAULT_PROTOCOL, DEFAULT_TIMEOUT, GRPC_DEFAULT = PROTOCOLS[0], 10.0, "http://127.0.0.1:4317"

HEADERS = "a list like key=value,key=value of headers in ASCII is allowed"
Certificates = Annotated[
    str | None, Text(optional(certificates), "a PEM file of certificates is allowed")
]
PrivateKey = Annotated[
    str | None, Text(optional(private_key), "a PEM file of a private key is allowed")
]


class OtlpVariables(Group):
    """Variables of the OTLP exporter; None is not set."""

    endpoint: Annotated[str | None, Text(optional(exact_http_url), ADDRESS)] = variable(
        "", "where {what} go"
    )
    protocol: Annotated[str | None, Text(optional(one_of(*PROTOCOLS)), listed(PROTOCOLS))] = (
        variable("", f"how {{what}} travel; without it {DEFAULT_PROTOCOL}")
    )
    headers: Annotated[
        Mapping[str, str] | None,
        Text(optional(header_pairs), HEADERS),
    ] = variable("", "headers sent with {what}; they may be percent-encoded", secret=True)
    timeout: Annotated[
        float | None,
        Text(optional(thousandths(1, 600_000)), "milliseconds from 1 to 600000 are allowed"),
    ] = variable("", "how long one attempt to send {what} may take; without it 10000")
    compression: Annotated[
        str | None, Text(optional(one_of(*COMPRESSIONS)), listed(COMPRESSIONS))
    ] = variable("", "how {what} are compressed; without it not at all")
    certificate: Certificates = variable(
        "", "PEM file of the authorities that are trusted for {what}, in place of the system's"
    )
    client_certificate: Certificates = variable(
        "", "PEM file that shows the backend of {what} who is sending"
    )
    client_key: PrivateKey = variable("", "PEM file of that one's private key, for {what}")


@dataclass(frozen=True)
class Otlp:
    """Where one signal goes. `endpoint` is the full address for http/protobuf, http://host:port for
    gRPC; `timeout` is that of one attempt, in seconds; certificates and keys are PEM files.
    """

    endpoint: str
    protocol: str = DEFAULT_PROTOCOL
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float = DEFAULT_TIMEOUT
    compression: str = "none"
    certificate: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None


def resolve(
    signal: Signal, general: OtlpVariables, special: OtlpVariables, default_base: str
) -> Otlp:
    """Where `signal` goes: by its own variables, or else those for all signals.

    A variable for all signals that is meant for one service alone counts before one of the signal
    that is meant for all services.
    """

    def of_signal(name: str) -> Any:
        own_general = f"{PREFIX}{name.upper()}" in general.own
        own_special = f"{PREFIX}{signal.upper()}_{name.upper()}" in special.own
        return None if own_general and not own_special else getattr(special, name)

    def pick(name: str) -> Any:
        value = of_signal(name)
        return getattr(general, name) if value is None else value

    protocol = pick("protocol") or DEFAULT_PROTOCOL
    if protocol == "grpc":
        endpoint = (pick("endpoint") or GRPC_DEFAULT).rstrip("/")
    else:  # one signal's address is used as it is
        base = urlsplit(general.endpoint or default_base)
        path = f"{base.path.rstrip('/')}/v1/{signal}"
        endpoint = of_signal("endpoint") or base._replace(path=path).geturl()
    timeout = pick("timeout")
    return Otlp(
        endpoint,
        protocol,
        pick("headers") or {},
        DEFAULT_TIMEOUT if timeout is None else timeout,
        pick("compression") or "none",
        pick("certificate"),
        pick("client_certificate"),
        pick("client_key"),
    )
