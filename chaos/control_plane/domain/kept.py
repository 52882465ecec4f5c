"""Entries as they are kept in a file."""

from collections.abc import Iterable
from math import inf
from typing import Any, cast, get_args

from chaos.control_plane.domain.entry import Entry, Scope
from chaos.engine.model import Fault


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
