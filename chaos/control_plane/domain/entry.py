"""Applied faults: by whom, why, for whom, until when; and which takes precedence."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from typing import Any, Literal, cast, get_args

from chaos.engine.model import Fault

Scope = Literal["class", "session", "plan"]
LIVE, FILE = "live", "file"
LONGEST = 4 * 3600.0


@dataclass(frozen=True)
class Entry:
    """`source` is "live", "scenario:<run id>", "profile:<name>", "plan:<token>" or "file"; moments
    are unix seconds, `ends` is infinite for one of a profile.
    """

    fault: Fault
    source: str = LIVE
    scope: Scope = "class"
    owner: str = ""
    reason: str = ""
    since: float = 0.0
    ends: float = inf

    @property
    def id(self) -> str:
        return self.fault.id

    @property
    def is_given(self) -> bool:
        """Whether it is from the profile or file of the shop, not from a caller."""
        return self.source == FILE or self.source.startswith("profile:")

    def left(self, now: float) -> float | None:
        """The remaining seconds; None when it has no end."""
        return None if self.ends == inf else max(self.ends - now, 0.0)

    def to_send(self, now: float) -> Fault:
        """The fault as a process gets it: its `ttl` is the remaining time. One without an end is
        sent again before that is over.
        """
        return self.fault.model_copy(update={"ttl": min(self.ends - now, LONGEST)})


Key = tuple[int, str]
Layers = dict[Key, Entry]


def key_of(entry: Entry) -> Key:
    """Its rank and its id: live faults come before those of a scenario, and these before those of a
    profile.
    """
    rank = 2 if entry.is_given else 1 if entry.source.startswith("scenario:") else 0
    return rank, entry.id


def layered(entries: Iterable[Entry]) -> Layers:
    return {key_of(entry): entry for entry in entries}


def topmost(layers: Layers) -> list[Entry]:
    """The faults in effect: of each id the first by rank."""
    found: dict[str, Entry] = {}
    for key in sorted(layers, key=lambda key: key[0]):
        found.setdefault(key[1], layers[key])
    return list(found.values())


def ids_of(keys: Iterable[Key]) -> list[str]:
    return list(dict.fromkeys(id_ for _, id_ in keys))


def is_of(entry: Entry, session: str) -> bool:
    """Whether it belongs to this session: it is for it alone, or in a plan that it made."""
    if entry.scope == "session":
        return entry.fault.where.match.session == session
    return entry.scope == "plan" and entry.owner.endswith(f" {session}")


def as_kept(entry: Entry) -> dict[str, Any]:
    return {
        "fault": entry.fault.model_dump(mode="json", exclude_defaults=True)
        | {"effect": entry.fault.effect.model_dump(mode="json")},
        "source": entry.source,
        "scope": entry.scope,
        "owner": entry.owner,
        "reason": entry.reason,
        "since": entry.since,
        "ends": entry.ends,
    }


def entries_of(kept: Iterable[Any]) -> list[Entry]:
    """The entries that were kept. Raises ValueError when they are none."""
    try:
        return [entry_of(one) for one in kept]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"an entry has no {error}") from None


def entry_of(kept: Any) -> Entry:
    if kept["scope"] not in get_args(Scope):
        raise ValueError(f"{kept['scope']} is no scope")
    return Entry(
        Fault.model_validate(kept["fault"]),
        source=str(kept["source"]),
        scope=cast("Scope", kept["scope"]),
        owner=str(kept["owner"]),
        reason=str(kept["reason"]),
        since=float(kept["since"]),
        ends=min(float(kept["ends"]), inf),
    )
