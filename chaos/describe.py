"""A fault in words, short enough for a table: where, what, how often, for whom, how long."""

from collections.abc import Mapping
from typing import Any

Described = Mapping[str, Any]
CONDITIONS = ("header", "baggage", "attribute")


def placed(row: Described) -> Described:
    """The fault of a row of the control plane's list; a default fault has its service in it."""
    fault = row["fault"]
    if not row["service"]:
        return dict(fault)
    return {**fault, "where": {"service": row["service"], **(fault.get("where") or {})}}


def place(fault: Described) -> str:
    """Where it matches: `auth: GET /auth`, `shipping to carrier`, `orders, store: orders`."""
    where = fault.get("where") or {}
    service, side = where.get("service") or "any service", where.get("side") or "server"
    if side == "client":
        who = f"{service} to {where.get('peer') or 'anybody'}"
    else:
        who = service if side == "server" else f"{service}, {side}"
    at = where.get("route") or where.get("operation")
    return f"{who}: {at}" if at else who


def effect(fault: Described) -> str:
    """What happens: `error 503`, `latency 500 ms after`, `behavior n_plus_one`."""
    options = dict(fault["effect"])
    kind = str(options.pop("type"))
    if kind == "latency":
        spread = "" if options.get("dist") in (None, "fixed") else f" {options['dist']}"
        when = " after the work" if options.get("position") == "after" else ""
        return f"latency {options.get('ms', 0):g} ms{spread}{when}"
    first = next((value for value in options.values() if value not in (None, "", False)), "")
    return f"{kind} {first}".strip()


def rate(fault: Described) -> str:
    """How often: `30 %`, `hits 1,3,5`, `0 % to 50 % over 2m00s`."""
    if fault.get("hits"):
        return f"hits {fault['hits']}"
    start = percent(fault.get("rate", 1.0))
    ramp = fault.get("ramp")
    return f"{start} to {percent(ramp['to'])} over {duration(ramp['over'])}" if ramp else start


def audience(fault: Described) -> str:
    """For whom: `everybody`, `session s-7`, `user 5, header x=1`."""
    match = (fault.get("where") or {}).get("match") or {}
    conditions = [f"{key} {match[key]}" for key in ("session", "user") if match.get(key)]
    for kind in CONDITIONS:
        conditions += [f"{kind} {key}={value}" for key, value in (match.get(kind) or {}).items()]
    return ", ".join(conditions) or "everybody"


def percent(share: float) -> str:
    return f"{share * 100:.3g} %"


def duration(seconds: float | None) -> str:
    """`9s`, `4m12s`, `2h07m`; "no end" where there is none."""
    if seconds is None:
        return "no end"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes}m{rest:02}s" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}m"
