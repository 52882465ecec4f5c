"""`acme traces`: traces on the terminal, and files of traces into lens."""

import re
import sys
from contextlib import suppress
from pathlib import Path
from shutil import get_terminal_size
from typing import Annotated

import typer

from acme.commands.options import FAILED, NOTHING_RUNS, RUN, AsJson, RunDir, fail, http_url
from acme.commands.tracing import (
    Lens,
    colours,
    connected,
    duration_ns,
    other_service,
    since_ns,
    trace_id,
)
from acme.terminal import UNLIMITED, Colours
from acme.terminal import as_json as json_text

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def traces() -> None:
    """Traces on the terminal, out of lens or Jaeger, and files of traces into lens."""


def tags_of(texts: list[str] | None) -> list[str]:
    for text in texts or ():
        if not re.match("[^=]+=", text):
            raise typer.BadParameter(f"{text} is not KEY=VALUE, as in http.route=/orders")
    return texts or []


def a_duration(text: str) -> str:
    """The text, if it is one, without spaces: as the backend reads it."""
    duration_ns(text)
    return "".join(text.split())


Service = Annotated[str, typer.Option(metavar="NAME", help="With a span of this service.")]
Operation = Annotated[str, typer.Option(metavar="NAME", help="With a span of this name.")]
Errors = Annotated[bool, typer.Option("--errors", help="With a span that failed.")]
Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", callback=tags_of, metavar="KEY=VALUE", help="With this attribute."),
]
Shortest = Annotated[
    str | None,
    typer.Option("--min", parser=a_duration, metavar="DURATION", help="With so long a span."),
]
Longest = Annotated[
    str | None,
    typer.Option("--max", parser=a_duration, metavar="DURATION", help="Not longer than this."),
]


Text = Annotated[
    str,
    typer.Option(
        "--query", metavar="TEXT", help="In lens's search language, instead of the others."
    ),
]


def trace_or_file(text: str) -> str:
    """The text, if it is a file; else the id of a trace in it."""
    if Path(text).is_file():
        return text
    with suppress(typer.BadParameter):
        return trace_id(text)
    raise typer.BadParameter(f"{text} is no file, and has no trace id: up to 32 hex digits")


TRACE = typer.Argument(
    parser=trace_or_file, metavar="TRACE", help="A trace id, a traceparent, an address, or a file."
)
TRACES = typer.Argument(
    parser=trace_or_file, metavar="TRACE", help="Trace ids, or files with traces."
)


def look() -> tuple[int, Colours]:
    """How many columns a line may have, and whether it may have colours."""
    columns = get_terminal_size((UNLIMITED, 24)).columns
    return columns, colours()


@app.command("list")
def list_(
    service: Service = "",
    operation: Operation = "",
    errors: Errors = False,
    tags: Tags = None,
    shortest: Shortest = None,
    longest: Longest = None,
    query: Text = "",
    since: Annotated[
        int | None,
        typer.Option(
            parser=since_ns,
            metavar="DURATION",
            help="Of the last 15m, 2h, 1d.",
            show_default="24h",
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1500, help="So many of the newest.")] = 20,
    as_json: AsJson = False,
    url: Lens = None,
    run_dir: RunDir = RUN,
) -> None:
    """List traces, the newest first.

    All that is wanted must hold for one span of the trace. The JSON is that of Jaeger's API.
    """
    from time import time

    from acme.explorer.listing import Wanted, listed
    from traces.formats.otlp_json import summary_json

    start = time() - 86_400 if since is None else since / 1e9
    fitting = Wanted(
        service, operation, errors, tuple(tags or ()), shortest or "", longest or "", query
    )
    with connected(run_dir, url) as backend:
        found = fitting.found(backend, start, time() + 5, limit)
        if as_json:
            print(json_text([summary_json(one) for one in found]))
        elif found:
            print("\n".join(listed(found, *look())))
        else:
            print(f"No trace fits.{other_service(backend, service)}", file=sys.stderr)


@app.command()
def show(
    trace: Annotated[
        str | None,
        typer.Argument(
            parser=trace_id,
            metavar="TRACE_ID",
            help="Its id, a traceparent, or the address of its page; without one the newest.",
        ),
    ] = None,
    logs: Annotated[bool, typer.Option("--logs", help="Each log line under its span.")] = False,
    as_json: AsJson = False,
    url: Lens = None,
    run_dir: RunDir = RUN,
) -> None:
    """Draw the waterfall of a trace.

    A line for each span: its place in the tree, its bar, its duration, ✖ if it failed. The JSON is
    that of lens: spans, log lines, verdict, critical path.
    """
    from time import time

    from acme.explorer.listing import Wanted
    from acme.explorer.waterfall import Picture, can_have_drawings
    from traces.formats.story import story_json

    with connected(run_dir, url) as backend:
        if trace is None:
            newest = backend.search(Wanted().query(0, time() + 5, 1))
            trace = newest[0].trace_id if newest else fail(f"{backend.url} has no trace yet")
        found = backend.trace(trace)
        if found is None:
            fail(f"{backend.url} has no trace {trace}, or no longer")
        if as_json:
            print(json_text(story_json(found)))
            return
        columns, paint = look()
        columns = 120 if columns == UNLIMITED else columns
        encoding = sys.stdout.encoding or "ascii"
        picture = Picture(columns, paint, ascii_only=not can_have_drawings(encoding))
        text = "\n".join(picture.lines(found, logs=logs))
        print(text.encode(encoding, "replace").decode(encoding))


@app.command()
def explain(
    traces: Annotated[list[str], TRACES],
    why: Annotated[bool, typer.Option("--why", help="Say of each why it matters.")] = False,
    as_json: AsJson = False,
    url: Lens = None,
    run_dir: RunDir = RUN,
) -> None:
    """Explain what happened in a trace, and where its time went.

    The same sentences as on its page in lens: x marks a problem, ! what is worth a look. Of a file
    it explains every trace, without what lens knows beside it.
    """
    from acme.explorer.explaining import explanation, stories

    with connected(run_dir, url) as backend:
        found = list(stories(traces, backend))
    if as_json:
        print(json_text([{"traceId": one["traceId"], **one["verdict"]} for one in found]))
        return
    paint = colours()
    print("\n\n".join("\n".join(explanation(one, paint, why=why)) for one in found))


@app.command()
def compare(
    first: Annotated[str, TRACE],
    second: Annotated[str, TRACE],
    as_json: AsJson = False,
    url: Lens = None,
    run_dir: RunDir = RUN,
) -> None:
    """Compare two traces: what the second does otherwise.

    The address of the same comparison in lens is /trace/FIRST...SECOND.
    """
    from acme.explorer.explaining import comparison_as_json, differences, stories
    from traces.compare import compare as compare_traces
    from traces.formats.story import trace_of

    with connected(run_dir, url) as backend:
        sides = [trace_of(next(stories([text], backend))) for text in (first, second)]
    found = compare_traces(*sides)
    print(json_text(comparison_as_json(found)) if as_json else "\n".join(differences(found)))


@app.command()
def tail(
    service: Service = "",
    operation: Operation = "",
    errors: Errors = False,
    tags: Tags = None,
    shortest: Shortest = None,
    longest: Longest = None,
    query: Text = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document a line, for programs to read.")
    ] = False,
    url: Lens = None,
    run_dir: RunDir = RUN,
) -> None:
    """Print each trace that begins from now on, until Ctrl-C.

    It is printed when it has not grown for a second.
    """
    from acme.explorer import listing
    from traces.formats.otlp_json import summary_json

    fitting = listing.Wanted(
        service, operation, errors, tuple(tags or ()), shortest or "", longest or "", query
    )
    columns, paint = look()
    with connected(run_dir, url) as backend, suppress(KeyboardInterrupt):
        if not as_json:
            print(paint.paint("grey", listing.HEAD), flush=True)
        for one in listing.tail(backend, fitting):
            document = json_text(summary_json(one), indent=None) if as_json else ""
            print(document or listing.row(one, columns, paint), flush=True)


@app.command("import")
def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE",
            help="OTLP as JSON, JSON lines or protobuf, Jaeger or Zipkin JSON; plain or as gzip.",
        ),
    ],
    as_json: AsJson = False,
    url: Annotated[
        str | None,
        typer.Option(parser=http_url, metavar="URL", help="lens, if not that of the running shop."),
    ] = None,
    run_dir: RunDir = RUN,
) -> None:
    """Show traces out of files in lens.

    Says for each file what was read and what was not. Exits with 1 if one of them has no trace.
    """
    from acme.connection import Unreachable
    from acme.importing import NotImported, import_file, sentence
    from acme.running import running_shop
    from chaos.measures import NoShop

    found = []
    failed = False
    try:
        lens = url or running_shop(run_dir).lens
        for file in files:
            try:
                found.append(import_file(lens, file))
            except NotImported as error:
                failed = True
                print(error, file=sys.stderr)
            else:
                if not as_json:
                    print(sentence(lens, found[-1]))
    except (NoShop, Unreachable) as error:
        fail(error, NOTHING_RUNS)
    if as_json:
        print(json_text(found))
    if failed:
        raise typer.Exit(FAILED)
