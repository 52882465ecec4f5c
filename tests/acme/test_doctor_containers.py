"""What the doctor finds of Docker and of the stack."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from acme.docker.engine import Docker
from acme.doctor import containers
from acme.doctor.finding import Finding
from acme.launcher.sockets import listen, port_of
from tests.acme.fake_docker import FakeDocker

GIB = 1 << 30
RUNS = {"State": "running", "Health": "healthy"}
CONFIG = {
    "services": {
        "frontend": {"image": "localhost/acmeshop:dev", "mem_limit": str(96 << 20)},
        "lens": {"image": "localhost/acmeshop:dev", "mem_limit": str(128 << 20)},
    }
}


@pytest.fixture
def fake(tmp_path: Path) -> FakeDocker:
    """A Docker with all that is wanted, and a stack that does not run."""
    made = FakeDocker(tmp_path)
    made.answers(
        {
            "version": {"Version": "27.1", "Os": "linux", "Arch": "amd64"},
            "compose version": "2.40.3",
            "compose config": CONFIG,
            "compose ps": "",
            "info": {"MemTotal": 8 * GIB, "NCPU": 4, "Architecture": "x86_64"},
            "image inspect": "sha256:0123456789ab",
        }
    )
    return made


def found(fake: FakeDocker) -> list[Finding]:
    return list(containers.findings(Docker(str(fake.program))))


def rows(*containers: dict[str, object]) -> str:
    return "\n".join(map(json.dumps, containers))


def test_a_docker_with_all_that_is_wanted_is_well(fake: FakeDocker) -> None:
    assert [(one.mark, one.what) for one in found(fake)] == [
        ("ok", "Docker Engine 27.1 for linux/amd64"),
        ("ok", "Docker Compose 2.40.3"),
        ("ok", "Docker has 8192 MiB of memory; the containers may take 224 MiB"),
        ("ok", "Docker has 4 CPUs"),
        ("ok", "all 1 images are here"),
        ("ok", "the stack does not run"),
        ("ok", "0 ports are free"),
    ]


def test_without_docker_it_says_where_to_get_it(tmp_path: Path) -> None:
    (only,) = containers.findings(Docker(str(tmp_path / "docker")))

    assert (only.mark, only.what) == ("fail", "docker is not installed")
    assert only.fix.startswith("Install Docker")


def test_an_engine_that_does_not_answer_is_reported_in_its_own_words(fake: FakeDocker) -> None:
    fake.refuses("version", "Cannot connect to the Docker daemon.")

    (only,) = found(fake)

    assert (only.mark, only.what) == ("fail", "Cannot connect to the Docker daemon.")


@pytest.mark.parametrize(
    ("version", "mark"), [("2.23.3", "fail"), ("v2.24.0-desktop.1", "ok"), ("5.0.1", "ok")]
)
def test_an_old_compose_is_reported(fake: FakeDocker, version: str, mark: str) -> None:
    fake.answers({"compose version": version})

    assert found(fake)[1].mark == mark


def test_too_little_memory_is_reported_with_what_takes_less(fake: FakeDocker) -> None:
    fake.answers({"info": {"MemTotal": 150 << 20, "NCPU": 1, "Architecture": "aarch64"}})

    memory, cpus = found(fake)[2:4]

    assert (memory.mark, cpus.mark) == ("warn", "warn")
    assert "ACME_SHOP=compact" in memory.fix


@pytest.mark.parametrize(("flags", "mark"), [("sse avx avx2", "ok"), ("sse sse2", "fail")])
def test_a_processor_without_avx_is_reported_when_mongodb_is_wanted(
    fake: FakeDocker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, flags: str, mark: str
) -> None:
    cpus = tmp_path / "cpuinfo"
    cpus.write_text(f"flags : {flags}\n")
    monkeypatch.setattr(containers, "CPUS", cpus)
    fake.answers({"compose config": {"services": {"mongo": {"image": "mongo"}}}})

    assert found(fake)[4].mark == mark


def test_images_that_are_missing_are_named(fake: FakeDocker) -> None:
    fake.refuses("image inspect", "Error response from daemon: No such image: acmeshop:dev")

    assert found(fake)[4].what == "images not here yet: localhost/acmeshop:dev"


def test_an_engine_that_does_not_answer_is_not_an_image_that_is_missing(fake: FakeDocker) -> None:
    fake.refuses("image inspect", "Cannot connect to the Docker daemon")

    assert found(fake)[-1].mark == "fail"
    assert found(fake)[-1].what == "Cannot connect to the Docker daemon"


def test_a_busy_port_is_reported_with_the_service_that_wants_it(fake: FakeDocker) -> None:
    with listen("127.0.0.1", 0) as busy:
        published = {"host_ip": "127.0.0.1", "published": str(port_of(busy))}
        fake.answers(
            {"compose config": {"services": {"jaeger": {"image": "j", "ports": [published]}}}}
        )

        last = found(fake)[-1]

    assert last.mark == "fail"
    assert ", for jaeger: " in last.what


def test_an_ill_container_is_reported_and_what_was_not_started_too(fake: FakeDocker) -> None:
    fake.answers({"compose ps": rows({"Service": "frontend", "State": "exited", "ExitCode": 137})})

    assert [(one.mark, one.what) for one in found(fake)[5:]] == [
        ("ok", "0 of 1 containers are well"),
        ("fail", "frontend is exited (exit code 137)"),
        ("fail", "lens was not started"),
        ("warn", "lens does not run: no span can be read back"),
    ]


@pytest.mark.parametrize(("state", "mark"), [("running", "warn"), ("restarting", "fail")])
def test_who_starts_has_time_but_not_over_and_over(fake: FakeDocker, state: str, mark: str) -> None:
    fake.answers({"compose ps": rows({"Service": "lens", "State": state, "Health": "starting"})})

    assert found(fake)[6].mark == mark


def test_what_only_a_container_can_see_is_looked_at_from_within(fake: FakeDocker) -> None:
    seen: dict[str, Any] = {"mark": "ok", "what": "a span was read back", "fix": ""}
    fake.answers(
        {
            "compose ps": rows({"Service": "frontend", **RUNS}, {"Service": "lens", **RUNS}),
            "compose exec": seen,
        }
    )

    assert found(fake)[5:] == [Finding("ok", "2 of 2 containers are well"), Finding(**seen)]
    assert fake.arguments()[-1] == "compose exec -T lens python -m acme.doctor.inside"


@pytest.mark.skipif("ACME_STACK_URL" not in os.environ, reason="no stack of containers runs here")
def test_a_real_stack_is_well() -> None:
    marks = {one.what: one.mark for one in containers.findings(Docker())}

    assert {what: mark for what, mark in marks.items() if mark == "fail"} == {}
    assert any("was read back" in what for what in marks)
