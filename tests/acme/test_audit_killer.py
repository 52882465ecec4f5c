"""Whom an audit kills."""

from collections import Counter

import pytest

from acme.audit.killer import turns


@pytest.mark.parametrize(("kills", "launchers"), [(0, 0), (7, 0), (8, 1), (16, 2), (100, 12)])
def test_one_kill_in_eight_is_the_launchers_and_the_others_take_turns(
    kills: int, launchers: int
) -> None:
    killed = Counter(turns((), kills, seed=1, redis_forgets=False))

    assert killed.total() == kills
    assert killed.pop("launcher", 0) == launchers
    assert max(killed.values(), default=0) - min(killed.values(), default=0) <= 1


def test_whoever_is_named_is_killed_and_the_launcher_too() -> None:
    killed = Counter(turns(("payment", "lens"), 16, seed=1, redis_forgets=False))

    assert killed == {"payment": 7, "lens": 7, "launcher": 2}


def test_what_a_redis_would_forget_is_not_put_at_risk() -> None:
    killed = Counter(turns(("orders", "redis"), 16, seed=1, redis_forgets=True))

    assert killed == {"orders": 16}
    assert turns(("redis",), 16, seed=1, redis_forgets=True) == []


def test_the_same_seed_kills_the_same_ones_in_the_same_order() -> None:
    first, second, another = (turns((), 40, seed, redis_forgets=False) for seed in (1, 1, 2))

    assert first == second != another
