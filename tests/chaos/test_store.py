"""What outlives the control plane's process, and what does not."""

import json
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import pytest

from chaos.control_plane.flows.control import Control
from chaos.control_plane.store import FaultFile, profiles
from tests.chaos.opened import NOON, Clock, Opener, control_in, entry


def again(folder: Path, clock: Clock, started: str = "this", question: str = "default") -> Control:
    """The control plane of the next process."""
    file = FaultFile(folder / "chaos.json")
    return Control(file, profiles(question), question, started=started, clock=clock)


@pytest.fixture
def control(tmp_path: Path, clock: Clock) -> Control:
    return control_in(tmp_path, clock)


def test_faults_continue_with_their_remaining_time(
    control: Control, tmp_path: Path, clock: Clock
) -> None:
    aimed = {"match": {"session": "s-1"}, "side": "store"}
    effect = {"type": "latency", "dist": "lognormal", "ms": 5, "p99_ms": 50}
    kept = replace(entry("kept", "session", where=aimed, effect=effect, hidden=True), reason="why")
    control.put(kept, entry("short", ttl=10))
    clock.now += 11
    later = again(tmp_path, clock)
    assert later.entries() == [kept]
    assert later.hits.secrets == {"kept"}
    clock.now = kept.ends
    assert again(tmp_path, clock).entries() == []


def test_a_revision_is_never_used_twice_and_no_etag_lives_on(
    control: Control, tmp_path: Path, clock: Clock
) -> None:
    control.put(entry("one"))
    later = again(tmp_path, clock)
    assert later.revisions.last > control.revisions.last
    assert later.revisions.epoch != control.revisions.epoch


def test_the_profile_goes_on_in_the_same_start_of_the_shop_and_not_in_the_next(
    control: Control, tmp_path: Path, clock: Clock
) -> None:
    control.choose("realistic")
    assert again(tmp_path, clock).book.profile == "realistic"
    control.stop(None)
    same, other = again(tmp_path, clock), again(tmp_path, clock, "another")
    assert (same.book.calm, other.book.calm) == ("all", "no")
    control.stop(None)
    assert again(tmp_path, clock, question="realistic").entries()[0].ends == inf


def test_the_next_start_of_the_shop_begins_without_the_faults_and_runs_of_this_one(
    control: Control, tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    control.kept["runs"] = [{"id": "r-1"}]
    control.put(entry("one"), entry("secret", hidden=True))
    later = again(tmp_path, clock, "another")
    assert (later.entries(), later.kept, later.hits.secrets) == ([], {}, set())
    assert later.revisions.last > control.revisions.last
    messages = [one.getMessage() for one in caplog.records if "restarted" in one.getMessage()]
    assert messages == ["the shop was restarted: earlier faults forgotten: 2"]
    assert again(tmp_path, clock, "another").entries() == []


def test_what_others_keep_is_kept_with_the_faults(
    control: Control, tmp_path: Path, clock: Clock
) -> None:
    control.kept["runs"] = [{"id": "r-1"}]
    control.save()
    assert again(tmp_path, clock).kept == {"runs": [{"id": "r-1"}]}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "7",
        '"text"',
        "\x00\xff",
        '{"entries": 7}',
        '{"entries": [7]}',
        '{"entries": [{"fault": {"id": "x"}}]}',
        '{"entries": [{"fault": {}, "scope": "all"}]}',
        '{"revision": "many"}',
        '{"kept": 7}',
        '{"revision": null}',
        "[" * 100_000,
    ],
)
def test_a_broken_file_is_logged_and_set_aside(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture, content: str
) -> None:
    file = tmp_path / "chaos.json"
    file.write_text(content, encoding="latin-1")
    control = again(tmp_path, clock)
    (messages,) = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert messages.startswith("the faults of the last process are lost: ")
    assert messages.endswith(f"; the file is now {tmp_path / 'chaos.broken'}")
    assert (tmp_path / "chaos.broken").read_text(encoding="latin-1") == content
    control.put(entry("one"))
    assert [one.id for one in again(tmp_path, clock).entries()] == ["one"]


def test_without_a_place_to_write_the_faults_work_and_the_log_says_so_once(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "chaos.json").mkdir()
    (tmp_path / "chaos.broken").write_text("in the way")
    (tmp_path / "chaos.new").mkdir()
    control = again(tmp_path, clock)
    for id_ in ("one", "two"):
        control.put(entry(id_))
    assert [one.id for one in control.entries()] == ["one", "two"]
    messages = [
        one.getMessage() for one in caplog.records if "cannot be written" in one.getMessage()
    ]
    assert len(messages) == 1
    assert messages[0].endswith("the faults will be forgotten when this process ends")


def test_the_file_is_whole_at_every_moment(
    control: Control, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    control.put(entry("one"))
    before = (tmp_path / "chaos.json").read_text()

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    control.put(entry("two"))
    assert (tmp_path / "chaos.json").read_text() == before
    assert json.loads(before)["entries"][0]["ends"] == NOON + 900


async def test_a_control_plane_goes_on_where_the_last_one_left_off(open_plane: Opener) -> None:
    first = await open_plane()
    await first.put_fault("one", ttl="10m")
    await first.put("/chaos/v1/profile", json={"name": "calm"})
    second = await open_plane()
    (row,) = (await second.read_json("/faults"))["faults"]
    assert (row["id"], 590 < row["expires_in"] <= 600) == ("one", True)
    assert (await second.read_json("/profile"))["name"] == "calm"
