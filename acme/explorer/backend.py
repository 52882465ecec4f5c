"""What answers for traces and log lines: lens, or Jaeger, of which only the traces can be had."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from acme.connection import exchange
from traces.formats.otlp_json import summary_of, trace_of
from traces.formats.story import story_json
from traces.formats.story import trace_of as trace_of_story
from traces.model import Trace
from traces.summary import TraceSummary

PATIENCE = 15.0
NOT_FOUND = 404


class Refused(Exception):
    """The backend does not answer this question; the message says why."""


@dataclass(frozen=True)
class Backend:
    """lens or Jaeger at a base URL. All questions raise Unreachable and Refused."""

    url: str

    def search(self, query: Mapping[str, str]) -> list[TraceSummary]:
        """The newest traces that fit, by the parameters of Jaeger's `/api/v3`, newest first."""
        status, answer = self._get("/api/v3/trace-summaries", query)
        if status == NOT_FOUND and answer is None:
            raise Refused(f"{self.url} has no /api/v3/trace-summaries: Jaeger has it from 2.19 on")
        found = self._checked(status, answer)["summaries"]
        return sorted(map(summary_of, found), key=lambda one: -one.start_ns)

    def find(self, text: str, start_s: float, limit: int) -> list[TraceSummary]:
        """The newest traces that a query in lens's search language finds, newest first."""
        back = max(1, math.ceil(time.time() - start_s))
        query = {"q": text, "lookback": f"{back}s", "limit": str(limit)}
        status, answer = self._get("/lens/api/traces", query)
        if answer is None:
            raise Refused(f"{self.url} is not lens, which alone knows queries in words")
        return list(map(summary_of, self._checked(status, answer)["traces"]))

    def services(self) -> list[str]:
        return list(self._checked(*self._get("/api/v3/services", {}))["services"])

    def trace(self, trace_id: str) -> Trace | None:
        """The trace, with its log lines where lens has them; None if it is not there."""
        story = self.story(trace_id)
        return trace_of_story(story) if story else None

    def story(self, trace_id: str) -> dict[str, Any] | None:
        """The trace with what lens explains of it, or what can be explained of Jaeger's."""
        status, story = self._get(f"/lens/api/traces/{trace_id}", {})
        if status == NOT_FOUND and story:
            return None
        if status < 400 and story:
            return dict(story)
        status, answer = self._get(f"/api/v3/traces/{trace_id}", {})
        if status == NOT_FOUND:
            return None
        found = trace_of(trace_id, self._checked(status, answer)["result"])
        return story_json(found) if found.spans else None

    def log_lines(self, query: Mapping[str, str]) -> tuple[list[dict[str, Any]], int]:
        """Log lines as lens has them, and the number after which the next ones come."""
        status, answer = self._get("/lens/api/logs", query)
        if answer is None:
            raise Refused(
                f"{self.url} is not lens, and has no log lines: Jaeger keeps traces alone"
            )
        found = self._checked(status, answer)
        return found["logs"], found["last"]

    def _get(self, path: str, query: Mapping[str, str]) -> tuple[int, Any]:
        """The status, and the JSON of the answer; None where it is none, as a page of Jaeger."""
        return exchange(self.url, "GET", f"{path}?{urlencode(query)}", patience=PATIENCE)

    def _checked(self, status: int, answer: Any) -> Any:
        if status < 400 and answer is not None:
            return answer
        said = answer or {}
        reason = said.get("detail") or said.get("error", {}).get("message")
        raise Refused(reason or f"{self.url} answered {status}, and not as lens or Jaeger do")
