"""The rules of a user."""

import re
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any, Literal

from shared.errors import BadRequest

Role = Literal["customer", "staff"]
Tier = Literal["standard", "gold"]
USERNAME = re.compile(r"[a-z0-9._-]{3,32}")
ID = re.compile(r"[0-9a-f]{24}")


@dataclass(frozen=True)
class User:
    """`password` is a hash, and stays in here: no answer has it."""

    id: str
    username: str
    firstname: str
    lastname: str
    email: str
    role: Role
    password: str = field(repr=False)
    tier: Tier = "standard"  # which earlier versions did not keep

    @classmethod
    def of(cls, document: dict[str, Any]) -> "User":
        return cls(**document)

    def document(self) -> dict[str, Any]:
        return asdict(self)


def username_of(text: str) -> str:
    """The name in lower case, in which all its spellings are one; raises BadRequest for what
    cannot be a username.
    """
    name = text.lower()
    # The name is not repeated: a password typed into the wrong field would be shown.
    if not (text.isascii() and USERNAME.fullmatch(name)):
        allowed = "3 to 32 letters, digits, dots, hyphens and underscores are allowed"
        raise BadRequest(f"username: {allowed}")
    return name


def id_of(username: str) -> str:
    """Every username has one id, so that two users can never have one username: the second finds
    its document taken. There is no second record that a crash could leave behind.
    """
    return sha256(f"acmeshop user {username}".encode()).hexdigest()[:24]


def known_id(text: str) -> str:
    """The same text; raises BadRequest for what is no user's id."""
    if not ID.fullmatch(text):
        raise BadRequest(f"id: a user's id has 24 digits of 0-9 and a-f, unlike {text!r}")
    return text
