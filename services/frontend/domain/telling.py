"""All that is shown of one trace: how much of it is there, the sentence, the services, the rows."""

from dataclasses import dataclass

from services.frontend.domain.story import Story, complete
from services.frontend.domain.verdict import Verdict, verdict
from services.frontend.domain.waterfall import OWN_COLOUR, Waterfall, waterfall


@dataclass(frozen=True)
class Touched:
    """A service the click touched; `failed` when an error began in it or at a call of it."""

    name: str
    failed: bool

    @property
    def colour(self) -> str:
        return self.name if self.name in OWN_COLOUR else "outside"


@dataclass(frozen=True)
class Telling:
    """`state` is waiting (nothing has arrived), growing, complete, away (lens does not answer), or
    elsewhere (traces are kept by somebody else).
    """

    state: str
    verdict: Verdict | None = None
    waterfall: Waterfall | None = None
    touched: tuple[Touched, ...] = ()


WAITING, AWAY, ELSEWHERE = Telling("waiting"), Telling("away"), Telling("elsewhere")


def telling(story: Story | None, outside: frozenset[str]) -> Telling:
    """What can be said of a story so far; `outside` are the systems that send no spans."""
    if story is None or not story.spans:
        return WAITING
    state = "complete" if complete(story, outside) else "growing"
    return Telling(state, verdict(story), waterfall(story), touched(story))


def touched(story: Story) -> tuple[Touched, ...]:
    failed = {cause.peer or cause.service for cause in story.origins}
    called = (span.peer for span in story.spans if span.peer)
    names = dict.fromkeys((*story.services, *called))
    return tuple(Touched(name, name in failed) for name in names)
