"""The demo users, whom every shop has."""

from pathlib import Path
from typing import Any

from services.users.domain import User
from services.users.store.passwords import Passwords
from services.users.store.users import UserStore
from shared.mocks import read_mocks


def read_demo_users(folder: Path) -> list[dict[str, Any]]:
    return list(read_mocks(folder / "users.json")["users"])


async def seed(
    store: UserStore, passwords: Passwords, profiles: list[dict[str, Any]], password: str
) -> None:
    """Keeps the users with these profiles, and `password` as that of them all."""
    kept = await store.of([profile["id"] for profile in profiles])
    # They share one hash: a start would otherwise take as many times as long as there are users.
    shared = kept[0].password if kept else ""
    if not (shared and await passwords.fits(shared, password)):
        shared = await passwords.hash(password)
    await store.seed([User(**profile, password=shared) for profile in profiles])
    for user in kept:
        if user.password != shared:
            await store.give(user, shared)
