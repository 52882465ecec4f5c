"""`acme sampling`: lists the samplers, and edits the strategies that lens serves."""

import json
import re
import shlex
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from acme.sampling.strategies import NoStrategy, strategy
from lens.app import Options, create_app, open_store
from lens.domain.tail import read_policy
from shared.settings import LensSettings, OrdersSettings
from shared.telemetry.sampling import SAMPLERS, sampler
from tests.acme.command_line import acme

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def lens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    options = Options(data=tmp_path_factory.mktemp("lens"))
    store = open_store(options)
    config = uvicorn.Config(create_app(store, options), log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()
    store.close()


def test_every_sampler_is_listed_with_what_it_records(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    assert acme("sampling", "list", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert {row["name"] for row in listed} == set(SAMPLERS)
    assert acme("sampling", "list") == 0
    printed = capsys.readouterr().out
    assert "no error has happened yet when a trace begins" in printed
    assert "remote         jaeger_remote" in printed


@pytest.mark.parametrize(
    ("sampler", "param", "found"),
    [
        ("probabilistic", "0.25", {"type": "probabilistic", "param": 0.25}),
        ("parentbased_traceidratio", "1", {"type": "probabilistic", "param": 1}),
        ("ratelimiting", "5", {"type": "ratelimiting", "param": 5}),
        ("rate_limiting", "0", {"type": "ratelimiting", "param": 0}),
        ("const", "1", {"type": "probabilistic", "param": 1}),
        ("const", "false", {"type": "probabilistic", "param": 0}),
        ("always_off", "", {"type": "probabilistic", "param": 0}),
        ("parentbased_always_on", "", {"type": "probabilistic", "param": 1}),
    ],
)
def test_a_sampler_has_the_strategy_that_does_the_same(
    sampler: str, param: str, found: object
) -> None:
    assert strategy(sampler, param) == found


@pytest.mark.parametrize(
    ("sampler", "param", "sentence"),
    [
        ("probabilistic", "25", r"25 is not a share from 0 to 1; did you mean 0.25 \(25 %\)\?"),
        ("probabilistic", "", "nothing is not a share from 0 to 1"),
        ("probabilistic", "250", "250 is not a share from 0 to 1$"),
        ("ratelimiting", "2.5", "2.5 is not a whole number of traces per second"),
        ("const", "2", "const takes 1 or 0, not 2"),
        ("always_on", "1", "always_on takes no number, not 1"),
        ("remote", "", "OTEL_TRACES_SAMPLER=jaeger_remote"),
        ("adaptive", "2", "adaptive works in the service alone"),
        ("error_biased", "0.1", "error_biased works in the service alone"),
        ("often", "", "often is not a sampler; there are default, always_off"),
    ],
)
def test_what_is_no_strategy_is_one_sentence_with_the_remedy(
    sampler: str, param: str, sentence: str
) -> None:
    with pytest.raises(NoStrategy, match=sentence):
        strategy(sampler, param)


def test_set_edits_what_lens_serves_and_says_who_follows(
    lens: str, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ("--url", lens)
    assert acme("sampling", "set", "orders", "probabilistic", "0.25", *here) == 0
    printed = capsys.readouterr().out
    assert "orders does not poll for strategies: OTEL_TRACES_SAMPLER=jaeger_remote" in printed
    assert "requests from gateway follow what was decided there" in printed
    operation = ("--operation", "GET /order/{id}")
    assert acme("sampling", "set", "orders", "probabilistic", "1", *operation, *here) == 0
    assert acme("sampling", "set", "default", "ratelimiting", "5", *here) == 0
    capsys.readouterr()
    assert acme("sampling", "show", "--json", *here) == 0
    assert json.loads(capsys.readouterr().out) == {
        "default_strategy": {"type": "ratelimiting", "param": 5},
        "service_strategies": [
            {
                "service": "orders",
                "type": "probabilistic",
                "param": 0.25,
                "operation_strategies": [
                    {"operation": "GET /order/{id}", "type": "probabilistic", "param": 1}
                ],
            }
        ],
    }
    assert acme("sampling", "show", *here) == 0
    lines = capsys.readouterr().out.splitlines()
    (line,) = (line for line in lines if line.startswith("orders"))
    assert " ".join(line.split()) == "orders probabilistic 0.25 25 % of the traces never"
    assert acme("sampling", "set", "orders", "default", *operation, *here) == 0
    assert acme("sampling", "set", "orders", "default", *here) == 0
    capsys.readouterr()
    assert acme("sampling", "set", "orders", "default", *here) == 1
    assert capsys.readouterr().err == "orders has no strategy of its own\n"


def test_the_commands_of_the_guide_can_be_given(
    lens: str, capsys: pytest.CaptureFixture[str]
) -> None:
    guide = (ROOT / "docs" / "sampling.md").read_text()
    lines = re.findall(r"^acme (sampling .*)$", guide, re.MULTILINE)
    commands = [shlex.split(line) for line in lines]
    assert {words[1] for words in commands} == {"show", "set", "compare"}
    for words in commands:
        ending = ["--help"] if words[1] == "compare" else ["--url", lens]
        assert acme(*words, *ending) == 0, words
    printed = capsys.readouterr().out.splitlines()
    assert any(line.split()[:3] == ["gateway", "ratelimiting", "5"] for line in printed)


def test_the_environments_of_the_guide_are_settings() -> None:
    guide = (ROOT / "docs" / "sampling.md").read_text()
    found = re.findall(r"^((?:[A-Z_]+=\S+ )+)(?:acme|docker)", guide, re.MULTILINE)
    assert found
    for given in found:
        environ = dict(pair.split("=", 1) for pair in given.split())
        telemetry = OrdersSettings.read(environ).telemetry
        if telemetry.sampler_arg:
            chosen = sampler(telemetry.sampler, telemetry.sampler_arg, service="orders")
            getattr(chosen, "close", lambda: None)()
        read_policy(LensSettings.read(environ).tail)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("orders", "probabilistic", "25"), "25 is not a share from 0 to 1"),
        (("orders", "ratelimiting", "5", "--operation", "GET /"), "an operation can have a share"),
        (("default", "default"), "`default default` changes nothing"),
    ],
)
def test_a_wrong_use_changes_nothing(
    words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert acme("sampling", "set", *words) == 2
    assert sentence in " ".join(capsys.readouterr().err.split())


def test_without_a_lens_it_says_how_to_name_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert acme("sampling", "show", "--url", "http://127.0.0.1:9") == 3
    assert capsys.readouterr().err.startswith("no lens answers at http://127.0.0.1:9 (")
