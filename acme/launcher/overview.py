"""What `acme up` shows once everything is ready."""

from collections.abc import Sequence

from acme.launcher.child import Child
from acme.terminal import columns
from shared.settings import Settings

HINTS = (
    ("frontend", "the shop", "/"),
    ("gateway", "shop order", "/orders/12345"),
    ("lens", "explorer", "/"),
    ("chaos", "control room", "/"),
)


def overview(children: Sequence[Child], settings: Sequence[Settings]) -> str:
    return f"\n{table(children)}\n\n{hints(children, settings)}\n"


def table(children: Sequence[Child]) -> str:
    rows = [[one.name, one.program.url, str(one.pid), one.program.is_] for one in children]
    return columns(("SERVICE", "URL", "PID", "WHAT IT IS"), rows, right=("PID",))


def hints(children: Sequence[Child], settings: Sequence[Settings]) -> str:
    urls = {child.name: child.program.url for child in children}
    links = [f"{text}: {urls[name]}{path}" for name, text, path in HINTS if name in urls]
    seeded = f"seed {settings[0].seed}: the same seed and the same requests give the same faults"
    return "\n".join(
        [
            *links,
            *elsewhere(settings),
            seeded,
            "`.venv/bin/acme ps` tells how they are; Ctrl-C stops everything",
        ]
    )


def elsewhere(settings: Sequence[Settings]) -> list[str]:
    """Where spans go that the explorer will not show, one line for each place."""
    here = {f":{port}/" for one in settings for port in one.also}
    ends = {one.telemetry.traces_endpoint for one in settings if not one.telemetry.disabled}
    away = sorted(end for end in ends if not any(port in f"{end}/" for port in here))
    return [f"spans go to {end}: the explorer does not show those" for end in away]
