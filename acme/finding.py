"""What a check of the doctor has found."""

from dataclasses import dataclass
from typing import Literal

Mark = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One line of the doctor: how it is, what was looked at, and a sentence on what to do."""

    mark: Mark
    what: str
    remedy: str = ""


def graded(amount: float, enough: float, least: float) -> Mark:
    """How an amount is: ok from `enough` on, a failure below `least`."""
    if amount >= enough:
        return "ok"
    return "warn" if amount >= least else "fail"
