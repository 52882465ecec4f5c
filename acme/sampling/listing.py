"""`acme sampling list`: every sampler that OTEL_TRACES_SAMPLER can name."""

from typing import Any

from acme.terminal import columns
from shared.telemetry.sampling import SAMPLERS

HEAD = ("sampler", "argument", "what is recorded")
AFTER = """\
OTEL_TRACES_SAMPLER names the sampler of all services, ORDERS_OTEL_TRACES_SAMPLER that of orders
alone, and with _ARG at their end its argument. A service decides for the traces that begin there;
in all others it follows its caller."""


def as_json() -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "argument": kind.argument,
            "meaning": kind.meaning,
            "short_for": kind.short_for or None,
        }
        for name, kind in SAMPLERS.items()
    ]


def show() -> None:
    ours = [
        (name, kind.argument, kind.meaning) for name, kind in SAMPLERS.items() if not kind.short_for
    ]
    print(columns(HEAD, ours))
    print()
    print("The names of the Jaeger clients mean the same:")
    for name, kind in SAMPLERS.items():
        if kind.short_for:
            print(f"  {name:<15}{kind.short_for}")
    print()
    print(AFTER)
