"""What is expected of an answer, and what is wrong with one that is not so."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from acme.contract.exchange import Reply, Request
from shared.contracts.answer import Error
from shared.http.peer import first_problem

LONGEST = 60
JSON, HTML = "application/json", "text/html"
Judge = Callable[[Any], str]


def nothing_wrong(_: Any) -> str:
    return ""


@dataclass(frozen=True)
class Term:
    """One request and its answer: the status, the shape of the JSON, and what else must hold of
    that: `wrong` returns what does not, or "". Without an `answer` it is a page. `about` tells it
    from others to the same address.
    """

    request: Request
    status: int
    answer: Any = Error
    wrong: Judge = nothing_wrong
    about: str = ""

    def __str__(self) -> str:
        text = str(self.request)
        shown = f"{text[:LONGEST]}..." if len(text) > LONGEST else text
        return f"{shown} -> {self.status}{f', {self.about}' if self.about else ''}"

    def broken_by(self, reply: Reply) -> str:
        """What is wrong with the reply, as the end of a sentence about it; "" where nothing is."""
        if reply.status != self.status:
            return f"answered {reply.status}, not {self.status}: {reply.excerpt or 'nothing'}"
        wanted = JSON if self.answer else HTML
        if reply.content_type != wanted:
            return f"answered {reply.content_type}, not {wanted}"
        if not self.answer:
            return ""
        try:
            content = TypeAdapter(self.answer).validate_json(reply.body)
        except ValidationError as error:
            return f"answered {reply.status} in another shape: {first_problem(error)}"
        return self.wrong(content)


@dataclass(frozen=True)
class Contract:
    """What one service promises. `reading` is a request that changes nothing and of which the trace
    is looked at: it has the other services `calling` in it. Each answer comes `within` this share
    of the total deadline of a call (ACME_TIMEOUT_MS), which is what its callers leave it.
    """

    reading: Term
    terms: tuple[Term, ...] = field(default=())
    within: float = 1.0
    calling: tuple[str, ...] = ()
