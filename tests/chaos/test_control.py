"""The state of the control plane: which faults count, until when, and who hears of it."""

import asyncio
import time
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest

from chaos.control_plane.flows.control import MOST, RESEND, Control, Stopped
from chaos.control_plane.store import profiles
from chaos.engine.model import Snapshot
from shared.errors import SettingError, TooManyRequests
from tests.chaos.opened import Clock, control_in, entry, fault, own, report


@pytest.fixture
def control(tmp_path: Path, clock: Clock) -> Control:
    return control_in(tmp_path, clock)


def ids(control: Control) -> list[str]:
    return [one.id for one in control.entries()]


def sent(control: Control) -> dict[str, float]:
    """What the processes are content: the ids and how long each lasts."""
    snapshot = Snapshot.model_validate(control.snapshot())
    return {one.id: one.ttl for one in snapshot.faults}


def test_several_faults_are_one_revision(control: Control) -> None:
    before = control.revisions.last
    control.put(entry("one"), entry("two"))
    assert (ids(control), control.revisions.last) == (["one", "two"], before + 1)


def test_a_fault_that_is_put_again_is_another_one(control: Control) -> None:
    control.put(entry("one", rate=0.1))
    control.put(entry("one", rate=0.2))
    assert [one.fault.rate for one in control.entries()] == [0.2]


def test_a_process_gets_the_remaining_time(control: Control, clock: Clock) -> None:
    control.put(entry("one", ttl=60))
    clock.now += 45
    assert sent(control) == {"one": 15}


def test_a_fault_leaves_when_its_time_is_over_with_one_revision(
    control: Control, clock: Clock
) -> None:
    control.put(entry("one", ttl=60), entry("two", ttl=60), entry("three", ttl=61))
    before = control.revisions.last
    clock.now += 60
    assert (ids(control), control.revisions.last) == (["three"], before + 1)
    assert control.remove("one") == []


def test_what_is_live_comes_before_a_scenario_and_that_before_the_profile(
    control: Control,
) -> None:
    control.choose("realistic")
    wanted = "realistic-errors"
    control.replace_source("scenario:r-1", [entry(wanted, source="scenario:r-1", rate=0.3)])
    control.put(entry(wanted, rate=0.9))
    rates = []
    while found := control.entry(wanted):
        rates.append(found.fault.rate)
        control.remove(wanted)
    assert rates == [0.9, 0.3, 0.005]


def test_a_source_is_replaced_as_a_whole_and_only_when_it_differs(control: Control) -> None:
    control.put(entry("other"))
    both = [entry(id_, source="scenario:r-1") for id_ in ("one", "two")]
    control.replace_source("scenario:r-1", both)
    before = control.revisions.last
    control.replace_source("scenario:r-1", both)
    assert control.revisions.last == before
    control.replace_source("scenario:r-1", both[:1])
    assert (ids(control), control.revisions.last) == (["other", "one"], before + 1)


def test_there_are_never_more_faults_than_a_process_takes(control: Control) -> None:
    control.put(*(entry(f"f-{number}") for number in range(MOST)))
    before = control.revisions.last
    with pytest.raises(TooManyRequests, match=f"there are {MOST} faults at most"):
        control.put(entry("one-more"))
    with pytest.raises(TooManyRequests):
        control.replace_source("scenario:r", [entry("more", source="scenario:r")])
    control.put(entry("f-1", rate=0.5))
    assert (len(control.entries()), control.revisions.last) == (MOST, before + 1)


def test_the_profiles_say_what_of_the_services_own_faults_rests(control: Control) -> None:
    content = {}
    for name in control.book.profiles:
        control.choose(name)
        content[name] = (control.book.calm, len(control.entries()) > 0)
    assert content == {
        "calm": ("defaults", False),
        "default": ("no", False),
        "realistic": ("defaults", True),
    }


def test_a_profiles_faults_have_no_end_and_are_sent_again_in_time(
    control: Control, clock: Clock
) -> None:
    control.choose("realistic")
    assert {one.ends for one in control.entries()} == {inf}
    assert set(sent(control).values()) == {4 * 3600}
    before = control.revisions.last
    for _ in range(4):
        clock.now += RESEND + 1
        control.tick()
        control.tick()
    assert control.revisions.last == before + 4


def test_after_a_stop_of_everything_nothing_is_left_that_fails(control: Control) -> None:
    control.choose("realistic")
    control.put(entry("one"), entry("mine", "session", where={"match": {"session": "s-12"}}))
    removed = control.stop(None).removed
    assert {"one", "mine", "realistic-errors"} <= set(removed)
    assert (control.entries(), control.book.profile, control.book.calm) == ([], "calm", "all")
    control.choose("default")
    assert (control.book.calm, control.book.stopped) == ("no", False)


def test_a_reset_works_though_a_run_cannot_be_stopped(control: Control) -> None:
    def broken(_session: str | None) -> list[str]:
        raise RuntimeError("this run is stuck")

    control.on_reset += [broken, lambda session: [f"r-{session}"]]
    control.put(entry("one"))
    assert control.stop(None) == Stopped(["one"], ["r-None"], [])


def test_a_sessions_reset_takes_its_own_faults_and_plans_and_no_others(control: Control) -> None:
    aimed = {"match": {"session": "s-12"}}
    mine = replace(entry("plan-p-1", "plan", source="plan:p-1"), owner="student s-12")
    theirs = replace(entry("plan-p-2", "plan", source="plan:p-2"), owner="student s-34")
    control.put(entry("mine", "session", where=aimed), entry("all"), mine, theirs)
    assert control.stop("s-12").removed == ["mine", "plan-p-1"]
    assert ids(control) == ["all", "plan-p-2"]


def test_what_the_environment_asks_for_comes_before_a_profile_and_after_what_is_live(
    tmp_path: Path, clock: Clock
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("faults: [{id: auth-failure, rate: 0.5, effect: {type: error}}]")
    control = control_in(tmp_path, clock, str(file))
    assert (control.book.profile, sent(control)) == ("file", {"auth-failure": 4 * 3600})
    before = control.revisions.last
    control.hear(report(own=[own("auth-failure", "environment AUTH_FAILURE_RATE")]))
    assert (control.revisions.last, sent(control)) == (before + 1, {})
    control.put(entry("auth-failure"))
    assert set(sent(control)) == {"auth-failure"}


def test_a_file_of_faults_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(
        SettingError, match="ACME_FAULTS=nowhere cannot be used: it is none of calm"
    ):
        profiles("nowhere")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("faults: [{id: one, rats: 1, effect: {type: error}}]")
    with pytest.raises(SettingError, match='did you mean "rate"'):
        profiles(str(wrong))


def test_a_process_that_is_silent_is_gone_and_one_that_polls_has_what_it_says(
    control: Control, clock: Clock
) -> None:
    control.hear(report("auth", revision=control.revisions.last))
    control.hear(report("cart", revision=control.revisions.last))
    control.put(entry("one"))
    assert control.applied() == (0, 2)
    control.polled("auth", "auth-1", control.revisions.last)
    assert control.applied("one") == (1, 2)
    clock.now += 10
    control.polled("auth", "auth-1", control.revisions.last)
    clock.now += 6
    assert control.applied() == (1, 1)


def test_tallies_are_those_of_all_processes(control: Control, clock: Clock) -> None:
    tally = {"one": {"matched": 3, "fired": 1}}
    control.hear(report("auth", tallies=tally))
    control.hear(report("cart", tallies=tally))
    matched, fired = control.instances.tallies(clock())
    assert (matched["one"], fired["one"]) == (6, 2)


def test_a_hidden_fault_is_a_secret_until_it_is_revealed_also_when_it_is_gone(
    control: Control,
) -> None:
    control.put(entry("one", hidden=True))
    control.remove("one")
    control.put(entry("one"))
    assert control.hits.secrets == {"one"}
    control.reveal("one")
    assert control.hits.secrets == set()


def test_what_is_revealed_is_hidden_no_longer_in_any_process(control: Control) -> None:
    control.put(entry("one", hidden=True))
    before = control.revisions.last
    control.reveal("one", "nothing")
    assert control.revisions.last == before + 1
    assert [one.fault.hidden for one in control.entries()] == [False]


def test_the_book_forgets_the_oldest_hits_and_never_their_number(control: Control) -> None:
    book = type(control.hits)(most=3)
    hits = report(hits=[{"fault": f"f-{number}", "session": "s"} for number in range(5)]).hits
    book.record("auth", "a-1", hits)
    assert [one.hit.fault for one in book.find()] == ["f-2", "f-3", "f-4"]
    assert [one.number for one in book.after(4)] == [5]
    assert (book.number, list(book.find(fault="f-1"))) == (5, [])


async def test_keeping_time_ends_faults_without_anybody_asking(tmp_path: Path) -> None:
    control = control_in(tmp_path, time.time)
    keeping = asyncio.create_task(control.keep_time())
    short = fault("short", ttl=0.05)
    control.put(replace(entry("short"), fault=short, ends=time.time() + 0.05))
    seen = control.revisions.last
    async with asyncio.timeout(5):
        assert await control.revisions.changed(seen, 5) == seen + 1
    assert control.entries() == []
    control.revisions.end_waits()
    keeping.cancel()


def test_a_profile_beyond_the_limit_is_not_chosen(control: Control) -> None:
    control.put(*(entry(f"f-{n}") for n in range(MOST)))
    with pytest.raises(TooManyRequests):
        control.choose("realistic")
    assert (control.book.profile, control.book.calm) == ("default", "no")
