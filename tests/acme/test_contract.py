"""`acme contract`, with a small program in place of suggestions that has one flaw at a time."""

import json
import socket
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from acme.contract import tracing
from acme.contract.check import NothingThere, Service, check
from acme.contract.table import CONTRACTS
from acme.contract.tracing import Caller, Traces
from acme.doctor.finding import Finding
from shared.topology import SERVICES
from tests.acme.command_line import acme
from tests.acme.little_suggestions import Flaws, LittleSuggestions, served
from traces.model import Kind, Span, Trace

GONE = "http://127.0.0.1:1"
PATIENT, SHORT = 60.0, 1.0  # seconds of a call


@dataclass(frozen=True)
class InMemory(Traces):
    """A backend that has the spans of a program at once."""

    program: LittleSuggestions = field(default_factory=lambda: LittleSuggestions(Flaws()))

    def answers(self) -> bool:
        return True

    def of(self, caller: Caller) -> Trace:
        return self._trace(caller.trace_id)

    def begun_by(self, service: str, since: float) -> Span | None:  # noqa: ARG002 - all are new
        return next((one for one in self.program.spans if not one.parent_id), None)

    def _trace(self, trace_id: str) -> Trace:
        found = (one for one in self.program.spans if one.trace_id == trace_id)
        return Trace(trace_id, tuple(found))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "SETTLED", 0.0)


def findings_of(flaws: Flaws, deadline: float = PATIENT) -> list[Finding]:
    program = LittleSuggestions(flaws)
    with served(program) as url:
        service = Service("suggestions", url, deadline)
        return list(check(service, InMemory("http://backend.test", program=program), 0.0))


def wrong(findings: list[Finding], mark: str = "fail") -> list[str]:
    return [finding.what for finding in findings if finding.mark == mark]


def test_a_program_without_flaws_keeps_the_contract() -> None:
    findings = findings_of(Flaws())

    assert [finding for finding in findings if finding.mark == "fail"] == []
    assert any("continues the trace of its caller" in finding.what for finding in findings)


FLAWS = {
    "is not healthy": (Flaws(healthy=False), "GET /healthz -> 200: answered 503"),
    "answers another shape": (
        Flaws(one='{"ids": []}'),
        "answered 200 in another shape: Input should be a valid array",
    ),
    "answers numbers for ids": (Flaws(one="[7]"), "0: Input should be a valid string"),
    "is no JSON": (Flaws(content_type="text/plain"), "answered text/plain, not application/json"),
    "knows no articles": (Flaws(knows=("7", "tea-set", "1")), "has no suggestions for 2, 3, 4"),
    "knows nothing": (Flaws(knows=()), "-> 200: answered 404, not 200"),
    "answers what it does not know": (
        Flaws(unknown=(200, "[]")),
        "GET /suggestions/v1/contract-unknown -> 404: answered 200, not 404: []",
    ),
    "says an error in its own way": (
        Flaws(unknown=(404, '{"message": "no"}')),
        "answered 404 in another shape: error: Field required",
    ),
    "is slow": (Flaws(seconds=0.06), "too slow: not"),
    "answers one connection at a time": (
        Flaws(one_at_a_time=True),
        "8 requests at once, beside an idle connection",
    ),
    "chokes on baggage": (
        Flaws(chokes_on_baggage=True),
        "odd trace context: a baggage that is none: answered 500",
    ),
    "drops traceparent": (Flaws(drops_traceparent=True), "drops traceparent: the request was part"),
    "exports nothing": (Flaws(no_spans=True), "no span of suggestions arrived for trace"),
    "has another parent": (
        Flaws(other_parent=True),
        "its span 'GET /suggestions/v1/{thing_id}' has the parent",
    ),
    "has another name": (
        Flaws(service="unknown_service:node"),
        "its spans have service.name 'unknown_service:node'",
    ),
    "records what is not sampled": (
        Flaws(records_all=True),
        "records a trace that its caller does not sample",
    ),
}


@pytest.mark.parametrize("name", list(FLAWS))
def test_a_program_that_breaks_a_promise_is_told_which(name: str) -> None:
    flaws, sentence = FLAWS[name]

    findings = findings_of(flaws, SHORT if flaws.seconds or flaws.one_at_a_time else PATIENT)

    assert any(sentence in what for what in wrong(findings)), wrong(findings)
    assert all(finding.fix for finding in findings if finding.mark == "fail")


ADVICE = {
    "loses tracestate": (Flaws(drops_tracestate=True), "has lost the caller's tracestate"),
    "records bare spans": (
        Flaws(bare_spans=True),
        "is without http.request.method, http.response.status_code, http.route",
    ),
    "names spans after paths": (
        Flaws(named_after_path=True),
        "is called 'GET /suggestions/v1/7', not after /suggestions/v1/{thing_id}",
    ),
    "makes a 404 an error": (Flaws(errors_of_404=True), "span of a 404 has the status ERROR"),
}


@pytest.mark.parametrize("name", list(ADVICE))
def test_what_could_be_better_is_a_warning(name: str) -> None:
    flaws, sentence = ADVICE[name]

    findings = findings_of(flaws)

    assert wrong(findings) == []
    assert [sentence in what for what in wrong(findings, "warn")] == [True]


def test_a_span_of_another_kind_does_not_count_as_one_for_a_request() -> None:
    (what,) = wrong(findings_of(Flaws(kind=Kind.INTERNAL)))

    assert what.startswith("its span is of kind INTERNAL, not SERVER")


def test_without_a_backend_it_says_that_tracing_was_not_checked() -> None:
    with served(LittleSuggestions(Flaws())) as url:
        findings = list(check(Service("suggestions", url, PATIENT), Traces(GONE)))

    assert wrong(findings) == []
    assert findings[-1].what == f"tracing was not checked: no trace backend answers at {GONE}"


def test_a_backend_that_fails_is_a_sentence() -> None:
    class Failing(InMemory):
        def of(self, caller: Caller) -> Trace:  # noqa: ARG002 - as the others
            raise ConnectionResetError("it hung up")

    with served(LittleSuggestions(Flaws())) as url:
        *_, last = check(Service("suggestions", url, PATIENT), Failing("http://backend.test"), 0.0)

    assert last.what == "the trace backend at http://backend.test failed: it hung up"


def test_nothing_there_is_no_broken_promise(capsys: pytest.CaptureFixture[str]) -> None:
    assert acme("contract", "suggestions", "--url", GONE, "--traces", GONE) == 3

    said = capsys.readouterr().err
    assert said.startswith(f"suggestions does not answer at {GONE} (")
    assert "or name another address with --url" in said


def test_a_program_that_speaks_another_protocol_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as hears:
        port = hears.getsockname()[1]
        with pytest.raises(NothingThere, match=r"did not answer within 0\.2 s"):
            list(check(Service("suggestions", f"http://127.0.0.1:{port}", 0.2), Traces(GONE)))


def test_the_command_says_what_it_comes_to(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    nowhere = ("--traces", GONE, "--run-dir", str(tmp_path))
    with served(LittleSuggestions(Flaws(healthy=False))) as url:
        assert acme("contract", "suggestions", "--url", url, *nowhere) == 1
        printed = capsys.readouterr().out
        assert acme("contract", "suggestions", "--url", url, *nowhere, "--json") == 1
        found = json.loads(capsys.readouterr().out)

    assert f"suggestions at {url} breaks its contract: 2 of 15 checks failed; 1 warning" in printed
    assert (found["service"], found["kept"], len(found["checks"])) == ("suggestions", False, 15)


def test_every_service_of_the_shop_has_a_contract() -> None:
    assert set(CONTRACTS) == {service.name for service in SERVICES if service.traced}
    for name, contract in CONTRACTS.items():
        callees = next(service.calls for service in SERVICES if service.name == name)
        assert set(contract().calling) <= set(callees)
