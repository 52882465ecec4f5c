"""What an experiment has shown, by the journal that Chaos Toolkit wrote."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Journal = Mapping[str, Any]
Word = Literal["held", "deviated", "not steady", "broken off"]
DEVIATED = 4


@dataclass(frozen=True)
class Verdict:
    """One word, a sentence, and the exit code that says so."""

    word: Word
    sentence: str

    @property
    def code(self) -> int:
        return {"held": 0, "deviated": DEVIATED}.get(self.word, 1)


def verdict(journal: Journal) -> Verdict:
    if journal["status"] in {"aborted", "interrupted"}:
        return Verdict("broken off", f"The experiment was {journal['status']}, and rolled back.")
    if wrong := next(failures(journal), ""):
        return Verdict("broken off", f"The experiment shows nothing: {wrong}.")
    before, after = (journal["steady_states"][phase] for phase in ("before", "after"))
    if not (before or {}).get("steady_state_met"):
        return Verdict("not steady", f"Even before the method, {missed(before)}: look at the shop.")
    if journal["deviated"] or not (after or {}).get("steady_state_met"):
        return Verdict("deviated", f"The hypothesis does not hold: {missed(after)}.")
    return Verdict("held", "The hypothesis holds, before the method and after it.")


def failures(journal: Journal) -> Iterator[str]:
    """The activities of the method that could not be done."""
    for run in journal["run"]:
        if run["status"] == "failed":
            yield f"{run['activity']['name']} could not be done ({reason(run)})"


def missed(state: Mapping[str, Any] | None) -> str:
    """The probe that was out of its tolerance."""
    probes = (state or {}).get("probes") or []
    for run in probes:
        if not run.get("tolerance_met"):
            name = run["activity"]["name"]
            if run["status"] == "failed":
                return f"{name} could not be measured ({reason(run)})"
            wanted = in_words(run["activity"].get("tolerance"))
            return f"{name} was {number(run.get('output'))}, not {wanted}"
    return "no probe was run"


def reason(run: Mapping[str, Any]) -> str:
    """The last line of the exception."""
    lines = [str(line).strip() for line in run.get("exception") or ()]
    return next((line for line in reversed(lines) if line), "no reason was given")


def in_words(tolerance: Any) -> str:
    """A tolerance in words."""
    if isinstance(tolerance, Mapping) and tolerance.get("type") == "range":
        low, high = tolerance["range"]
        return number(low) if low == high else f"{number(low)} to {number(high)}"
    if isinstance(tolerance, Mapping):
        return str(tolerance.get("type", "?"))
    if isinstance(tolerance, list):
        return " or ".join(map(number, tolerance))
    return number(tolerance)


def number(value: Any) -> str:
    """`0.95`, `1`, `238.4`; anything else as it is written."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def faults_of(journal: Journal) -> list[str]:
    """The ids of the faults that the method applies."""
    done = (run["activity"]["provider"].get("arguments") or {} for run in journal["run"])
    return [given["fault"]["id"] for given in done if isinstance(given.get("fault"), Mapping)]


def unix_seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
