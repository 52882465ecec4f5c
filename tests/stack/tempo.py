"""Traces out of Tempo, by itself or through Grafana's proxy of a data source."""

import base64
import json
import urllib.error
import urllib.request
from typing import Any

from traces.formats.otlp_json import trace_of
from traces.model import Trace
from traces.testing import AssertableTrace


class Tempo:
    """Tempo by its base URL, as in http://127.0.0.1:3200."""

    eventual = True

    def __init__(self, url: str) -> None:
        self._url = url

    def trace(self, trace_id: str) -> AssertableTrace:
        request = urllib.request.Request(f"{self._url}/api/v2/traces/{trace_id}")
        request.add_header("Accept", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                document = plain(json.load(answer).get("trace", {}))
                return AssertableTrace(trace_of(trace_id, document))
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 404:
                return AssertableTrace(Trace(trace_id, ()))
            raise


def plain(document: dict[str, Any]) -> dict[str, Any]:
    """The document with ids in hexadecimal and enumerations as numbers, as OTLP's JSON has them;
    Tempo writes base64 and names.
    """
    spans = [
        span
        for resource in document.get("resourceSpans", [])
        for scope in resource.get("scopeSpans", [])
        for span in scope.get("spans", [])
    ]
    for span in spans:
        for name in ("traceId", "spanId", "parentSpanId"):
            span[name] = in_hex(span.get(name, ""))
        span["kind"] = numbered(span.get("kind", 0), KINDS)
        status = span.get("status", {})
        status["code"] = numbered(status.get("code", 0), STATUSES)
        for link in span.get("links", []):
            for name in ("traceId", "spanId"):
                link[name] = in_hex(link.get(name, ""))
    return document


KINDS = [
    f"SPAN_KIND_{name}"
    for name in ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")
]
STATUSES = [f"STATUS_CODE_{name}" for name in ("UNSET", "OK", "ERROR")]


def in_hex(id_: str) -> str:
    return id_ if len(id_) in {0, 16, 32} else base64.b64decode(id_).hex()


def numbered(value: str | int, names: list[str]) -> int:
    return names.index(value) if isinstance(value, str) else value
