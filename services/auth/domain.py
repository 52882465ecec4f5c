"""The rules of identity."""

from dataclasses import dataclass


@dataclass(frozen=True)
class User:
    id: str
    name: str


GUEST = User("guest", "Guest")
