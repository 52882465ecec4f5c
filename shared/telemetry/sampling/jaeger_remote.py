"""Sampling as Jaeger says: asked for every now and then, so that it can be changed while the shop
runs.
"""

import http.client
import json
import logging
import threading
from urllib.parse import quote, urlsplit

from shared.telemetry.sampling.rule import Probabilistic, Rule, Verdict
from shared.telemetry.sampling.strategies import rule_of

TIMEOUT, LARGEST_ANSWER = 1.0, 1_000_000
MOMENT = 0.2
MEANINGLESS = ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError

log = logging.getLogger(__name__)


class JaegerRemote(Rule):
    """Goes by the strategy that `{endpoint}/sampling?service=...` names.

    A thread asks every `interval` seconds. Until the first answer new traces are sampled at the
    rate `initial`; while there is no answer, or none that makes sense, the last good one holds.
    """

    needs_name = True

    def __init__(self, service: str, endpoint: str, interval: float, initial: float) -> None:
        self._rule: Rule = Probabilistic(initial)
        self._endpoint, self._interval = endpoint.rstrip("/"), interval
        self._path = f"{urlsplit(self._endpoint).path}/sampling?service={quote(service)}"
        self._answer, self._trouble = b"", ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampling-strategies", daemon=True)
        self._thread.start()

    def decide(self, trace_id: int, name: str) -> Verdict:
        return self._rule.decide(trace_id, name)

    def close(self) -> None:
        """Ends the thread. A request under way ends by its own timeout, and is not waited for."""
        self._stop.set()
        self._thread.join(MOMENT)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._refresh()
            self._stop.wait(self._interval)

    def _refresh(self) -> None:
        try:
            answer = self._ask()
            if answer != self._answer:  # else the rule would forget what it has counted
                self._rule, self._answer = rule_of(json.loads(answer)), answer
        except (OSError, http.client.HTTPException) as error:
            self._note(f"cannot be fetched: {error or type(error).__name__}")
        except MEANINGLESS as error:
            self._note(f"make no sense: {type(error).__name__}: {error}")
        else:
            self._note("")

    def _ask(self) -> bytes:
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
            return response.read(LARGEST_ANSWER)
        finally:
            connection.close()

    def _note(self, trouble: str) -> None:
        """One line when something goes wrong, one when it is well again; none once it is closed."""
        if self._stop.is_set():
            return
        if trouble and not self._trouble:
            log.warning(
                "sampling strategies of %s %s; the last good one holds", self._endpoint, trouble
            )
        elif self._trouble and not trouble:
            log.warning("sampling strategies of %s arrive again", self._endpoint)
        self._trouble = trouble
