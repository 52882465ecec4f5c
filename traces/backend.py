"""A trace backend that speaks Jaeger's `/api/v3`: lens, or Jaeger itself."""

import json
import urllib.error
import urllib.request

from traces.formats.otlp_json import trace_of
from traces.model import Trace

PATIENCE = 5


class Backend:
    """The backend at a base URL, as in http://127.0.0.1:16686."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def trace(self, trace_id: str) -> Trace:
        """The trace as far as it has arrived; without a span when the backend has none of it.

        Raises OSError when the backend cannot be reached or answers with another error than 404.
        """
        url = f"{self._url}/api/v3/traces/{trace_id}"
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310 - the caller's URL
                return trace_of(trace_id, json.load(answer)["result"])
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 404:
                return Trace(trace_id, ())
            raise
