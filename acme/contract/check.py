"""Checks a service against its contract, one finding for each promise."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException
from statistics import median
from urllib.parse import urlsplit

from acme.connection import connection_to
from acme.contract import tracing
from acme.contract.exchange import NoAnswer, Reply, Request, send
from acme.contract.table import CONTRACTS
from acme.contract.terms import Contract, Term
from acme.contract.tracing import Caller, Checked, Traces
from acme.doctor.finding import Finding

HEALTH = (
    ("/healthz", "The process is alive: `acme ps` and Kubernetes look at it. It calls nobody."),
    ("/readyz", "It takes requests: `acme doctor` and the health checks of containers look at it."),
)
# The batch processor of an SDK holds a span for five seconds, unless it is set otherwise.
PATIENCE = 12.0
NOTHING = "/contract/nothing/is/here"
AT_ONCE = 8
LOOK = "acme/contract/table.py has what is sent; /docs of the shop's own service describes it."
ERRORS = 'An error is JSON, {"error": "not_found", "detail": "a sentence"}, with its status.'
FASTER = "Its callers leave it no more than that, and go on without it."
SIDE_BY_SIDE = "Callers keep connections open: one of them must not hold up the others."
LENIENT = "A header that cannot be used is ignored: the request is answered, in a new trace."
NO_BACKEND = "`acme up lens` starts one; --traces names another."


class NothingThere(Exception):
    """Nothing answers at the address; the message says so."""


@dataclass
class Service:
    """One that is checked: `deadline` is the total deadline of a call, in seconds; `taken` has the
    seconds of each answer so far.
    """

    name: str
    url: str
    deadline: float
    contract: Contract = field(init=False)
    taken: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.contract = CONTRACTS[self.name]()

    def send(self, request: Request) -> Reply:
        """Waits as long as the most patient caller would; raises NoAnswer."""
        reply = send(self.url, request, self.deadline)
        self.taken.append(reply.seconds)
        return reply

    def broken(self, term: Term, request: Request | None = None) -> str:
        """What is wrong with the answer to a term's request, or to another in its place."""
        try:
            return term.broken_by(self.send(request or term.request))
        except NoAnswer as error:
            return f"is not answered: {error}"

    def read(self, headers: dict[str, str]) -> str:
        """What is wrong with the answer to its reading when that has these headers, too."""
        reading = self.contract.reading
        return self.broken(reading, reading.request.with_headers(headers))


def check(service: Service, traces: Traces, patience: float = PATIENCE) -> Iterator[Finding]:
    """Every promise of the service, as it is kept. Spans are waited for so many seconds. Raises
    NothingThere.
    """
    try:
        service.send(service.contract.reading.request)
    except NoAnswer as error:
        raise NothingThere(
            f"{service.name} does not answer at {service.url} ({error}): start it, or name another"
            " address with --url"
        ) from None
    service.taken.clear()  # the first answer of a process may take longer than any other
    callers = Caller(), Caller(), Caller(sampled=False)
    yield from health(service)
    yield (reading := of_term(service, service.contract.reading))
    yield from (of_term(service, term) for term in service.contract.terms)
    yield unknown_path(service, callers[1])
    yield in_time(service)
    if reading.mark == "fail":
        what = f"nothing further was checked, as {service.contract.reading.request} has failed"
        yield Finding("warn", what)
        return
    yield side_by_side(service)
    since = time.time()
    yield from headers(service, callers)
    if traces.answers():
        checked = Checked(service.name, service.contract, since, *callers)
        yield from of_spans(traces, checked, patience)
    else:
        what = f"tracing was not checked: no trace backend answers at {traces.url}"
        yield Finding("warn", what, NO_BACKEND)


def of_term(service: Service, term: Term) -> Finding:
    return judged(str(term), service.broken(term), LOOK)


def of_spans(traces: Traces, checked: Checked, patience: float) -> Iterator[Finding]:
    try:
        yield from tracing.findings(traces, checked, patience)
    except OSError as error:
        yield Finding("fail", f"the trace backend at {traces.url} failed: {error}", NO_BACKEND)


def judged(what: str, broken: str, fix: str) -> Finding:
    return Finding("fail", f"{what}: {broken}", fix) if broken else Finding("ok", what)


def health(service: Service) -> Iterator[Finding]:
    for path, fix in HEALTH:
        try:
            status = service.send(Request(path)).status
            broken = "" if status == 200 else f"answered {status}"
        except NoAnswer as error:
            broken = f"is not answered: {error}"
        yield judged(f"GET {path} -> 200", broken, fix)


def unknown_path(service: Service, caller: Caller) -> Finding:
    """A page may be about it; every other service answers JSON."""
    page = service.contract.reading.answer is None
    request = Request(NOTHING, headers=caller.headers)
    term = Term(request, 404, None) if page else Term(request, 404)
    return judged(str(term), service.broken(term), ERRORS)


def in_time(service: Service) -> Finding:
    """One answer may be late for another program's sake; where half of them are, it is slow."""
    limit, taken = service.deadline * service.contract.within, service.taken
    if not taken:
        return Finding("fail", "no further request was answered in time", FASTER)
    what = f"{len(taken)} answers within {limit:.2g} s each, the slowest {max(taken):.2g} s"
    if median(taken) > limit:
        return Finding("fail", f"too slow: not {what}", FASTER)
    return Finding("ok", what) if max(taken) <= limit else Finding("warn", f"not {what}", FASTER)


def side_by_side(service: Service) -> Finding:
    """Several requests at once, while a connection stays open as those of the shop do."""
    where, path = urlsplit(service.url), service.contract.reading.request.path
    idle = connection_to(where, service.deadline)
    try:
        idle.request("GET", where.path.rstrip("/") + path)
        idle.getresponse().read()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = list(pool.map(lambda _: service.read({}), range(AT_ONCE)))
        broken = next(filter(None, found), "")
    except (OSError, HTTPException) as error:
        broken = f"is not answered: {error}"
    finally:
        idle.close()
    return judged(f"{AT_ONCE} requests at once, beside an idle connection", broken, SIDE_BY_SIDE)


def headers(service: Service, callers: tuple[Caller, Caller, Caller]) -> Iterator[Finding]:
    """What a caller may send for tracing changes no answer."""
    sampled, _, unsampled = callers
    yield judged("answers a request with trace context", service.read(sampled.headers), LENIENT)
    broken = [service.read(unsampled.headers)]
    odd = tracing.odd_headers()
    for what, given in odd:
        broken.append(f"{what}: {found}" if (found := service.read(given)) else "")
    first = next(filter(None, broken), "")
    yield judged(f"answers requests with {len(odd)} kinds of odd trace context", first, LENIENT)
