"""Probes: they click through a shop that runs, and answer numbers.

    shop = Shop.find(Path(".acme"))
    failed_share(shop, journey="checkout", clicks=40, seed=7)

Each probe makes its own clicks, the same for the same seed; `drive` makes them once for several
`measured`. Clicks carry a session id and the number of a step, so the same faults strike them each
time. Raises NoShop when there is no shop to click through.
"""

from chaos.measures.asking import (
    calls_per_trace,
    duplicate_charges,
    failed_share,
    fault_hits,
    latency_ms,
    measure,
    root_cause_share,
    said_share,
    success_share,
    whole_share,
)
from chaos.measures.belief import must_be_believed
from chaos.measures.driving import drive
from chaos.measures.evidence import Answer, Clicked, Evidence
from chaos.measures.measures import PROBES, measured
from chaos.measures.shop import NoShop, Shop, is_everywhere

__all__ = [
    "PROBES",
    "Answer",
    "Clicked",
    "Evidence",
    "NoShop",
    "Shop",
    "calls_per_trace",
    "drive",
    "duplicate_charges",
    "failed_share",
    "fault_hits",
    "is_everywhere",
    "latency_ms",
    "measure",
    "measured",
    "must_be_believed",
    "root_cause_share",
    "said_share",
    "success_share",
    "whole_share",
]
