"""The faults that are there, one above the other where they have the same id."""

from collections.abc import Iterable

from chaos.control_plane.domain.entry import Entry

Key = tuple[int, str]
Layers = dict[Key, Entry]


def key_of(entry: Entry) -> Key:
    """Its rank and its id: what is live comes before what a scenario has, and that before what a
    profile has.
    """
    rank = 2 if entry.is_given else 1 if entry.source.startswith("scenario:") else 0
    return rank, entry.id


def layered(entries: Iterable[Entry]) -> Layers:
    return {key_of(entry): entry for entry in entries}


def topmost(layers: Layers) -> list[Entry]:
    """The faults that count: of each id the first by rank."""
    found: dict[str, Entry] = {}
    for key in sorted(layers, key=lambda key: key[0]):
        found.setdefault(key[1], layers[key])
    return list(found.values())


def ids_of(keys: Iterable[Key]) -> list[str]:
    return list(dict.fromkeys(id_ for _, id_ in keys))


def is_of(entry: Entry, session: str) -> bool:
    """Whether it is one of this session's own: aimed at it, or a plan that it made."""
    if entry.scope == "session":
        return entry.fault.where.match.session == session
    return entry.scope == "plan" and entry.owner.endswith(f" {session}")
