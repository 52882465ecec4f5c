"""Programs that stand in for services: where they are called, and what is said of them."""

import socket
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from acme.launcher import environment, ps, stop
from acme.launcher.events import Events
from acme.launcher.outside import Outside, Watch, outside_of
from acme.launcher.plan import CannotStart, UpOptions, opened, plan
from acme.launcher.sockets import Place, listen, port_of
from acme.launcher.state import State
from shared.settings import SuggestionsSettings

HOST = "127.0.0.1"
WITHOUT = UpOptions(Path("unused"), without=["suggestions"])


class NotFound(BaseHTTPRequestHandler):
    """A program with no route at all."""

    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def program() -> Iterator[str]:
    with HTTPServer((HOST, 0), NotFound) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://{HOST}:{server.server_port}"
        server.shutdown()
        thread.join()


def seen_by_the_loop(outside: Outside, seconds: float) -> list[str]:
    """What a watch says until it has said something, or so many seconds have passed."""
    events, said = Events(), list[str]()

    def say(sentence: str) -> None:
        said.append(sentence)
        events.end()

    with closing(events):
        watch = Watch(outside, say)
        watch.start(events)
        events.later(seconds, events.end)
        events.run()
        watch.end()
    assert watch.silent is not bool(said)
    return said


def test_what_is_outside_is_not_started() -> None:
    assert "suggestions" not in WITHOUT.names
    assert "articles" in WITHOUT.names


def test_nothing_left_to_start_is_one_sentence() -> None:
    with pytest.raises(CannotStart, match="nothing is left to start without cart, users"):
        plan(UpOptions(Path("unused"), ["cart"], without=["cart", "users"]), {})


def test_it_is_called_on_the_port_of_the_service_it_stands_in_for() -> None:
    environ = environment.with_ports({}, environment.block(20_000), WITHOUT.without)

    outside = outside_of(SuggestionsSettings.read(environ))

    assert outside.url == f"http://{HOST}:{environment.block(20_000)['suggestions'][0]}"
    lens = environment.block(20_000)["lens"]
    assert outside.spans == f"http://{HOST}:{lens[1]}"
    assert f"OTEL_EXPORTER_OTLP_ENDPOINT={outside.spans}" in outside.expected
    assert f"SUGGESTIONS_PORT={outside.port}" in outside.expected


@pytest.mark.parametrize("url", ["http://127.0.0.1:8002", "http://elsewhere.test:9000/prefix"])
def test_an_address_that_is_named_stays_whatever_the_ports(url: str) -> None:
    given = {"SUGGESTIONS_URL": url}

    environ = environment.with_ports(given, environment.block(20_000), WITHOUT.without)

    assert environ["SUGGESTIONS_URL"] == url


def test_no_service_gives_way_to_the_port_of_one_that_is_outside() -> None:
    with listen(HOST, 0) as busy, listen(HOST, 0) as free:
        taken, kept = port_of(busy), range(port_of(busy) + 1, port_of(busy) + 20)
        free.close()
        places, listeners, _ = opened(HOST, {"auth": Place(HOST, (taken,))}, True, kept)

    listeners["auth"].close()
    assert places["auth"].ports[0] >= kept.stop


def test_any_answer_shows_that_it_is_there(program: str) -> None:
    (sentence,) = seen_by_the_loop(Outside("suggestions", program), 10)

    assert f"suggestions answers at {program}" in sentence
    assert "`acme contract suggestions`" in sentence


def test_what_is_no_service_of_the_shop_has_no_contract() -> None:
    assert Outside("lens", "http://127.0.0.1:1").answering == "lens answers at http://127.0.0.1:1"


def test_one_that_is_missing_is_silent() -> None:
    with listen(HOST, 0) as free:
        url = f"http://{HOST}:{port_of(free)}"

    outside = Outside("suggestions", url)

    assert seen_by_the_loop(outside, 0.05) == []
    assert outside.missing.startswith(f"nothing answers at {url} yet: what needs suggestions fails")


def test_a_host_without_an_address_is_missing_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert seen_by_the_loop(Outside("suggestions", "http://nowhere.test:8002"), 0.05) == []


def test_a_password_in_its_address_is_not_said() -> None:
    outside = Outside("suggestions", "http://eric:s3cret@127.0.0.1:8002")

    for sentence in (outside.expected, outside.missing, outside.answering):
        assert "s3cret" not in sentence


def test_ps_shows_where_it_is_called_and_that_it_is_outside(program: str) -> None:
    process = Outside("suggestions", program).as_process()

    row = ps.look(("suggestions", process))

    assert (row.outside, row.pid, row.healthy) == (True, 0, False)
    line = ps.as_table(State(1, 0.0, 7), [row]).splitlines()[1]
    assert line.split()[:2] == ["suggestions", "outside"]


def test_it_is_not_ours_to_kill() -> None:
    state = State(1, 0.0, 7)
    state.services = {"suggestions": Outside("suggestions", "http://127.0.0.1:1").as_process()}

    with pytest.raises(stop.CannotKill, match="suggestions is outside the shop"):
        stop.kill(state, "suggestions", stop.number_of("KILL"))


def test_a_shop_that_is_just_starting_has_nothing_to_kill() -> None:
    with pytest.raises(stop.CannotKill, match="lens does not run yet: the shop is just starting"):
        stop.kill(State(1, 0.0, 7), "lens", stop.number_of("KILL"))
