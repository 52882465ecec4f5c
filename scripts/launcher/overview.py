"""What `acme up` shows once everything is ready."""

from collections.abc import Sequence

from scripts.launcher.child import Child
from scripts.launcher.table import columns
from shared.topology import BY_NAME

HINTS = (
    ("frontend", "the shop", "/"),
    ("gateway", "shop order", "/orders/12345"),
    ("lens", "explorer", "/"),
    ("chaos", "faults", "/"),
)


def overview(children: Sequence[Child], seed: int) -> str:
    return f"\n{table(children)}\n\n{hints(children, seed)}\n"


def table(children: Sequence[Child]) -> str:
    rows = [[one.name, one.url, str(one.pid), BY_NAME[one.name].is_] for one in children]
    return columns(("SERVICE", "URL", "PID", "WHAT IT IS"), rows, right=("PID",))


def hints(children: Sequence[Child], seed: int) -> str:
    urls = {child.name: child.url for child in children}
    links = [f"{text}: {urls[name]}{path}" for name, text, path in HINTS if name in urls]
    seeded = f"seed {seed}: the same seed and the same requests give the same faults"
    return "\n".join(
        [
            *links,
            *elsewhere(children),
            seeded,
            "`acme ps` tells how they are; Ctrl-C stops everything",
        ]
    )


def elsewhere(children: Sequence[Child]) -> list[str]:
    """Where spans go that the explorer will not show, one line for each place."""
    here = {f":{port}/" for child in children for port in child.settings.also}
    ends = {
        child.settings.telemetry.traces_endpoint
        for child in children
        if not child.settings.telemetry.disabled
    }
    away = sorted(end for end in ends if not any(port in f"{end}/" for port in here))
    return [f"spans go to {end}: the explorer does not show those" for end in away]
