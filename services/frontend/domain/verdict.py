"""What happened to a click, in one plain sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.frontend.domain.story import CALLS, Span, Story
from services.frontend.domain.words import gave_up, how, one_by_one, others, plural, took, who

WHAT = {
    "POST /checkout": "Checkout",
    "POST /login": "Logging in",
    "POST /login/demo": "Logging in",
    "POST /logout": "Logging out",
    "POST /register": "Registering",
    "POST /cart/items": "Adding to the cart",
    "POST /cart/items/{item_id}": "Changing the cart",
}
MISSING = {
    "shipping": "the status is missing",
    "suggestions": "the suggestions are missing",
    "articles": "the journal is missing",
    "catalog": "some of the products are missing",
}


@dataclass(frozen=True)
class Verdict:
    """`tone` is good, refused, degraded or bad; `note` is worth knowing beside it, such as who
    ordered the failure.
    """

    tone: str
    sentence: str
    note: str = ""


def verdict(story: Story) -> Verdict:
    root, causes = story.root, story.origins
    if root is None:
        return Verdict("good", "The beginning of this trace has not arrived yet.")
    if not causes:
        return unharmed(story, root)
    ordered = next((cause.fault for cause in causes if cause.fault), "")
    note = f"This failure is on purpose: it is the fault {ordered}." if ordered else ""
    return Verdict(*harmed(story, root, causes), note)


def harmed(story: Story, root: Span, causes: Sequence[Span]) -> tuple[str, str]:
    """Tone and sentence of a click below which something failed."""
    first = causes[0]
    told = f"{who(story, first)} {how(first)}{others(causes)}"
    if root.failed and first is root:
        return "bad", f"The frontend itself {how(root)}, before it asked anyone."
    if root.failed:
        return "bad", f"{what(root)} failed because {told}{gave_up(story, first)}."
    if root.status >= 400:
        return "refused", f"{what(root)} {refused(root)} because {told}."
    if first.status == 401:
        return "refused", f"The shop asks who you are: {told}."
    return "degraded", survived(story, root, first, told)


def unharmed(story: Story, root: Span) -> Verdict:
    if root.status >= 400:
        alone = len(story.services) == 1
        whom = ", without asking anyone" if alone else ""
        return Verdict("refused", f"{what(root)} {refused(root)}: the frontend {how(root)}{whom}.")
    spans, services = plural(len(story.spans), "span"), plural(len(story.services), "service")
    told = f"Everything went well: {spans} in {services}, {took(root.took)}."
    return Verdict("good", told, one_by_one(story))


def what(root: Span) -> str:
    return WHAT.get(root.name, "This page")


def refused(root: Span) -> str:
    return "was not found" if root.status == 404 else "was refused"


def survived(story: Story, root: Span, cause: Span, told: str) -> str:
    """A failure below an answer that is a success."""
    fine = "It went through" if root.name.startswith("POST") else "The page is fine"
    if retried(story, cause):
        return f"{fine}: {told}, but another try went well."
    missing = next((MISSING[name] for name in chain(story, cause) if name in MISSING), "")
    return f"{fine}, but {told}{f': that is why {missing}' if missing else ''}."


def chain(story: Story, cause: Span) -> list[str]:
    """Who was at work from the cause up to the root, and who did not answer at all."""
    spans = (cause, *story.above(cause))
    return list(dict.fromkeys(name for span in spans for name in (span.peer, span.service)))


def retried(story: Story, cause: Span) -> bool:
    """Whether the same call, or one that waited for it, was made again and then went well."""
    return any(
        later.name == span.name and later.start >= span.end and not later.failed
        for span in (cause, *story.above(cause))
        if span.kind in CALLS
        for later in story.children.get(span.parent or "", ())
    )
