"""Who is here, as the browser's cookie says. It is no proof: the gateway asks auth for that."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

ID = re.compile(r"[0-9a-f]{24}")
DEMO = ("eric", "phoebe", "dwight", "han", "elaine", "walter")
LONGEST = 64


@dataclass(frozen=True)
class User:
    id: str
    username: str
    name: str

    def written(self) -> str:
        """As it stands in the cookie."""
        return "!".join((self.id, quote(self.username, safe=""), quote(self.name, safe="")))

    @classmethod
    def read(cls, text: str) -> "User | None":
        """Out of the cookie; None when it is not one of ours."""
        parts = text.split("!")
        if len(parts) != 3 or not ID.fullmatch(parts[0]):
            return None
        username, name = (unquote(part)[:LONGEST] for part in parts[1:])
        return cls(parts[0], username, name or username)
