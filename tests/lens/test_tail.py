"""Tail sampling: every error and every slow trace is kept, a share of the rest, each one whole."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import httpx
import pytest

from lens.app import Options, create_app, open_store
from lens.domain.tail import TailPolicy, belongs, read_policy
from lens.store import TraceStore
from lens.store import tail as stage
from lens.store.inbox import Inbox
from lens.store.tail import TailStage
from shared.telemetry.sampling.rule import among
from traces.model import Kind, Span, Status

MS = 1_000_000
POLICY = TailPolicy(wait_ns=2_000 * MS, slow_ns=800 * MS, share=0.1)
IDS = count(1)


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


class Tail:
    """A stage with a clock and a queue, and the spans that it handed on."""

    def __init__(self, policy: TailPolicy = POLICY) -> None:
        self.clock, self.inbox = Clock(), Inbox()
        self.stage = TailStage(policy, self.inbox, self.clock)

    def after(self, seconds: float) -> list[Span]:
        """What is handed on once so many seconds have passed."""
        self.clock.now += seconds
        self.stage.advance()
        self.inbox.hurry()
        batch = self.inbox.take()
        return batch.spans if batch else []


def trace(draws: random.Random, *, error: bool = False, ms: int = 20) -> list[Span]:
    """A root and two children; an error is in the deepest of them."""
    trace_id = f"{draws.getrandbits(128):032x}"
    ids = [f"{next(IDS):016x}" for _ in range(3)]
    root = Span(trace_id, ids[0], None, "gateway", "GET /", Kind.SERVER, 0, ms * MS, Status.UNSET)
    child = replace(root, span_id=ids[1], parent_id=ids[0], service="orders", end_ns=ms * MS // 2)
    status = Status.ERROR if error else Status.UNSET
    return [root, child, replace(child, span_id=ids[2], parent_id=ids[1], status=status)]


def plausible(of: int, share: float, found: int) -> bool:
    deviation: float = (of * share * (1 - share)) ** 0.5
    return abs(found - of * share) <= 3.3 * deviation


def test_all_errors_and_slow_traces_are_kept_whole_and_a_share_of_the_rest() -> None:
    draws, tail = random.Random(7), Tail()
    made = {n: trace(draws, error=n % 10 == 0, ms=900 if n % 10 == 5 else 20) for n in range(400)}
    spans = [span for one in made.values() for span in one]
    draws.shuffle(spans)  # they come from many services, in any order
    for number in range(0, len(spans), 50):
        assert tail.stage.put(spans[number : number + 50], 50_000)

    assert tail.after(1.9) == []
    kept = Counter(span.trace_id for span in tail.after(0.2))

    assert set(kept.values()) == {3}
    wanted = [number for number in made if number % 5 == 0]
    assert all(made[number][0].trace_id in kept for number in wanted)
    assert plausible(400 - len(wanted), POLICY.share, len(kept) - len(wanted))
    counts = tail.stage.counts
    assert (counts.kept["error"], counts.kept["slow"]) == (40, 40)
    assert counts.dropped + counts.kept.total() == 400
    assert counts.dropped_spans == 3 * counts.dropped
    assert counts.waiting == 0


def test_late_spans_follow_the_decision() -> None:
    draws, tail = random.Random(7), Tail(replace(POLICY, share=0))
    failed, well = trace(draws, error=True), trace(draws)
    tail.stage.put([*failed[1:], *well[1:]], 100)
    assert tail.after(2.1) == failed[1:]
    # An error that comes after the decision comes too late.
    late = replace(well[0], status=Status.ERROR)
    tail.stage.put([failed[0], late], 100)
    assert tail.after(0) == [failed[0]]
    counts = tail.stage.counts
    assert (counts.late_kept, counts.late_dropped) == (1, 1)


def test_with_too_many_spans_the_oldest_traces_are_decided_early(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stage, "MOST_WAITING", 9)
    draws, tail = random.Random(7), Tail()
    traces = [trace(draws, error=True) for _ in range(4)]
    for one in traces:
        assert tail.stage.put(one, 100)
    assert tail.after(0) == traces[0]
    assert (tail.stage.counts.early, tail.stage.counts.waiting) == (1, 3)


def test_what_cannot_be_handed_on_is_kept_and_more_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stage, "MOST_WAITING", 3)
    draws, tail = random.Random(7), Tail()
    tail.inbox.closed = True
    kept = trace(draws, error=True)
    assert tail.stage.put(kept, 100)
    tail.clock.now += 3
    tail.stage.advance()
    assert not tail.stage.put(trace(draws), 100)
    tail.inbox.closed = False
    assert tail.after(0) == kept


def test_the_share_does_not_depend_on_what_a_head_sampler_by_ratio_has_kept() -> None:
    draws = random.Random(7)
    ids = [draws.getrandbits(128) for _ in range(8_000)]
    head = [trace_id for trace_id in ids if among(0.25, trace_id)]
    both = sum(belongs(f"{trace_id:032x}", 0.1) for trace_id in head)
    assert plausible(len(head), 0.1, both)


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("", None),
        ("off", None),
        ("on", TailPolicy()),
        ("wait=2s, slow=1m, share=0.5", TailPolicy(2_000 * MS, 60_000 * MS, 0.5)),
        ("share=0", replace(TailPolicy(), share=0)),
    ],
)
def test_a_policy_is_read_from_a_list(text: str, policy: TailPolicy | None) -> None:
    assert read_policy(text) == policy


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("yes", "yes is not understood; on, off or wait=5s,slow=800ms,share=0.1 is"),
        ("ratio=1", "ratio=1 is not understood"),
        ("wait=soon", "soon is not a duration such as 1.5s or 100ms"),
        ("wait=0", "wait=0 is not between 1ns and 5m"),
        ("wait=1h", "wait=1h is not between 1ns and 5m"),
        ("slow=-1s", "slow=-1s is before the trace begins"),
        ("share=10", "share=10 is not a number from 0 to 1"),
        ("share=nan", "share=nan is not a number from 0 to 1"),
    ],
)
def test_what_is_no_policy_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_policy(text)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TraceStore]:
    store = open_store(
        Options(data=tmp_path, tail=TailPolicy(wait_ns=MS, slow_ns=800 * MS, share=0))
    )
    yield store
    store.close()


async def test_in_lens_it_stands_before_the_file_and_is_counted_on_about(
    store: TraceStore, tmp_path: Path
) -> None:
    draws = random.Random(7)
    transport = httpx.ASGITransport(create_app(store, Options(data=tmp_path)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        assert store.tail is not None
        assert store.tail.put([*trace(draws, error=True), *trace(draws)], 100)
        while (await client.get("/lens/api/stats")).json()["spans"] < 3:
            pass
        counted = (await client.get("/lens/api/sampling/tail")).json()
        assert (counted["kept"]["error"], counted["dropped"]) == (1, 1)
        for page in ("/about", "/sampling"):
            text = (await client.get(page)).text
            assert "1 trace, 3 spans" in text, page


async def test_what_waits_when_lens_ends_is_decided_and_kept(tmp_path: Path) -> None:
    store = open_store(Options(data=tmp_path, tail=TailPolicy(wait_ns=300_000 * MS)))
    failed = trace(random.Random(7), error=True)
    assert store.tail is not None
    assert store.tail.put(failed, 100)
    store.close()
    again = open_store(Options(data=tmp_path))
    found = await again.trace(failed[0].trace_id)
    again.close()
    assert found is not None
    assert len(found.spans) == 3
