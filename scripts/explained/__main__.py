"""python -m scripts.explained: starts a shop of its own, breaks it, and asks lens what is wrong.

Prints each fault that was not named, each healthy trace with something alarming, and the sums.
Exits with 1 when they are below what docs/adr/0033 asks for. Takes some five minutes.
"""

import argparse
import sys
from collections.abc import Sequence

from acme.ephemeral import ephemeral_shop
from acme.running import running_shop
from chaos.measures import Shop
from scripts.explained import record
from scripts.explained.faults import Place, places, trials
from scripts.explained.judge import alarms, headlines, is_named, names
from traces.findings import Finding

HEALTHY, FAULTS, SEED = 100, 100, 11
LEAST_FAULTS, LEAST_SCENARIOS = 0.95, 0.9
# Where the cause of each scenario is; the kind is that of the finding which must say it.
CULPRITS: dict[str, tuple[str, Place]] = {
    "broken-thread": ("context_lost", Place("client", "orders", "shipping", "")),
    "ghost-charge": ("outlived", Place("server", "payment", "", "")),
    "midnight-stampede": ("gap slower", Place("server", "catalog", "", "")),
    "moody-carrier": ("handled", Place("client", "shipping", "carrier", "")),
    "one-connection": ("gap slower", Place("server", "orders", "", "")),
    "one-in-five": ("error", Place("server", "auth", "", "")),
    "retry-storm": ("retry_storm", Place("client", "payment", "bank", "")),
    "slow-drip": ("slow_body", Place("server", "shipping", "", "")),
    "thousand-spans": ("n_plus_one", Place("store", "catalog", "sqlite", "")),
    "works-for-me": ("error", Place("server", "catalog", "", "")),
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.explained", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED, help="of the faults")
    parser.add_argument("--faults", type=int, default=FAULTS, help="how many")
    parser.add_argument("--all", action="store_true", help="print what was named, too")
    given = parser.parse_args(arguments)
    with ephemeral_shop(record.CALM) as ephemeral:
        shop = running_shop(ephemeral.run.path)
        return 0 if all(measured(shop, given.faults, given.seed, verbose=given.all)) else 1


def measured(shop: Shop, count: int, seed: int, *, verbose: bool) -> Sequence[bool]:
    """Whether each of the three parts is as it should be."""
    healthy = record.healthy(shop, HEALTHY, seed)
    ids = [trace.trace_id for traces in healthy.values() for trace in traces][:HEALTHY]
    alarming = 0
    for trace_id, one in record.explained(shop, ids).items():
        if alarms(one.findings):
            alarming += 1
            print(f"ALARM {trace_id}: {alarms(one.findings)[0].sentence}")
    print(f"{alarming} of {len(ids)} healthy traces have something alarming")

    results = list(record.faulty(shop, trials(places(healthy), count, seed)))
    named = 0
    for result in results:
        found = result.found.findings if result.found else ()
        good = names(found, result.trial.place)
        named += good
        if not good or verbose:
            print(f"{'named ' if good else 'MISSED'} {result.trial}")
            print(
                "".join(f"       {one.kind}: {one.sentence}\n" for one in headlines(found)), end=""
            )
    print(f"{named} of {len(results)} random faults are named")

    taught = [lesson_named(shop, id_) for id_ in CULPRITS]
    print(f"{sum(taught)} of {len(taught)} scenarios' culprits are named")
    enough = sum(taught) >= LEAST_SCENARIOS * len(taught)
    return [not alarming, named >= LEAST_FAULTS * len(results), enough]


def lesson_named(shop: Shop, id_: str) -> bool:
    kinds, place = CULPRITS[id_]
    found = record.lesson(shop, id_).findings
    fitting = [one for one in alarms(found) if one.kind in kinds.split()]
    good = any(is_named(one.sentence, place) for one in fitting)
    print(f"{'named ' if good else 'MISSED'} {id_}: {first(fitting or found)}")
    return good


def first(found: Sequence[Finding]) -> str:
    return found[0].sentence if found else "nothing was said"


if __name__ == "__main__":
    sys.exit(main())
