"""Reads Zipkin's JSON, version 2: a list of spans, or of traces, which are lists of spans."""

from collections.abc import Iterator, Mapping
from typing import Any

from traces.formats.decoded import Decoded, NotKept
from traces.formats.fields import LATEST, items, members, padded_id, shown, text, whole
from traces.model import Event, Kind, Span, Status, service_name
from traces.same_id import with_own_id

KINDS = {kind.name: kind for kind in Kind}
LARGEST = 2**63 - 1


def spans(document: Any, limit: int | None = None) -> Decoded[Span]:
    """The spans of a list, or one that stands alone; raises TooMany if they are more than `limit`.

    A span that is marked as shared has the id of its caller's span; it gets one of its own.
    """
    decoded: Decoded[Span] = Decoded(limit=limit)
    entries = list(flat(document))
    decoded.expect(len(entries))
    resources: dict[str, dict[str, Any]] = {}
    for given in entries:
        try:
            decoded.taken.append(one_span(members(given, "a span"), resources))
        except NotKept as error:
            name = given.get("name") if isinstance(given, dict) else None
            decoded.reject(error, f"span {shown(name)}" if name else "a span")
    return decoded


def flat(document: Any) -> Iterator[Any]:
    for entry in document if isinstance(document, list) else [document]:
        if isinstance(entry, list):
            yield from entry
        else:
            yield entry


def one_span(given: Mapping[str, Any], resources: dict[str, dict[str, Any]]) -> Span:
    tags = {key: value_of(value, key) for key, value in members(given.get("tags"), "tags").items()}
    local = members(given.get("localEndpoint"), "localEndpoint")
    attributes = {
        **tags,
        **endpoints(local, members(given.get("remoteEndpoint"), "remoteEndpoint")),
    }
    if given.get("debug") is True:
        attributes["zipkin.debug"] = True
    events = tuple(map(one_event, items(given.get("annotations"), "annotations")))
    start_ns, end_ns = times(given, events)
    status, message = status_of(attributes)
    resource = resource_of(local, resources)
    span = Span(
        trace_id=padded_id(given.get("traceId"), 32, "traceId", "trace id"),
        span_id=padded_id(given.get("id"), 16, "id", "span id"),
        parent_id=parent_of(given.get("parentId")),
        service=service_name(resource),
        name=text(given.get("name"), "name"),
        kind=kind_of(given.get("kind")),
        start_ns=start_ns,
        end_ns=end_ns,
        status=status,
        status_message=message,
        scope=moved(attributes, "otel.scope.name", "otel.library.name"),
        scope_version=moved(attributes, "otel.scope.version", "otel.library.version"),
        attributes=attributes,
        resource=resource,
        events=events,
    )
    return with_own_id(span) if given.get("shared") is True else span


def value_of(value: Any, key: str) -> Any:
    """Tags are strings; numbers and booleans, which some programs send, stay what they are."""
    if isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return whole(value, f"tag {key}", -LARGEST - 1, LARGEST, "tag")
    return text(value, f"tag {key}")


def parent_of(value: Any) -> str | None:
    """The id of the parent, or None: some programs write an empty one, or zeros, for none."""
    if value is None or not str(value).strip("0"):
        return None
    return padded_id(value, 16, "parentId", "parent id")


def kind_of(value: Any) -> Kind:
    """A span without a kind is work within a service."""
    if value is None:
        return Kind.INTERNAL
    kind = KINDS.get(text(value, "kind").upper())
    if kind is None:
        known = "CLIENT, SERVER, PRODUCER, CONSUMER"
        raise NotKept("kind", f"kind is {shown(value)}, which is none of {known}")
    return kind


def one_event(given: Any) -> Event:
    annotation = members(given, "an annotation")
    when = nanoseconds(annotation.get("timestamp"), "timestamp of an annotation")
    return Event(when, text(annotation.get("value"), "value of an annotation"))


def times(given: Mapping[str, Any], events: tuple[Event, ...]) -> tuple[int, int]:
    """Start and end; one without a start begins with its first annotation."""
    moments = [event.time_ns for event in events]
    start_ns = nanoseconds(given.get("timestamp"), "timestamp") or min(moments, default=0)
    if not start_ns:
        raise NotKept("time", "it has neither a timestamp nor an annotation: when was it?")
    took = nanoseconds(given.get("duration"), "duration")
    return start_ns, min(start_ns + took if took else max(moments, default=start_ns), LATEST)


def nanoseconds(value: Any, field: str) -> int:
    """Microseconds, as nanoseconds."""
    return whole(value, field, 0, LATEST // 1000, "time") * 1000


def endpoints(local: Mapping[str, Any], remote: Mapping[str, Any]) -> dict[str, Any]:
    """Both ends of a call under their names in the semantic conventions."""
    known = {
        "network.local.address": address(local, "localEndpoint"),
        "network.local.port": whole(local.get("port"), "port of localEndpoint", 0, 65_535),
        "service.peer.name": text(remote.get("serviceName"), "serviceName of remoteEndpoint"),
        "network.peer.address": address(remote, "remoteEndpoint"),
        "network.peer.port": whole(remote.get("port"), "port of remoteEndpoint", 0, 65_535),
    }
    return {key: value for key, value in known.items() if value}


def address(endpoint: Mapping[str, Any], field: str) -> str:
    four, six = (text(endpoint.get(name), f"{name} of {field}") for name in ("ipv4", "ipv6"))
    return four or six


def resource_of(local: Mapping[str, Any], resources: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Spans of one service share one object."""
    name = text(local.get("serviceName"), "serviceName of localEndpoint")
    return resources.setdefault(name, {"service.name": name} if name else {})


def status_of(attributes: dict[str, Any]) -> tuple[Status, str]:
    """A span with the tag `error` failed; its value, unless it only says so, is the message."""
    code = str(attributes.pop("otel.status_code", "UNSET")).upper()
    message = moved(attributes, "otel.status_description")
    error = attributes.pop("error", None)
    if error is None or error in (False, "false"):
        return Status.__members__.get(code, Status.UNSET), message
    return Status.ERROR, message or ("" if error in (True, "true") else str(error))


def moved(attributes: dict[str, Any], *keys: str) -> str:
    """The first of these that is there, no longer among the attributes."""
    found = [str(attributes.pop(key)) for key in keys if key in attributes]
    return found[0] if found else ""
