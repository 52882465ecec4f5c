"""Who may do what: a presenter everything, a student what affects their own session only."""

import hmac
from dataclasses import dataclass
from typing import Literal

from chaos.control_plane.domain.entry import Entry
from chaos.control_plane.domain.reading import Problem

MOST_OF_A_STUDENT, MOST_OF_STUDENTS = 20, 150  # the rest of the 200 is for presenters
MOST_RUNS_OF_A_SESSION, MOST_RUNS_OF_STUDENTS = 3, 40

Role = Literal["presenter", "student", "none"]


@dataclass(frozen=True)
class Caller:
    """The caller's role, and session in the shop, "" without one. A presenter who is `guessing` is
    looking for the cause, too, and must not see it.
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
            message = "there is no session: open the shop first, or give ?session="
            raise Problem(400, "no-session", message)
        return self.session

    def may_put(self, entry: Entry) -> None:
        """A student applies faults to their own session or to a plan, and none that are hidden."""
        if self.is_presenter:
            return
        if entry.scope == "class":
            self.must_be_presenter("apply a fault for everybody: set where.match.session")
        if entry.scope == "session" and entry.fault.where.match.session != self.session:
            raise Problem(403, "forbidden", "a student can apply faults to their own session only")
        if entry.fault.hidden:
            self.must_be_presenter("hide a fault")

    def may_have(self, number: int, in_all: int) -> None:
        """A student leaves capacity for others: of their own faults, and of all faults."""
        if self.is_presenter:
            return
        if number > MOST_OF_A_STUDENT:
            message = f"a student has {MOST_OF_A_STUDENT} faults at most: clear some first"
            raise Problem(429, "too-many", message)
        if in_all > MOST_OF_STUDENTS:
            message = f"the limit for students is {MOST_OF_STUDENTS} faults in all"
            raise Problem(429, "too-many", message)

    def may_start(self, here: int, in_all: int) -> None:
        """Limits the runs of scenarios at a time: in one session, and in all."""
        if self.is_presenter:
            return
        if here > MOST_RUNS_OF_A_SESSION:
            limit = f"at most {MOST_RUNS_OF_A_SESSION} scenarios can run in one session"
            raise Problem(429, "too-many", f"{limit}: stop one first")
        if in_all > MOST_RUNS_OF_STUDENTS:
            message = f"{MOST_RUNS_OF_STUDENTS} scenarios are running: wait until one is over"
            raise Problem(429, "too-many", message)

    def may_change(self, entry: Entry) -> None:
        """Raises Problem unless they may change or remove this fault."""
        if self.is_presenter or (self.session and entry.owner == self.name):
            return
        if entry.scope == "session" and entry.fault.where.match.session == self.session:
            return
        raise Problem(
            403, "forbidden", f"{entry.id} does not belong to your session: ask the presenter"
        )


PRESENTER = Caller("presenter")


def role_of(token: str | None, presenter: str, student: str, default: Role) -> Role | None:
    """The role of a token, None for an unknown one; without a token the default. Compares in
    constant time.
    """
    if not token:
        return default
    given = token.encode()
    is_presenter = hmac.compare_digest(given, presenter.encode())
    is_student = hmac.compare_digest(given, student.encode())
    if presenter and is_presenter:
        return "presenter"
    return "student" if student and is_student else None
