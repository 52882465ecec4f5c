"""Which program is checked against which traces, and how what was found is printed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from acme import terminal
from acme.contract.check import Service, check
from acme.contract.tracing import Traces
from acme.doctor.finding import Finding, lines_of
from acme.launcher import environment
from acme.launcher.state import RunFolder
from acme.running import running_urls
from shared.settings import ServiceSettings, settings_for
from shared.telemetry.redaction import redacted_url
from traces.units import plural


@dataclass(frozen=True)
class Check:
    """A check that is under way: the findings come one by one."""

    service: str
    url: str
    findings: Iterator[Finding]


def checked(name: str, url: str | None, traces: str | None, run: Path) -> Check:
    """Checks the service at `url`, with the traces at `traces`; without them where the running shop
    has them, or else the environment. Raises SettingError.
    """
    settings = settings_for(name, environment.own())
    urls = {**settings.urls, **running_urls(run)}
    service = Service(name, url or urls[name], settings.timeout)
    backend = Traces(traces or urls["lens"], otlp_of(settings, run))
    return Check(name, service.url, check(service, backend))


def otlp_of(settings: ServiceSettings, run: Path) -> str:
    """Where spans go: to lens of the running shop, or else where the settings say."""
    state = RunFolder(run).running()
    lens = state.services.get("lens") if state else None
    if lens and not lens.outside:
        return environment.address(urlsplit(lens.url).hostname or "", lens.ports[1])
    return settings.telemetry.traces.endpoint.removesuffix("/v1/traces")


def report(found: Check) -> bool:
    """Prints each finding as it comes, and what they come to; whether no promise is broken."""
    marks = Counter[str]()
    for finding in found.findings:
        marks[finding.mark] += 1
        for line in lines_of(finding):
            print(line, flush=True)
    print(conclusion(found, marks))
    return not marks["fail"]


def conclusion(found: Check, marks: Counter[str]) -> str:
    who = f"{found.service} at {redacted_url(found.url)}"
    promises = plural(marks.total(), "check")
    advice = f"; {plural(marks['warn'], 'warning')}" if marks["warn"] else ""
    if marks["fail"]:
        return f"{who} breaks its contract: {marks['fail']} of {promises} failed{advice}"
    return f"{who} keeps its contract: {promises}{advice}"


def report_as_json(found: Check) -> bool:
    """The same as one JSON object, once all checks are done."""
    findings = list(found.findings)
    kept = not any(finding.mark == "fail" for finding in findings)
    about = {"service": found.service, "url": redacted_url(found.url), "kept": kept}
    print(terminal.as_json({**about, "checks": [asdict(finding) for finding in findings]}))
    return kept
