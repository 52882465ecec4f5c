"""Sampling by the strategies of a Jaeger backend, polled, so that they can be changed while the
shop runs.
"""

import json
import logging
import ssl
import threading
from contextlib import closing
from http.client import HTTPException
from urllib.parse import quote, urlsplit

from shared.telemetry.http_exchange import Connection, Deadline, Resolver
from shared.telemetry.sampling.rule import Probabilistic, Rule, Verdict
from shared.telemetry.sampling.strategies import rule_of

TIMEOUT, MAX_BYTES = 1.0, 1_000_000
JOIN_SECONDS = 0.2
INVALID = ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError

log = logging.getLogger(__name__)


class JaegerRemote(Rule):
    """Applies the strategy that `{endpoint}/sampling?service=...` names.

    A thread polls every `interval` seconds. Until the first answer new traces are sampled at the
    rate `initial`; while there is no answer, or none that makes sense, the last good one holds.
    """

    needs_name = True

    def __init__(self, service: str, endpoint: str, interval: float, initial: float) -> None:
        self._rule: Rule = Probabilistic(initial)
        self._endpoint, self._interval = endpoint.rstrip("/"), interval
        parts = urlsplit(self._endpoint)
        assert parts.hostname is not None
        secure = parts.scheme == "https"
        self._resolver = Resolver(parts.hostname, parts.port or (443 if secure else 80))
        self._tls = ssl.create_default_context() if secure else None
        place, path = parts.netloc.rpartition("@")[2], f"{parts.path}/sampling"
        self._request = (
            f"GET {path}?service={quote(service)} HTTP/1.1\r\nhost: {place}\r\n"
            "accept: application/json\r\nconnection: close\r\n\r\n"
        ).encode()
        self._answer, self._problem = b"", ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampling-strategies", daemon=True)
        self._thread.start()

    def decide(self, trace_id: int, name: str) -> Verdict:
        return self._rule.decide(trace_id, name)

    def close(self) -> None:
        """Ends the thread. A request under way ends by its own timeout, and is not waited for."""
        self._stop.set()
        self._thread.join(JOIN_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._refresh()
            self._stop.wait(self._interval)

    def _refresh(self) -> None:
        try:
            answer = self._fetch()
            if answer != self._answer:  # else the rule would forget what it has counted
                self._rule, self._answer = rule_of(json.loads(answer)), answer
        except (OSError, HTTPException) as error:
            self._note(f"cannot be fetched: {str(error) or type(error).__name__}")
        except INVALID as error:
            self._note(f"make no sense: {type(error).__name__}: {error}")
        else:
            self._note("")

    def _fetch(self) -> bytes:
        end = Deadline(TIMEOUT)
        found = self._resolver.addresses(end)
        with closing(Connection(self._resolver.host, found, self._tls, end)) as connection:
            answer = connection.exchange(self._request, end, MAX_BYTES)
        if answer.status != 200:
            raise HTTPException(f"{answer.status} {answer.reason}")
        if not answer.body:
            raise HTTPException("the answer is empty, or does not end")
        return answer.body

    def _note(self, problem: str) -> None:
        """Logs when a problem begins and when it ends; nothing once it is closed."""
        if self._stop.is_set():
            return
        if problem and not self._problem:
            log.warning(
                "sampling strategies of %s %s; the last good one holds", self._endpoint, problem
            )
        elif self._problem and not problem:
            log.warning("sampling strategies of %s arrive again", self._endpoint)
        self._problem = problem
