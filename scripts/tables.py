"""Writes the tables of the docs from the tables of the code, and from the command line.

A table stands between `<!-- table: NAME -->` and `<!-- end -->`; `make docs` writes it anew.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from acme.cli import app
from chaos.defaults import DEFAULTS
from chaos.engine.effect import BEHAVIORS, ON_SIDE
from chaos.engine.reader import TYPES
from chaos.engine.seen import BEHAVES, SEEN
from shared.grpc.status import TABLE as STATUS
from shared.settings.environment import Variable
from shared.settings.notices import UNSUPPORTED
from shared.settings.variables import VARIABLES, readers_of
from shared.telemetry.attributes import ATTRIBUTES
from shared.telemetry.metrics.table import METRICS
from shared.telemetry.sampling import SAMPLERS
from shared.topology import SERVICES

COMMON = {"--help", "--json", "--run-dir", "--url"}
SENTENCE = 100  # characters; a first sentence is never longer
PLACES = {"port", "otlp_port", "urls", "page_urls", "failure_rate", "latency_ms"}
ROOT = Path(__file__).resolve().parents[1]
PLACE = re.compile(r"(<!-- table: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def markdown(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def services() -> str:
    rows = (
        (
            f"`{row.name}`",
            ", ".join(map(str, (row.port, *row.also))),
            ", ".join((*row.calls, *(f"{name} (outside)" for name in row.outside))) or "-",
            row.is_,
        )
        for row in SERVICES
    )
    return markdown(("service", "port", "calls", "what it is"), rows)


def faults() -> str:
    rows = (
        (f"`{name.upper()}_FAILURE_RATE={fault.rate:g}`", fault.title)
        for name, defaults in DEFAULTS.items()
        for fault in defaults
    )
    return markdown(("default", "what it breaks, and what the trace shows"), rows)


def effects() -> str:
    rows = (
        (
            f"`{name}`",
            ", ".join(f"`{key}`" for key in kind.model_fields if key != "type") or "-",
            "all" if len(sides := sides_of(kind)) == len(ON_SIDE) else ", ".join(sides),
            first_sentence(kind),
        )
        for name, kind in TYPES.items()
    )
    return markdown(("effect", "parameters", "sides", "what it does"), rows)


def sides_of(kind: type) -> list[str]:
    return [side for side, kinds in ON_SIDE.items() if kind in kinds]


def effects_in_traces() -> str:
    return markdown(
        ("effect", "what the trace shows"), ((f"`{name}`", SEEN[name]) for name in TYPES)
    )


def behaviors() -> str:
    rows = ((f"`{name}`", *BEHAVES[name]) for name in BEHAVIORS)
    return markdown(("behavior", "what the code does then", "what one sees"), rows)


def first_sentence(kind: type) -> str:
    """What its docstring says before anything else, on one line."""
    text = " ".join((kind.__doc__ or "").split("\n\n")[0].split())
    return text.removesuffix(".")


def settings(kind: str) -> str:
    """The variables of one of four kinds: of every service, its own, of telemetry, addresses."""
    rows = [
        (f"`{v.name}`", f"`{v.default}`" if v.default else "-", v.meaning, allowed(v))
        for v in VARIABLES.values()
        if kind_of(v) == kind
    ]
    return markdown(("variable", "default", "meaning", "allowed"), rows)


def own_settings() -> str:
    rows = (
        (
            f"`{v.name}`",
            ", ".join(readers_of(v.name)) or "`acme up`",
            f"`{v.default}`" if v.default else "-",
            v.meaning,
            allowed(v),
        )
        for v in VARIABLES.values()
        if kind_of(v) == "own"
    )
    return markdown(("variable", "read by", "default", "meaning", "allowed"), rows)


def allowed(variable: Variable) -> str:
    return variable.allowed.removesuffix(" is allowed").removesuffix(" are allowed")


def unsupported() -> str:
    rows = ((f"`{pattern}`", why) for pattern, why in UNSUPPORTED.items())
    return markdown(("variable", "why not"), rows)


def kind_of(variable: Variable) -> str:
    if variable.place[0] == "telemetry":
        return "telemetry"
    if variable.place[0] in PLACES:
        return "places"
    return "every" if len(readers_of(variable.name)) == len(SERVICES) else "own"


def attributes() -> str:
    rows = ((f"`{a.name}`", a.type, a.meaning, a.where) for a in ATTRIBUTES)
    return markdown(("attribute", "type", "meaning", "where"), rows)


def commands() -> str:
    """Every command, what it does, and whether it prints JSON, too."""
    rows = (
        (
            f"`{' '.join(words)}`",
            command.get_short_help_str(SENTENCE).removesuffix("."),
            "yes" if "--json" in options_of(command) else "-",
        )
        for words, command in every_command(get_command(app), ("acme",))
    )
    return markdown(("command", "what it does", "`--json`"), rows)


def options() -> str:
    """A table for each command that has arguments and options beside the common ones."""
    tables = []
    for words, command in every_command(get_command(app), ("acme",)):
        rows = [
            (f"`{names}`".replace("|", "\\|"), meaning.replace("  ", " "))
            for option, (names, meaning) in options_of(command).items()
            if option not in COMMON
        ]
        if rows:
            head = (f"`{' '.join(words)}`", "meaning")
            tables.append(markdown(head, rows))
    return "\n".join(tables)


def every_command(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that is no group, with its words."""
    below = getattr(command, "commands", {})
    if not below:
        yield words, command
    for name, sub in below.items():
        yield from every_command(sub, (*words, name))


def options_of(command: Any) -> dict[str, tuple[str, str]]:
    """The arguments and options of a command as its help has them, by their names."""
    context = command.context_class(command)
    records = {one.opts[0]: one.get_help_record(context) for one in command.get_params(context)}
    return {name: record for name, record in records.items() if record}


def samplers() -> str:
    rows = (
        (
            f"`{name}`",
            f"`{kind.argument}`" if kind.argument else "-",
            kind.meaning if not kind.short_for else f"Jaeger's name for `{kind.short_for}`",
        )
        for name, kind in SAMPLERS.items()
    )
    return markdown(("sampler", "argument, for example", "what is recorded"), rows)


def metrics() -> str:
    rows = ((f"`{m.name}`", m.type, f"`{m.unit}`", m.meaning, m.where) for m in METRICS)
    return markdown(("metric", "type", "unit", "meaning", "where"), rows)


def metric_attributes() -> str:
    rows = ((f"`{m.name}`", ", ".join(m.attributes)) for m in METRICS if m.attributes)
    return markdown(("metric", "attributes of its points"), rows)


def grpc_status() -> str:
    rows = (
        (f"`{row.code.name}`", ", ".join(map(str, row.sent_for)) or "-", str(row.http), row.when)
        for row in STATUS
    )
    return markdown(("code", "sent for", "without details read as", "when"), rows)


TABLES: dict[str, Callable[[], str]] = {
    "services": services,
    "faults": faults,
    "attributes": attributes,
    "commands": commands,
    "command-options": options,
    "metrics": metrics,
    "metric-attributes": metric_attributes,
    "grpc-status": grpc_status,
    "samplers": samplers,
    "effects": effects,
    "effects-in-traces": effects_in_traces,
    "behaviors": behaviors,
    "every-service-settings": lambda: settings("every"),
    "own-settings": own_settings,
    "telemetry-settings": lambda: settings("telemetry"),
    "unsupported-settings": unsupported,
    "address-settings": lambda: settings("places"),
}


def filled(text: str) -> str:
    """The text with every table in it written anew; raises KeyError for a table nobody knows."""
    return PLACE.sub(lambda place: place[1] + TABLES[place[2]]() + place[3], text)


def pages() -> list[Path]:
    return [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


def main() -> int:
    for page in pages():
        text = page.read_text(encoding="utf-8")
        page.write_text(filled(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
