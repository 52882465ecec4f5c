"""What was measured, as a table a person reads."""

from collections.abc import Sequence

from rich.table import Table

from acme.bench.measure import Measured

MIB = 2**20


def table(columns: Sequence[Measured]) -> Table:
    """One column for each variant, and what tracing adds where the untraced one is there."""
    out = Table("", *(column.name for column in columns), box=None, pad_edge=False)
    for column in out.columns[1:]:
        column.justify = "right"

    def row(label: str, *cells: str) -> None:
        out.add_row(label, *cells)

    row("requests", *(f"{c.requests}" for c in columns))
    row("wrong answers", *(f"{c.load.wrong}" for c in columns))
    row("requests/s", *(f"{c.requests / c.load.seconds:.0f}" for c in columns))
    row("p50", *(f"{c.latency(50) * 1000:.1f} ms" for c in columns))
    row("p99", *(f"{c.latency(99) * 1000:.1f} ms" for c in columns))
    row("CPU s per 1,000 requests", *(f"{c.per_thousand():.2f}" for c in columns))
    for service in busy(columns[0]):
        row(f"  {service}", *(f"{c.per_thousand(service):.2f}" for c in columns))
    row("spans kept", *(f"{c.spans_kept}" for c in columns))
    row("spans dropped", *(f"{c.spans_due - c.spans_kept}" for c in columns))
    row("memory, all processes", *(f"{sum(c.memory.values()) / MIB:.0f} MiB" for c in columns))
    for service in columns[0].memory:
        row(f"  {service}", *(f"{c.memory[service] / MIB:.1f} MiB" for c in columns))
    row("start to all ready", *(f"{c.started:.2f} s" for c in columns))
    return out


def busy(column: Measured) -> list[str]:
    """The services that the chain keeps busy; lens's CPU is shown, but not in the sum."""
    return [name for name, used in column.cpu.items() if used > 0.01 * column.cpu.total()]


def conclusion(traced: Measured, untraced: Measured) -> str:
    more = traced.per_thousand() / untraced.per_thousand() - 1
    return f"Tracing adds {more:.0%} CPU to the services."
