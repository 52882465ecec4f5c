"""Sampling by the strategies of a Jaeger backend, polled, so that they can be changed while the
shop runs.
"""

import http.client
import json
import logging
import threading
from urllib.parse import quote, urlsplit

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
        self._path = f"{urlsplit(self._endpoint).path}/sampling?service={quote(service)}"
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
        except (OSError, http.client.HTTPException) as error:
            self._note(f"cannot be fetched: {error or type(error).__name__}")
        except INVALID as error:
            self._note(f"make no sense: {type(error).__name__}: {error}")
        else:
            self._note("")

    def _fetch(self) -> bytes:
        parts = urlsplit(self._endpoint)
        assert parts.hostname is not None
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        connection = kind(parts.hostname, parts.port, timeout=TIMEOUT)
        try:
            connection.request("GET", self._path, headers={"Accept": "application/json"})
            response = connection.getresponse()
            if response.status != 200:
                raise http.client.HTTPException(f"{response.status} {response.reason}")
            return response.read(MAX_BYTES)
        finally:
            connection.close()

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
