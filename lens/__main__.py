"""`python -m lens`: takes traces of any OpenTelemetry program, keeps them and shows them."""

import argparse
import asyncio
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from types import FrameType

import uvicorn

from lens.app import Options, create_app, open_store, taking_grpc
from lens.domain.hints import BadHints, Hints
from lens.domain.tail import EXAMPLE, TailPolicy, read_policy
from lens.store import TraceStore
from lens.store.intake import Full
from shared import __version__, serving
from shared.origin import is_local
from shared.private import keep_private, make_private
from traces.formats.reading import NoTraces, Reading, read

GRACE_SECONDS = 1
CANNOT_START = 1


class Server(serving.Server):
    """The server: a signal ends the live streams first, and the process goes on to close."""

    def __init__(self, config: uvicorn.Config, store: TraceStore) -> None:
        super().__init__(config)
        self._store = store

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._store.end_waits()
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own raises the signal again at the end, before the store is closed.
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until SIGINT or SIGTERM; answers the exit code."""
    given = parser().parse_args(arguments)
    keep_private()
    make_private(*given.data.glob("lens.sqlite*"))
    try:
        reading = Reading()
        for file in given.files:
            reading.add(reading_of(file))
        sockets = [listen(given.host, port) for port in (given.port, given.otlp_port)]
        grpc = free_port(given.host, given.otlp_grpc_port)
        sampling = listen_if_free(given.host, given.sampling_port)
    except (OSError, NoTraces) as error:
        print(f"lens cannot start: {error}", file=sys.stderr)
        return CANNOT_START
    pages, otlp = (address(given.host, one.getsockname()[1]) for one in sockets)
    otlp_grpc = address(given.host, grpc) if grpc else ""
    sampling_port = sampling[0].getsockname()[1] if sampling else 0
    print(
        f"lens shows traces at {pages} and takes OTLP at {otlp}"
        + (f", over gRPC at {otlp_grpc}" if otlp_grpc else "")
        + (f"; sampling strategies at {address(given.host, sampling_port)}" if sampling else ""),
        flush=True,
    )
    if not is_local(given.host):
        print(f"open to other machines ({given.host}): whoever reaches it reads all traces")
    if reading.forms:  # they may be older than the list goes back by default
        print(f"traces of the files: {pages}/search?lookback=any", flush=True)
    folder = tempfile.TemporaryDirectory(prefix="lens-") if given.ephemeral else nullcontext()
    with folder as temporary:
        options = Options(
            data=Path(temporary) if temporary else given.data,
            host=given.host,
            names=frozenset(given.allow_host),
            max_traces=given.max_traces,
            max_mb=given.max_mb,
            otlp=otlp,
            otlp_grpc=otlp_grpc,
            sampling_port=sampling_port,
            tail=given.tail,
            hints=given.hints,
        )
        serve(options, [*sockets, *sampling], grpc, reading)
    return 0


def serve(
    options: Options, sockets: list[socket.socket], grpc: int | None, reading: Reading
) -> None:
    """Serves a store that has what was read beside what it had before; OTLP over gRPC on a port,
    if one is given.
    """
    store = open_store(options)
    with closing(store), taking_grpc(store, options.host, grpc):
        if reading.forms:
            take(store, reading)
        config = uvicorn.Config(
            create_app(store, options),
            http=serving.HttpProtocol,
            ws="none",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        asyncio.run(Server(config, store).serve(sockets))


def take(store: TraceStore, reading: Reading) -> None:
    try:
        store.intake.everything(reading.spans, reading.logs, 0, "files at the start")
    except Full as error:
        print(f"the files are not shown: {error}", file=sys.stderr)


def reading_of(file: Path) -> Reading:
    """Raises OSError when the file cannot be read, NoTraces with its name when it has none."""
    try:
        reading = read(file.read_bytes())
    except NoTraces as error:
        raise NoTraces(f"{file}: {error}") from None
    if reading.rejected:
        print(f"{file}: {reading.explanation}", file=sys.stderr)
    return reading


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lens",
        description="Takes traces over OTLP, keeps them in one file, and shows them.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add(
        "files",
        nargs="*",
        type=Path,
        metavar="FILE",
        help="traces to show from the start: OTLP, Jaeger or Zipkin JSON, OTLP protobuf, or gzip",
    )
    add("--host", default="127.0.0.1", help="address to listen on")
    add("--port", type=int, default=16686, help="port of the pages and of Jaeger's API; 0: any")
    add("--otlp-port", type=int, default=4318, help="port that takes OTLP over HTTP; 0: any")
    add(
        "--otlp-grpc-port",
        type=optional_port,
        default=4317,
        metavar="PORT",
        help="port that takes OTLP over gRPC; 0: any, off: none",
    )
    add(
        "--sampling-port",
        type=optional_port,
        default=5778,
        metavar="PORT",
        help="port that answers remote samplers, as Jaeger's; 0: any, off: none",
    )
    add(
        "--data",
        type=Path,
        default=Path.home() / ".cache" / "lens",
        help="folder of the traces' file",
    )
    add("--ephemeral", action="store_true", help="keep the traces in a temporary folder")
    add(
        "--tail",
        type=tail_policy,
        default="off",
        metavar="POLICY",
        help=f"which traces are kept, decided when they are over: on, off or {EXAMPLE}",
    )
    add("--max-traces", type=int, default=20_000, help="how many traces are kept")
    add("--max-mb", type=int, default=256, help="how large the file may grow, in megabytes")
    add(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name under which lens answers beside localhost and the address it is reached at",
    )
    add(
        "--hints",
        type=hints_of,
        default=Hints(),
        metavar="FILE",
        help="JSON that says where the code of the traced programs is, and what to try",
    )
    add("--version", action="version", version=f"lens {__version__}")
    return parser


def hints_of(file: str) -> Hints:
    try:
        return Hints.read(Path(file).read_text(encoding="utf-8"))
    except (OSError, BadHints) as error:
        raise argparse.ArgumentTypeError(f"{file} has no hints: {error}") from None


def tail_policy(text: str) -> TailPolicy | None:
    try:
        return read_policy(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def optional_port(text: str) -> int | None:
    return None if text == "off" else int(text)


def listen(host: str, port: int) -> socket.socket:
    """Raises OSError with the address in its message."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (while")[0]
        raise OSError(f"{host}:{port} cannot be listened on: {reason}") from None


def listen_if_free(host: str, port: int | None) -> list[socket.socket]:
    """The socket, or none after a line that says why: strategies are edited without it, too."""
    if port is None:
        return []
    try:
        return [listen(host, port)]
    except OSError as error:
        print(
            f"sampling strategies are not served: {error}; --sampling-port names another port",
            file=sys.stderr,
        )
        return []


def free_port(host: str, port: int | None) -> int | None:
    """The port, or any for 0, after a look whether it is free: gRPC opens its port by itself, and
    says less about one that is not.
    """
    if port is None:
        return None
    with listen(host, port) as free:
        found: int = free.getsockname()[1]
        return found


def address(host: str, port: int) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"


if __name__ == "__main__":
    sys.exit(main())
