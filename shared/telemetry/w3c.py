"""The W3C's formats, Trace Context and Baggage, read by their letter.

What the SDK's propagators read otherwise is read here: two `traceparent` headers are none, a
tracestate may name a key twice, keys have the grammar of Trace Context level 2, the properties of a
baggage member are no part of its value, and `+` in a value is a plus. What is broken is ignored,
and logged; see `OncePerMinute` in logs.py.
"""

import logging
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, unquote

from opentelemetry import baggage
from opentelemetry.context import Context
from opentelemetry.propagators.textmap import (
    Getter,
    Setter,
    TextMapPropagator,
    default_getter,
    default_setter,
)
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.trace.span import TraceState

OWS = " \t"
TRACEPARENT = re.compile(
    r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
)
# Flags this version does not know are not passed on.
KNOWN = TraceFlags.SAMPLED | TraceFlags.RANDOM_TRACE_ID
FLAGS = {f"{flags:02x}": TraceFlags(flags & KNOWN) for flags in range(256)}

MEMBER = re.compile(
    r"([a-z0-9][a-z0-9_\-*/@]{0,255})=([\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e])"
)
MOST_MEMBERS, LONGEST_STATE = 32, 8192

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
OCTETS = r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*"
PAIR = re.compile(rf"({TOKEN.pattern})[ \t]*=[ \t]*({OCTETS})[ \t]*(?:;.*)?")
UNQUOTED = "!#$&'()*+-./:<=>?@[]^_`{|}~"  # of a value, beside letters and digits
MOST_PAIRS, LONGEST_BAGGAGE = 64, 8192  # what everybody must pass on, and we no more

SHOWN = 80  # characters of a broken header that are logged
TOO_MUCH = (
    f"baggage is cut to {MOST_PAIRS} members and {LONGEST_BAGGAGE} bytes: "
    "%d of %d are dropped, the first is %.*r"
)

log = logging.getLogger(__name__)


class TraceContext(TraceContextTextMapPropagator):
    """`traceparent` and `tracestate`; they are written by the SDK."""

    def extract(
        self, carrier: Any, context: Context | None = None, getter: Getter[Any] = default_getter
    ) -> Context:
        context = Context() if context is None else context
        found = getter.get(carrier, "traceparent")
        if not found:
            return context
        if len(found) > 1:
            log.warning("%d traceparent headers in one request are ignored", len(found))
            return context
        match = TRACEPARENT.fullmatch(found[0].strip(OWS))
        if match is None or (match[5] is not None and match[1] == "00"):
            log.warning("a traceparent header is ignored: %.*r cannot be read", SHOWN, found[0])
            return context
        states = getter.get(carrier, "tracestate")
        state = None if states is None else trace_state(states)
        span = SpanContext(int(match[2], 16), int(match[3], 16), True, FLAGS[match[4]], state)
        return set_span_in_context(NonRecordingSpan(span), context)


class ReceivedState(TraceState):
    """A trace state whose members were checked already; the SDK's check is that of level 1."""

    def __init__(self, members: dict[str, str]) -> None:
        super().__init__()
        self._dict = members


def trace_state(headers: Iterable[str]) -> TraceState | None:
    """The members of all headers together, or None where one of them is broken. The first of two
    with one key counts: the last who wrote is the first in the list.
    """
    text = ",".join(headers)
    if len(text) > LONGEST_STATE:
        log.warning("a tracestate is ignored: it is longer than %d characters", LONGEST_STATE)
        return None
    members: dict[str, str] = {}
    count = 0
    for part in text.split(","):
        if not (member := part.strip(OWS)):
            continue
        count += 1
        match = MEMBER.fullmatch(member)
        if match is None:
            log.warning("a tracestate is ignored: %.*r cannot be read", SHOWN, member)
            return None
        members.setdefault(match[1], match[2])
    if count > MOST_MEMBERS:
        log.warning("a tracestate is ignored: it has more than %d members", MOST_MEMBERS)
        return None
    return ReceivedState(members)


class Baggage(TextMapPropagator):
    """`baggage`: names are tokens as they are, values are percent-encoded. Of what is too much
    those members are kept that fit, the first ones first.
    """

    def extract(
        self, carrier: Any, context: Context | None = None, getter: Getter[Any] = default_getter
    ) -> Context:
        context = Context() if context is None else context
        found = getter.get(carrier, "baggage")
        if not found:
            return context
        for member in within_limits(part.strip(OWS) for part in ",".join(found).split(",")):
            match = PAIR.fullmatch(member)
            if match is None:
                log.warning("a member of baggage is ignored: %.*r cannot be read", SHOWN, member)
            else:
                context = baggage.set_baggage(match[1], unquote(match[2]), context)
        return context

    def inject(
        self,
        carrier: Any,
        context: Context | None = None,
        setter: Setter[Any] = default_setter,
    ) -> None:
        if not (entries := baggage.get_all(context)):
            return
        pairs = (
            f"{name}={quote(str(value), safe=UNQUOTED)}"
            for name, value in entries.items()
            if TOKEN.fullmatch(name)
        )
        if text := ",".join(within_limits(pairs)):
            setter.set(carrier, "baggage", text)

    @property
    def fields(self) -> set[str]:
        return {"baggage"}


def within_limits(members: Iterable[str]) -> list[str]:
    """The members that are not empty, but for those that are too much; a log line names one."""
    kept: list[str] = []
    dropped: list[str] = []
    length = -1  # the first member has no comma before it
    for member in filter(None, members):
        if len(kept) < MOST_PAIRS and length + 1 + len(member) <= LONGEST_BAGGAGE:
            kept.append(member)
            length += 1 + len(member)
        else:
            dropped.append(member.partition("=")[0])
    if dropped:
        log.warning(TOO_MUCH, len(dropped), len(kept) + len(dropped), SHOWN, dropped[0])
    return kept
