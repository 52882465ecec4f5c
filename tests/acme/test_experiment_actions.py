"""The actions of experiments, against a control plane of canned answers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from chaos.experiments.actions import put_fault
from chaos.measures import is_applied_everywhere

FAULT = {"id": "slow", "effect": {"type": "latency", "ms": 5}}


@contextmanager
def control_plane(*applied: str) -> Iterator[str]:
    """The address of one that answers with these, one after the other."""
    left = list(applied)

    class Answers(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            body = json.dumps({"applied": left.pop(0) if self.command == "GET" else ""}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = answer  # noqa: N815 - as http.server has them

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("applied", "true"), [("11/11", True), ("10/11", False), ("0/11", False), ("0/0", False)]
)
def test_a_fault_is_applied_everywhere_only_if_there_are_processes(
    applied: str, true: bool
) -> None:
    assert is_applied_everywhere(applied) is true


def test_a_fault_is_applied_once_a_process_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with control_plane("0/0", "0/1", "1/1") as url:
        monkeypatch.setenv("CHAOS_URL", url)
        message = put_fault(FAULT)

    assert message == "slow applied by 1/1"
