"""Logging in slows down for whoever keeps failing, and for nobody else."""

from typing import Any

import pytest

from services.gateway.flows import MOST, Logins
from shared.errors import TooManyRequests, Unauthorized, Unavailable

SESSION: Any = object()
RIGHT = "right"


class Auth:
    """Knows eric; every other user and password is refused alike."""

    def __init__(self) -> None:
        self.requests = 0
        self.away = False

    async def log_in(self, username: str, password: str) -> Any:
        self.requests += 1
        if self.away:
            raise Unavailable("away")
        if (username, password) != ("eric", RIGHT):
            raise Unauthorized("username or password is wrong")
        return SESSION


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def auth() -> Auth:
    return Auth()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def logins(auth: Any, clock: Clock) -> Logins:
    return Logins(auth, clock)


async def fail(logins: Logins, times: int, username: str = "eric", address: str = "a") -> None:
    for _ in range(times):
        with pytest.raises(Unauthorized):
            await logins.log_in(username, "wrong", address)


@pytest.mark.parametrize("username", ["eric", "nobody", "Nobody ", "no such/name"])
async def test_after_ten_failures_there_is_one_more_every_ten_seconds(
    logins: Logins, auth: Auth, clock: Clock, username: str
) -> None:
    await fail(logins, 10, username)

    with pytest.raises(TooManyRequests, match="try again in 10 s") as refused:
        await logins.log_in(username, RIGHT, "a")
    assert (refused.value.retry_after, auth.requests) == (10, 10)
    clock.now += 10
    await fail(logins, 1, username)
    with pytest.raises(TooManyRequests):
        await logins.log_in(username, RIGHT, "a")


async def test_many_users_at_one_address_count_together(logins: Logins) -> None:
    for number in range(10):
        await fail(logins, 1, f"user-{number}")

    with pytest.raises(TooManyRequests):
        await logins.log_in("eric", RIGHT, "a")


async def test_nobody_locks_out_a_user_who_is_somewhere_else(logins: Logins) -> None:
    await fail(logins, 10, "eric", "a")

    assert await logins.log_in("eric", RIGHT, "b") is SESSION


async def test_refused_attempts_make_the_wait_no_longer(logins: Logins, clock: Clock) -> None:
    await fail(logins, 10)
    for _ in range(100):
        with pytest.raises(TooManyRequests):
            await logins.log_in("eric", "wrong", "a")
    clock.now += 10

    assert await logins.log_in("eric", RIGHT, "a") is SESSION


async def test_who_comes_in_and_what_fails_behind_are_no_failures(
    logins: Logins, auth: Auth
) -> None:
    for _ in range(100):
        assert await logins.log_in("eric", RIGHT, "a") is SESSION
    auth.away = True
    for _ in range(100):
        with pytest.raises(Unavailable):
            await logins.log_in("eric", RIGHT, "a")


async def test_failures_are_forgotten(logins: Logins, clock: Clock) -> None:
    await fail(logins, 10)
    clock.now += 100

    await fail(logins, 10)


async def test_what_is_remembered_is_bounded(logins: Logins) -> None:
    for number in range(MOST):
        await fail(logins, 1, address=f"address-{number}")

    assert len(logins._failures) == MOST
