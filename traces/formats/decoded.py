"""What reading gives: the entries that can be kept, and why the others cannot."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from traces.model import PLAIN, Origin

T = TypeVar("T")


class Recorder(NamedTuple):
    """What the spans of one scope of one resource share."""

    service: str
    resource: dict[str, Any]
    scope: str = ""
    scope_version: str = ""
    origin: Origin = PLAIN


class NotKept(ValueError):
    """An entry that cannot be kept. `what` is the part of it that is wrong, in words that many
    share, such as `span id`; the message is a sentence with the value and the form wanted.
    """

    def __init__(self, what: str, message: str) -> None:
        super().__init__(message)
        self.what = what


class TooMany(ValueError):
    """More entries than may come at once."""


@dataclass
class Decoded(Generic[T]):
    """The entries that were `taken`, how many others were rejected for what, and the message of
    the first of these. `notes` say what else was left out, in a sentence each.
    """

    taken: list[T] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    first: str = ""
    notes: list[str] = field(default_factory=list)
    limit: int | None = None

    def expect(self, entries: int) -> None:
        """Raises TooMany if so many more would exceed the limit: small ones could fill the memory
        although the bytes they came in are few.
        """
        if self.limit is not None and len(self.taken) + self.rejected + entries > self.limit:
            raise TooMany(f"at most {self.limit} spans or log records are taken at once")

    def reject(self, error: NotKept, label: str = "", entries: int = 1) -> None:
        """Counts `entries` as rejected; `label` says which they are."""
        self.reasons[error.what] += entries
        self.first = self.first or (f"{label}: {error}" if label else str(error))

    def add(self, other: "Decoded[T]", label: str = "") -> None:
        """Takes over what another has; `label` says where that comes from."""
        self.taken += other.taken
        self.reasons += other.reasons
        if other.first:
            self.first = self.first or (f"{label}: {other.first}" if label else other.first)
        self.notes += other.notes

    @property
    def rejected(self) -> int:
        return self.reasons.total()

    @property
    def explanation(self) -> str:
        """Why entries were rejected, or what else was left out; empty if all were taken."""
        parts = [self.first] if self.first else []
        if self.rejected > 1:
            counts = ", ".join(f"{what} {count}" for what, count in self.reasons.most_common())
            parts.append(f"{self.rejected} are rejected in all, by what is wrong: {counts}")
        return "; ".join((*parts, *self.notes))
