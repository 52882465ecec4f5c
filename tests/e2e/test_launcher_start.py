"""How `acme up` starts, or says why it cannot; and what the commands say when nothing runs."""

import json
import os
import re
import signal
import socket
import subprocess
import sys

from shared.topology import BY_NAME, SERVICES
from tests.e2e.launched import FEW, Launched, exists, get, until


def port_of(shop: Launched, name: str) -> int:
    return shop.base + list(BY_NAME).index(name)


def test_one_message_names_all_busy_ports_and_who_has_them(shop: Launched) -> None:
    busy = [port_of(shop, name) for name in FEW]
    with (
        socket.create_server(("127.0.0.1", busy[0])),
        socket.create_server(("127.0.0.1", busy[1])),
    ):
        done = shop.acme("up", "--port-base", str(shop.base))

    assert done.returncode == 1
    for name, port in zip(FEW, busy, strict=True):
        assert f"Port {port} of {name} is busy" in done.stderr
    assert f"(pid {os.getpid()})" in done.stderr
    assert "--auto-ports" in done.stderr
    assert done.stdout == "", "nothing was started"


def test_auto_ports_go_around_busy_ones_and_every_service_knows(shop: Launched) -> None:
    busy = port_of(shop, "suggestions")
    with socket.create_server(("127.0.0.1", busy)):
        shop.up("--auto-ports", *FEW)
        found = shop.services()

        assert found["articles"]["ports"] == [port_of(shop, "articles")]
        assert found["suggestions"]["ports"] != [busy]
        other = found["suggestions"]["ports"][0]
        assert f"port {busy} is busy: suggestions takes {other} instead" in shop.log()
        status, answer = get(f"{found['articles']['url']}/articles/v1/?with_suggested=1")

    assert status == 200
    assert any(article["suggested"] for article in json.loads(answer)["articles"])


def test_auto_ports_move_the_ports_for_spans_too(shop: Launched) -> None:
    also = shop.base + len(SERVICES)
    with socket.create_server(("127.0.0.1", also)):
        shop.up("--auto-ports", "lens")
        ports = shop.services()["lens"]["ports"]

        assert ports[0] == port_of(shop, "lens")
        assert ports[1] != also
        with socket.create_connection(("127.0.0.1", ports[1])):
            pass


def test_a_setting_that_cannot_be_used_is_one_line(shop: Launched) -> None:
    shop.environ["AUTH_FAILURE_RATE"] = "30"

    done = shop.acme("up", "--port-base", str(shop.base))

    assert done.returncode == 1
    assert done.stderr == ("AUTH_FAILURE_RATE=30 cannot be used: a number from 0 to 1 is allowed\n")
    assert done.stdout == ""


def test_a_service_that_cannot_start_ends_the_whole(shop: Launched) -> None:
    blocked = shop.run / "data"
    blocked.parent.mkdir(parents=True)
    blocked.write_text("a file where catalog wants a folder")

    up = shop.start("catalog", "suggestions")

    assert up.wait(60) == 1
    assert "catalog (pid" in shop.log()
    assert "before it was ready; stopping the shop" in shop.log()
    assert "restarted" not in shop.log()


def test_one_shop_for_one_folder(shop: Launched) -> None:
    up = shop.up(*FEW)

    done = shop.acme("up", "--auto-ports", *FEW)

    assert done.returncode == 1
    assert f"already runs from {shop.run} (pid {up.pid}); `acme down` stops it" in done.stderr
    assert up.poll() is None


def test_the_state_of_a_killed_launcher_is_ignored(shop: Launched) -> None:
    up = shop.up(*FEW)
    up.kill()
    up.wait()
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        file = shop.run / "run.json"
        state = json.loads(file.read_text())
        state["pid"] = state["services"]["articles"]["pid"] = bystander.pid
        file.write_text(json.dumps(state))

        ps, kill, down = shop.acme("ps"), shop.acme("kill", "articles"), shop.acme("down")

        assert [ps.returncode, kill.returncode, down.returncode] == [3, 3, 0]
        assert bystander.poll() is None, "its pid was in the file, but it is not ours"
    finally:
        bystander.kill()
        bystander.wait()


def test_commands_say_in_a_sentence_that_nothing_runs(shop: Launched) -> None:
    ps, kill, down = shop.acme("ps"), shop.acme("kill", "orders"), shop.acme("down")

    assert (ps.returncode, ps.stdout) == (3, "")
    assert ps.stderr == f"Nothing runs from {shop.run}; `acme up` starts the shop.\n"
    assert (kill.returncode, kill.stderr) == (3, ps.stderr)
    assert (down.returncode, down.stdout) == (0, f"Nothing runs from {shop.run}.\n")


def test_kill_refuses_what_it_does_not_know(shop: Launched) -> None:
    shop.up(*FEW)

    service, number = shop.acme("kill", "article"), shop.acme("kill", FEW[0], "--signal", "FOO")
    absent = shop.acme("kill", "cart")

    assert (service.returncode, number.returncode, absent.returncode) == (2, 2, 1)
    assert "article is not a service. Did you mean 'articles'?" in service.stderr
    assert "FOO is not a signal of this system. There are KILL, TERM," in number.stderr
    assert absent.stderr == "cart does not run. These do: articles, suggestions.\n"


def test_an_unknown_service_is_a_wrong_use(shop: Launched) -> None:
    done = shop.acme("up", "warehouse")

    assert done.returncode == 2
    assert "warehouse" in done.stderr


def test_the_shop_ends_when_nobody_reads_its_log_any_more(shop: Launched) -> None:
    up = shop.start(*FEW, stdout=subprocess.PIPE)
    assert up.stdout
    until(lambda: (shop.run / "run.json").exists() and shop.pids())
    pids = shop.pids().values()
    up.stdout.close()

    assert up.wait(30) == 0
    assert shop.log() == "", "standard error says nothing of a broken pipe"
    assert not any(map(exists, pids))


def test_json_lines_are_passed_on_as_they_are(shop: Launched) -> None:
    shop.environ["SUGGESTIONS_FAILURE_RATE"] = "1"
    up = shop.up("--json", *FEW)
    get(f"{shop.services()['suggestions']['url']}/suggestions/v1/1")
    up.send_signal(signal.SIGINT)
    up.wait(10)

    entries = [json.loads(line) for line in shop.log().splitlines()]

    assert entries[-1]["service"] == "acme"
    assert entries[-1]["message"] == "the shop has stopped"
    failure = next(entry for entry in entries if entry["service"] == "suggestions")
    assert re.fullmatch("[0-9a-f]{32}", failure["trace_id"])


def test_log_lines_stand_behind_the_name_of_their_service(shop: Launched) -> None:
    shop.environ["SUGGESTIONS_FAILURE_RATE"] = "1"
    shop.up(*FEW)
    get(f"{shop.services()['suggestions']['url']}/suggestions/v1/1")

    line = r"suggestions \| \d\d:\d\d:\d\d\.\d{3} WARNING GET /.*\(trace [0-9a-f]{32}\)"
    until(lambda: re.search(line, shop.log()))
    assert "acme        | 2 services are ready" in shop.log()
    assert "\x1b" not in shop.log(), "no colours without a terminal"


def test_a_service_runs_by_itself(shop: Launched) -> None:
    command = [sys.executable, "-m", "acme.serve", "suggestions"]
    environ = shop.environ | {"SUGGESTIONS_PORT": str(shop.base), "ACME_MOCKS": "mocks"}
    with subprocess.Popen(command, env=environ) as served:
        until(lambda: get(f"http://127.0.0.1:{shop.base}/readyz")[0] == 200)
        again = subprocess.run(command, check=False, env=environ, capture_output=True, text=True)
        wrong = subprocess.run(
            command, check=False, env=environ | {"ACME_SEED": "x"}, capture_output=True, text=True
        )
        served.send_signal(signal.SIGTERM)

        assert served.wait(10) == 0

    assert (again.returncode, wrong.returncode) == (78, 78)
    where = f"127.0.0.1:{shop.base} cannot be listened on"
    assert again.stderr == f"suggestions cannot start: {where}: Address already in use\n"
    assert wrong.stderr.startswith("suggestions cannot start: ACME_SEED=x cannot be used")
    assert wrong.stderr.count("\n") == 1


def test_the_log_says_where_spans_go_if_not_to_the_explorer(shop: Launched) -> None:
    shop.environ["SUGGESTIONS_OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9"

    shop.up("suggestions", "articles", "lens")

    lines = [line for line in shop.log().splitlines() if line.startswith("spans go to")]
    assert lines == ["spans go to http://127.0.0.1:9/v1/traces: the explorer does not show those"]


def test_what_a_shop_keeps_is_for_its_user_alone(shop: Launched) -> None:
    shop.up("catalog", "lens", "chaos")

    kept = {path.name: path.stat().st_mode & 0o077 for path in (shop.run, *shop.run.rglob("*"))}
    assert {"run.json", "data", "catalog.sqlite", "lens.sqlite"} <= kept.keys()
    assert set(kept.values()) == {0}
