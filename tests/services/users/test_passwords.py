"""Passwords, of which only hashes are kept."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from argon2 import extract_parameters

from services.users.store.passwords import NOBODYS, Passwords
from shared.errors import Unavailable


@pytest.fixture(autouse=True)
def _cheap_password_hashes() -> None:
    """Here they cost what they cost in the shop."""


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords(patience=30)
    yield made
    made.close()


async def test_a_hash_fits_its_own_password_only(passwords: Passwords) -> None:
    hash_ = await passwords.hash("correct horse ☕")

    assert await passwords.fits(hash_, "correct horse ☕")
    assert not await passwords.fits(hash_, "correct horse")


async def test_two_hashes_of_one_password_differ(passwords: Passwords) -> None:
    assert await passwords.hash("correct horse") != await passwords.hash("correct horse")


async def test_the_hash_that_is_nobodys_costs_as_much_as_any(passwords: Passwords) -> None:
    own = await passwords.hash("correct horse")

    assert extract_parameters(NOBODYS) == extract_parameters(own)
    assert extract_parameters(own).memory_cost == 19 * 1024
    assert not await passwords.fits(NOBODYS, "correct horse")


async def test_two_are_checked_at_once_and_no_more(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work, most = 0, 0
    lock, pair = threading.Lock(), threading.Barrier(2)

    def hashed(password: str) -> str:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        pair.wait(30)
        with lock:
            at_work -= 1
        return password

    monkeypatch.setattr(passwords, "_hasher", type("Hasher", (), {"hash": staticmethod(hashed)})())

    assert await asyncio.gather(*(passwords.hash(word) for word in "abcd")) == list("abcd")
    assert most == 2


async def test_who_would_wait_too_long_is_sent_away() -> None:
    passwords, free = Passwords(patience=0.001), threading.Event()
    held = [passwords._threads.submit(free.wait, 30) for _ in range(2)]

    with pytest.raises(Unavailable, match="too many passwords"):
        await passwords.hash("correct horse")

    free.set()
    assert all(waiting.result(30) for waiting in held)
    passwords.close()
