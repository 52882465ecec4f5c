"""Probes that make their own clicks: what experiments ask."""

from typing import Any

from chaos.measures.driving import drive
from chaos.measures.measures import measured
from chaos.measures.shop import Shop


def measure(
    shop: Shop,
    probe: str,
    *,
    journey: str,
    clicks: int = 10,
    seed: int = 42,
    session: str = "",
    at_once: int = 1,
    **given: Any,
) -> float:
    """What the probe finds in so many clicks of the journey."""
    evidence = drive(shop, journey, clicks, seed=seed, session=session, at_once=at_once)
    return measured(evidence, probe, given)


def failed_share(shop: Shop, *, journey: str = "checkout", **load: Any) -> float:
    """The share of journeys in which a call failed, from 0 to 1."""
    return measure(shop, "failed_share", journey=journey, **load)


def success_share(shop: Shop, *, journey: str = "checkout", **load: Any) -> float:
    return 1.0 - failed_share(shop, journey=journey, **load)


def said_share(shop: Shop, *, text: str, journey: str = "status", **load: Any) -> float:
    """The share of answers that say this."""
    return measure(shop, "said_share", journey=journey, text=text, **load)


def latency_ms(
    shop: Shop, *, journey: str = "checkout", quantile: float = 0.95, **load: Any
) -> float:
    return measure(shop, "latency_ms", journey=journey, quantile=quantile, **load)


def calls_per_trace(
    shop: Shop, *, service: str, name: str, journey: str = "checkout", **load: Any
) -> float:
    """How many such spans the trace has that has most of them."""
    return measure(shop, "calls_per_trace", journey=journey, service=service, name=name, **load)


def whole_share(shop: Shop, *, journey: str = "checkout", **load: Any) -> float:
    """The share of traces with one root and all parents."""
    return measure(shop, "whole_share", journey=journey, **load)


def root_cause_share(shop: Shop, *, service: str, journey: str = "status", **load: Any) -> float:
    """The share of traces with a failure in which the deepest one is that service's."""
    return measure(shop, "root_cause_share", journey=journey, service=service, **load)


def duplicate_charges(shop: Shop, *, journey: str = "checkout", **load: Any) -> float:
    """How many charges the bank took beside the first one of each checkout."""
    return measure(shop, "duplicate_charges", journey=journey, **load)


def fault_hits(shop: Shop, *, fault: str) -> int:
    """How often the fault has fired so far, in all services together."""
    listed = shop.plane.get("/faults")["faults"]
    return int(sum(row.get("fired", 0) for row in listed if row["fault"]["id"] == fault))
