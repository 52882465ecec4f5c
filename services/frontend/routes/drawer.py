"""What happened to my click: what the drawer at the end of every page starts with."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.frontend.domain.visitor import Click, Session
from services.frontend.routes.visit import Visit


@dataclass(frozen=True)
class Drawer:
    """`clicks` are shown in this order, the first one also in the bar; `open` when there is a
    failure to look at.
    """

    clicks: tuple[tuple[str, Click], ...]
    open: bool
    drawn: bool
    recorded: bool
    tracing: bool


class Links:
    """Addresses of a whole trace, by name, `{trace_id}` in each; and of the control room."""

    def __init__(self, lens: str, control: str, others: Mapping[str, str], *, drawn: bool) -> None:
        self.lens, self.drawn, self._control = lens, drawn, control
        self._links = dict(others) or {"Open the full trace": f"{lens}/trace/{{trace_id}}"}

    def of(self, trace_id: str) -> dict[str, str]:
        return {name: url.replace("{trace_id}", trace_id) for name, url in self._links.items()}

    def first(self, trace_id: str) -> str:
        return next(iter(self.of(trace_id).values()))

    def control_room(self, session: Session | None) -> str:
        """With the session in the address: another host does not get the cookie."""
        return f"{self._control}/?session={session.id}" if session else f"{self._control}/"

    def drawer(self, visit: Visit, status: int) -> Drawer:
        """For a page that answers with this status."""
        return Drawer(
            clicks=headed(visit.before, visit.click(status)),
            # Whoever mistyped something knows what happened.
            open=status >= 400 and status not in {400, 401},
            drawn=self.drawn,
            recorded=visit.recorded,
            tracing=bool(visit.trace_id),
        )


def headed(before: Click | None, page: Click) -> tuple[tuple[str, Click], ...]:
    """The click that led here, then the page that it led to; a page that failed comes first."""
    if before is None:
        return (("Your click", page),)
    if page.status >= 500:
        return (("This page", page), ("The click that led here", before))
    return (("Your click", before), ("Then the page it led to", page))
