"""What travels, and how long its handling may take."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

BODY = "body"  # the field with the JSON; the trace's headers have the others


@dataclass(frozen=True)
class Message:
    """An event: its id in the stream, its JSON body, and how often it was given out before."""

    id: str
    body: Any
    redelivered: int = 0


@dataclass(frozen=True)
class Entry:
    """A message as Redis keeps it, not yet looked into."""

    id: str
    fields: Mapping[str, str]
    redelivered: int = 0

    def message(self) -> Message:
        """Raises what fits, when somebody else wrote it and it is no message of ours."""
        return Message(self.id, json.loads(self.fields[BODY]), self.redelivered)


@dataclass(frozen=True)
class Patience:
    """How long things may take, in seconds, and how often they are tried."""

    handling: float
    pause: float = 2.0  # before what failed is tried again
    poll: float = 1.0  # the longest wait for something new
    forget: float = 300.0  # until a consumer that asks for nothing counts as dead
    deliveries: int = 5  # of what makes its handler crash

    @property
    def lease(self) -> float:
        """A message belongs to its consumer for so long, then to whoever asks: longer than its
        handling may take, so that nobody takes over from the living.
        """
        return self.handling + self.pause
