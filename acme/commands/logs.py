"""`acme logs`: the log lines that lens has."""

import sys
from contextlib import suppress
from enum import StrEnum
from itertools import chain
from typing import Annotated

import typer

from acme.commands.options import RUN, RunDir
from acme.commands.tracing import Lens, colours, connected, other_service, since_ns, trace_id
from acme.terminal import as_json as json_text

MOST = 1000

app = typer.Typer(rich_markup_mode=None)


class Level(StrEnum):
    """The least level."""

    trace = "trace"
    debug = "debug"
    info = "info"
    warn = "warn"
    error = "error"
    fatal = "fatal"


@app.command()
def logs(
    trace: Annotated[
        str | None,
        typer.Option(parser=trace_id, metavar="ID", help="Only those of this trace."),
    ] = None,
    service: Annotated[str, typer.Option(metavar="NAME", help="Only those of this service.")] = "",
    level: Annotated[Level | None, typer.Option(help="Only those of this level or above.")] = None,
    text: Annotated[
        str, typer.Option(metavar="TEXT", help="Only those with it in the line or its attributes.")
    ] = "",
    since: Annotated[
        int | None,
        typer.Option(
            parser=since_ns, metavar="DURATION", help="Only those of the last 15m, 2h, 1d."
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="So many of the newest.")] = 200,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document a line, for programs to read.")
    ] = False,
    url: Lens = None,
    run_dir: RunDir = RUN,
) -> None:
    """Print log lines, the newest last.

    Services send them to lens where OTEL_LOGS_EXPORTER is otlp, as in the shop on this machine.
    """
    from acme.explorer.lines import following, newest, text_of

    query = {
        "trace": trace or "",
        "service": service,
        "level": level.value if level else "",
        "text": text,
        **({"since": str(since)} if since else {}),
    }
    paint = colours()
    with connected(run_dir, url) as backend, suppress(KeyboardInterrupt):
        found, last = newest(backend, query, limit)
        if not found and not follow:
            print(f"No log line fits.{other_service(backend, service)}", file=sys.stderr)
        for line in chain(found, following(backend, query, last) if follow else ()):
            document = json_text(line, indent=None) if as_json else ""
            print(document or text_of(line, paint, with_trace=not trace), flush=follow)
