"""Who may do what: a presenter everything, a student what strikes their own session."""

import hmac
from dataclasses import dataclass
from typing import Literal

from chaos.control_plane.domain.entry import Entry
from chaos.control_plane.domain.reading import Problem

MOST_OF_A_STUDENT, MOST_OF_STUDENTS = 20, 150  # the last of all faults are for presenters
MOST_RUNS_OF_A_SESSION, MOST_RUNS_OF_STUDENTS = 3, 40

Role = Literal["presenter", "student", "none"]


@dataclass(frozen=True)
class Caller:
    """Who is asking, and as whom in the shop; `session` is empty for who has none. A presenter who
    is `guessing` looks for the cause, too, and must not be told of it.
    """

    role: Role
    session: str = ""
    guessing: bool = False

    @property
    def is_presenter(self) -> bool:
        return self.role == "presenter"

    @property
    def name(self) -> str:
        return f"{self.role} {self.session}".strip()

    @property
    def sees_hidden(self) -> bool:
        return self.is_presenter and not self.guessing

    def sees(self, hidden: bool) -> bool:
        return self.sees_hidden or not hidden

    def must_be_presenter(self, to: str) -> None:
        if not self.is_presenter:
            raise Problem(403, "forbidden", f"only a presenter may {to}")

    def must_have_session(self) -> str:
        if not self.session:
            told = "nobody knows which session is meant: open the shop first, or give ?session="
            raise Problem(400, "no-session", told)
        return self.session

    def may_put(self, entry: Entry) -> None:
        """A student aims at their own session or at a plan, and hides nothing."""
        if self.is_presenter:
            return
        if entry.scope == "class":
            self.must_be_presenter("break something for everybody: where.match.session is for you")
        if entry.scope == "session" and entry.fault.where.match.session != self.session:
            raise Problem(403, "forbidden", "a student breaks things for their own session only")
        if entry.fault.hidden:
            self.must_be_presenter("hide a fault")

    def may_have(self, number: int, in_all: int) -> None:
        """A student leaves room for others, by faults of their own and by all there are."""
        if self.is_presenter:
            return
        if number > MOST_OF_A_STUDENT:
            told = f"a student has {MOST_OF_A_STUDENT} faults at most: clear some first"
            raise Problem(429, "too-many", told)
        if in_all > MOST_OF_STUDENTS:
            told = f"there is room for {MOST_OF_STUDENTS} faults, the rest is for presenters"
            raise Problem(429, "too-many", told)

    def may_begin(self, here: int, in_all: int) -> None:
        """As many runs of scenarios at a time: in one session, and in all."""
        if self.is_presenter:
            return
        if here > MOST_RUNS_OF_A_SESSION:
            told = f"{MOST_RUNS_OF_A_SESSION} scenarios run at most in one session: stop one first"
            raise Problem(429, "too-many", told)
        if in_all > MOST_RUNS_OF_STUDENTS:
            told = f"{MOST_RUNS_OF_STUDENTS} scenarios run already: wait until one is over"
            raise Problem(429, "too-many", told)

    def may_change(self, entry: Entry) -> None:
        """Whether an entry that is there may be changed or removed by them."""
        if self.is_presenter or (self.session and entry.owner == self.name):
            return
        if entry.scope == "session" and entry.fault.where.match.session == self.session:
            return
        raise Problem(403, "forbidden", f"{entry.id} is not a student's own: ask the presenter")


PRESENTER = Caller("presenter")


def role_of(token: str | None, presenter: str, student: str, default: Role) -> Role | None:
    """The role that a token gives, None when it is of nobody; without one it is the default. It
    takes as long for any token.
    """
    if not token:
        return default
    given = token.encode()
    is_presenter = hmac.compare_digest(given, presenter.encode())
    is_student = hmac.compare_digest(given, student.encode())
    if presenter and is_presenter:
        return "presenter"
    return "student" if student and is_student else None
