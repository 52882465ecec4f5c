"""What an experiment has shown, read from its journal."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
        return Verdict("broken off", f"The experiment was {journal['status']}, and taken back.")
    if wrong := next(failures(journal), ""):
        return Verdict("broken off", f"The experiment tells nothing: {wrong}.")
    before, after = (journal["steady_states"][phase] for phase in ("before", "after"))
    if not (before or {}).get("steady_state_met"):
        told = f"Before anything was done, {missed(before)}: look at the shop first"
        return Verdict("not steady", f"{told}.")
    if journal["deviated"] or not (after or {}).get("steady_state_met"):
        return Verdict("deviated", f"The hypothesis does not hold: {missed(after)}.")
    return Verdict("held", "The hypothesis holds: it was so before, and stayed so.")


def failures(journal: Journal) -> Iterator[str]:
    """What was to be done and could not be."""
    for run in journal["run"]:
        if run["status"] == "failed":
            yield f"{run['activity']['name']} could not be done ({reason(run)})"


def missed(state: Mapping[str, Any] | None) -> str:
    """The probe that did not find what it should."""
    probes = (state or {}).get("probes") or []
    for run in probes:
        if not run.get("tolerance_met"):
            name = run["activity"]["name"]
            if run["status"] == "failed":
                return f"{name} could not be asked ({reason(run)})"
            wanted = words(run["activity"].get("tolerance"))
            return f"{name} was {number(run.get('output'))}, not {wanted}"
    return "nothing was asked"


def reason(run: Mapping[str, Any]) -> str:
    """The last line of what went wrong."""
    lines = [str(line).strip() for line in run.get("exception") or ()]
    return next((line for line in reversed(lines) if line), "no reason was given")


def words(tolerance: Any) -> str:
    """A tolerance as a person says it."""
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
