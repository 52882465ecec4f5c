"""A shop that runs already, as `docker compose up` starts it; tests reach it by address alone."""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.stack.tempo import Tempo
from traces.testing import Backend, Source, Tracing

PATIENCE = 10
NAMED = {
    "shop": "ACME_STACK_URL",
    "gateway": "ACME_STACK_GATEWAY_URL",
    "lens": "ACME_STACK_LENS_URL",
    "jaeger": "ACME_STACK_JAEGER_URL",
    "tempo": "ACME_STACK_TEMPO_URL",
}


@dataclass(frozen=True)
class Stack:
    """Where the parts of a running shop are; a backend that nobody named is left out of tests."""

    shop: str
    gateway: str
    lens: str
    jaeger: str
    tempo: str
    password: str

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> "Stack":
        urls = {part: environ.get(name, "").rstrip("/") for part, name in NAMED.items()}
        return cls(**urls, password=environ.get("DEMO_PASSWORD") or "vmware1!")

    def backends(self) -> dict[str, Source]:
        found: dict[str, Source] = {"lens": Backend(self.lens)}
        if self.jaeger:
            found["jaeger"] = Backend(self.jaeger)
        if self.tempo:
            found["tempo"] = Tempo(self.tempo)
        return found


class Customer:
    """Asks the gateway, and notes the traces of its answers."""

    def __init__(self, stack: Stack) -> None:
        self._gateway = stack.gateway
        self.tracing = Tracing(Backend(stack.lens))
        self.last = self.token = ""

    def ask(self, path: str, **body: Any) -> tuple[int, Any]:
        """The status and the JSON of an answer; a `body` is posted."""
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(self._gateway + path, data)
        request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            answer = urllib.request.urlopen(request, timeout=PATIENCE)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            context = answer.headers["traceresponse"]
            self.tracing.note(context)
            self.last = context.split("-")[1]
            return answer.status, json.load(answer)
