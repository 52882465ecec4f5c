"""What the drawer shows of a click's trace."""

import pytest

from chaos.engine.model import Fault, Snapshot
from services.frontend.views.explained import WAITING, explained
from tests.services.frontend.conftest import Browser
from tests.traces.made import Made, checkout, order_status
from traces.findings import findings
from traces.verdict import verdict

OUTSIDE = frozenset({"bank", "carrier"})


def test_the_drawer_has_the_verdict_and_the_findings_of_the_trace() -> None:
    trace = checkout(bank=503).trace()
    story = explained(trace, OUTSIDE)
    assert story.verdict == verdict(trace)
    assert story.findings == findings(trace)


def test_a_story_is_complete_when_every_answered_call_has_its_receiver() -> None:
    whole = checkout()
    assert explained(whole.trace(), OUTSIDE).state == "complete"
    whole.spans = [span for span in whole.spans if span.service != "auth"]
    assert explained(whole.trace(), OUTSIDE).state == "growing"
    assert explained(None, OUTSIDE) is WAITING


def test_a_story_without_its_root_has_no_judgement_yet() -> None:
    made = checkout(bank=503)
    made.spans = made.spans[1:]
    story = explained(made.trace(), OUTSIDE)
    assert story.state == "growing"
    assert story.verdict is not None
    assert story.verdict.tone == "unknown"


def test_the_systems_outside_are_among_those_reached_and_the_failed_one_is_marked() -> None:
    story = explained(checkout(bank=503).trace(), OUTSIDE)
    assert [(t.name, t.failed) for t in story.touched] == [
        ("frontend", False),
        ("gateway", False),
        ("auth", False),
        ("orders", False),
        ("payment", False),
        ("bank", True),
    ]


def test_a_trace_that_is_a_circle_is_survived() -> None:
    made = Made()
    first = made.span("a", "one", "0000000000000002", failed=True)
    made.span("a", "two", first, failed=True)
    assert explained(made.trace(), OUTSIDE).state == "growing"


@pytest.mark.parametrize(
    ("carrier", "consequence"), [(503, "That is why the status is missing."), (200, "")]
)
def test_a_degraded_page_says_what_it_lacks_in_the_words_of_the_shop(
    carrier: int, consequence: str
) -> None:
    assert explained(order_status(carrier=carrier).trace(), OUTSIDE).consequence == consequence


def test_a_retry_that_went_well_leaves_nothing_missing() -> None:
    made = Made()
    root = made.root("GET /orders/{order_id}", 200)
    made.hop("frontend", "shipping", "GET /status", root, status=503, at=(1, 3))
    made.hop("frontend", "shipping", "GET /status", root, at=(5, 9))
    assert explained(made.trace(), OUTSIDE).consequence == ""


def n_plus_one() -> Made:
    made = Made()
    root = made.root("GET /journal", 200)
    for index in range(8):
        at = (2 * index, 2 * index + 1)
        made.hop("frontend", "suggestions", "GET /suggestions/{id}", root, at=at)
    return made


@pytest.mark.parametrize("hidden", [False, True])
async def test_while_a_scenario_hides_its_cause_the_drawer_draws_no_conclusions(
    browser: Browser, hidden: bool
) -> None:
    await browser.get("/")
    session = browser.cookies["shop_session"].partition(".")[0]
    culprit = {"where": {"service": "cart", "match": {"session": session}}, "hidden": hidden}
    effect = {"type": "error"}
    fault = Fault.model_validate({"id": "culprit", "effect": effect, **culprit})
    browser.faults.replace(Snapshot(faults=(fault,)))
    browser.stories[f"{7:032x}"] = n_plus_one().story(f"{7:032x}")

    for address in (f"/clicks/{7:032x}/story", f"/clicks/{7:032x}"):
        page = (await browser.get(address)).text
        assert ("an N+1" in page) is not hidden


async def test_what_is_hidden_from_others_takes_no_conclusion_away(browser: Browser) -> None:
    where = {"service": "cart", "match": {"session": "others"}}
    content = {"id": "culprit", "where": where, "hidden": True, "effect": {"type": "error"}}
    browser.faults.replace(Snapshot(faults=(Fault.model_validate(content),)))
    browser.stories[f"{7:032x}"] = n_plus_one().story(f"{7:032x}")
    assert "an N+1" in (await browser.get(f"/clicks/{7:032x}/story")).text
