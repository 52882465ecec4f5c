"""The shop's journal, as its readers see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Article:
    id: str
    author: str
    title: str
    text: str
    suggested: tuple["Article", ...] = ()

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Article":
        return cls(
            id=str(told["id"]),
            author=str(told["author"]),
            title=str(told["title"]),
            text=str(told["text"]),
            suggested=tuple(cls.of(other) for other in told.get("suggested") or ()),
        )

    @property
    def opening(self) -> str:
        """Its first sentence."""
        first, stop, _ = self.text.partition(". ")
        return first + stop.strip()

    @property
    def minutes(self) -> int:
        """How long it takes to read."""
        return max(1, round(len(self.text.split()) / 200))
