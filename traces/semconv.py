"""One meaning, several spellings: attribute keys before and after the conventions became stable."""

from collections.abc import Mapping
from typing import Any

from traces.model import Kind, Span

# The stable key comes first in each row.
SPELLINGS: tuple[tuple[str, ...], ...] = (
    ("http.request.method", "http.method"),
    ("http.response.status_code", "http.status_code"),
    ("url.full", "http.url"),
    ("url.path", "http.target"),
    ("url.scheme", "http.scheme"),
    ("http.request.body.size", "http.request_content_length"),
    ("http.response.body.size", "http.response_content_length"),
    ("server.address", "net.peer.name", "http.host"),
    ("server.port", "net.peer.port"),
    ("client.address", "http.client_ip"),
    ("network.peer.address", "net.sock.peer.addr"),
    ("network.protocol.version", "http.flavor"),
    ("user_agent.original", "http.user_agent"),
    ("service.peer.name", "peer.service"),
    ("db.system.name", "db.system"),
    ("db.namespace", "db.name"),
    ("db.query.text", "db.statement"),
    ("db.operation.name", "db.operation"),
    ("db.collection.name", "db.sql.table", "db.mongodb.collection"),
    ("messaging.operation.type", "messaging.operation"),
    ("code.function.name", "code.function"),
    ("deployment.environment.name", "deployment.environment"),
)
BY_KEY = {key: row for row in SPELLINGS for key in row}
CALLING = (Kind.CLIENT, Kind.PRODUCER)
PEERS = (
    *BY_KEY["db.system.name"],
    *BY_KEY["service.peer.name"],
    *BY_KEY["server.address"],
)
HERE = ("localhost", "127.0.0.1", "::1")


def spellings(key: str) -> tuple[str, ...]:
    """All keys with the meaning of `key`, the stable one first."""
    return BY_KEY.get(key, (key,))


def value_of(attributes: Mapping[str, Any], key: str) -> Any:
    """The value under any spelling of `key`; None if there is none."""
    return next((attributes[name] for name in spellings(key) if name in attributes), None)


def peer_of(span: Span) -> str | None:
    """What a CLIENT or PRODUCER span says it called: a database, a service or a host."""
    if span.kind not in CALLING:
        return None
    attributes = span.attributes
    for key in PEERS:
        value = attributes.get(key)
        if isinstance(value, str) and value and value not in HERE:
            return value
    return None
