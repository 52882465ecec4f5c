"""The faults of a run as the services are told of them."""

from hashlib import blake2b

from chaos.control_plane.domain.entry import Entry
from chaos.control_plane.domain.run import Run
from chaos.engine.delay import Latency
from chaos.engine.model import ALL, Fault
from chaos.engine.where import Match, Where

SOURCE, REST = "scenario:", "scenario-rest"
LONGEST = 41  # of an id, so that there is room for a tag


def entries_of(run: Run) -> list[Entry]:
    """Its faults, while it is on, and one that has all others rest for those whom it is about: each
    scenario shows one thing.
    """
    if not run.is_on:
        return []
    rest = Fault(
        id=REST,
        title="all faults that are not of this scenario rest",
        where=Where(match=Match(session=run.session or None)),
        rate=0,
        effect=Latency(ms=0),
    )
    ids = {fault.id for fault in run.faults}
    return [
        Entry(
            staged(fault, run, ids),
            source=source_of(run),
            scope="session" if run.session else "class",
            owner=run.session,
            reason=f"scenario {run.scenario}",
            since=run.begun,
            ends=run.ends,
        )
        for fault in (*run.faults, rest)
    ]


def staged(fault: Fault, run: Run, ids: set[str]) -> Fault:
    """The fault aimed at whom the run is about, in the place of all that is not of the run."""
    match = fault.where.match
    if run.session:
        match = match.model_copy(update={"session": run.session})
    instead = fault.instead_of or ALL
    return fault.model_copy(
        update={
            "id": staged_id(fault.id, run),
            "where": fault.where.model_copy(update={"match": match}),
            "hidden": run.is_secret or fault.id == REST,
            "instead_of": staged_id(instead, run) if instead in ids else instead,
        }
    )


def staged_id(id_: str, run: Run) -> str:
    """The fault's id with a tag of the run. Draws depend on the id, so the same seed has the same
    victims, and another one others; and no two runs that there are at a time have the same ids.
    """
    told = "\0".join((run.scenario, run.session, str(run.seed)))
    tag = blake2b(told.encode(), digest_size=3).hexdigest()
    return f"{id_[:LONGEST]}-{tag}"


def is_rest(entry: Entry) -> bool:
    """Whether it is the one that has all others rest: that says nothing of the cause."""
    return entry.source.startswith(SOURCE) and entry.id.rpartition("-")[0] == REST


def source_of(run: Run) -> str:
    return f"{SOURCE}{run.id}"
