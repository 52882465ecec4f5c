"""What a check of the doctor has found, and how findings are printed."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from acme.terminal import as_json

Mark = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One line of the doctor: how it is, what was looked at, and a sentence on what to do."""

    mark: Mark
    what: str
    fix: str = ""


def graded(amount: float, enough: float, least: float) -> Mark:
    """How an amount is: ok from `enough` on, a failure below `least`."""
    if amount >= enough:
        return "ok"
    return "warn" if amount >= least else "fail"


def lines_of(finding: Finding) -> list[str]:
    """As it is printed: below it, what to do."""
    return [f"{finding.mark:4}  {finding.what}", *([f"      {finding.fix}"] if finding.fix else [])]


def report(found: Iterable[Finding]) -> bool:
    """Prints each finding as it comes; whether none of them is a failure."""
    failures = 0
    for finding in found:
        for line in lines_of(finding):
            print(line, flush=True)
        failures += finding.mark == "fail"
    return not failures


def report_as_json(found: Iterable[Finding]) -> bool:
    """The same as one JSON array, once all checks are done."""
    findings = list(found)
    print(as_json([asdict(finding) for finding in findings]))
    return not any(finding.mark == "fail" for finding in findings)
