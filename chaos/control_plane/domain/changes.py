"""How the faults of a scenario change while it runs."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, ValidationError

from chaos.control_plane.domain.merge import merged
from chaos.engine.model import Fault
from chaos.engine.reader import first_wrongs, sentence
from chaos.engine.values import Part

Patch = dict[str, Any]


class Change(Part):
    """Faults that go, faults that are otherwise from now on (by a merge patch of RFC 7396), and
    faults that come.
    """

    clear: tuple[str, ...] = ()
    patches: Annotated[dict[str, Patch], Field(alias="set", default_factory=dict)]
    add: tuple[Fault, ...] = ()


def changed(faults: Mapping[str, Fault], change: Change) -> dict[str, Fault]:
    """The faults after the change. Raises ValueError when it names one that is not there, or makes
    one that cannot be.
    """
    for id_ in (*change.clear, *change.patches):
        if id_ not in faults:
            key = "clear" if id_ in change.clear else "set"
            raise ValueError(f"{key}: there is no fault {id_} by then")
    kept = {id_: fault for id_, fault in faults.items() if id_ not in change.clear}
    for id_, patch in change.patches.items():
        if id_ in kept:
            kept[id_] = patched(kept[id_], patch)
    return kept | {fault.id: fault for fault in change.add}


def patched(fault: Fault, patch: Patch) -> Fault:
    """The fault with the patch merged into it. Raises ValueError."""
    told = fault.model_dump(mode="json", exclude_unset=True)
    try:
        return Fault.model_validate(merged(told, patch))
    except ValidationError as error:
        found = "; ".join(map(sentence, first_wrongs(error)))
        raise ValueError(f"set.{fault.id}.{found}") from None


def possible(faults: Mapping[str, Fault], change: Change) -> Change:
    """What of the change is about faults that are there."""
    patches = {id_: patch for id_, patch in change.patches.items() if id_ in faults}
    clear = tuple(id_ for id_ in change.clear if id_ in faults)
    return Change.model_validate({"clear": clear, "set": patches, "add": change.add})
