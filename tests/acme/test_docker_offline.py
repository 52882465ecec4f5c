"""All images in one file: packed here, loaded there."""

import gzip
from pathlib import Path

import pytest

from acme.docker import offline
from acme.docker.engine import Docker, DockerFailed
from tests.acme.fake_docker import FakeDocker


@pytest.fixture
def fake(tmp_path: Path) -> FakeDocker:
    made = FakeDocker(tmp_path)
    made.answers(
        {
            "compose --profile * config --images": "b:2\na:1\nb:2\n",
            "version": "arm64",
            "image inspect": "sha256:0123456789ab",
            "save a:1 b:2": "many layers",
            "load": "Loaded:",
        }
    )
    return made


@pytest.fixture
def docker(fake: FakeDocker) -> Docker:
    return Docker(str(fake.program))


def test_each_image_is_named_once(docker: Docker) -> None:
    assert offline.listed(docker) == {"a:1": True, "b:2": True}


def test_an_image_that_is_not_here_is_marked_and_not_packed(
    fake: FakeDocker, docker: Docker, tmp_path: Path
) -> None:
    fake.refuses("image inspect", "Error response from daemon: No such image")

    with pytest.raises(DockerFailed, match="these images are not here: a:1, b:2; first docker"):
        offline.pack(docker, tmp_path)

    assert offline.listed(docker) == {"a:1": False, "b:2": False}


def test_a_pack_says_in_its_name_for_which_processors_it_is(docker: Docker, tmp_path: Path) -> None:
    file = offline.pack(docker, tmp_path)

    assert file.name == "acmeshop-images-arm64.tar.gz"
    assert gzip.decompress(file.read_bytes()) == b"many layers"


def test_a_pack_that_failed_leaves_nothing(
    fake: FakeDocker, docker: Docker, tmp_path: Path
) -> None:
    fake.refuses("save a:1 b:2", "no space left on device")

    with pytest.raises(DockerFailed, match="no space left on device"):
        offline.pack(docker, tmp_path)

    assert not list(tmp_path.glob("acmeshop*"))


def test_a_pack_is_loaded_on_another_machine(docker: Docker, tmp_path: Path) -> None:
    assert offline.load(docker, offline.pack(docker, tmp_path)) == "Loaded: 11 bytes"


def test_a_pack_for_other_processors_is_refused(
    fake: FakeDocker, docker: Docker, tmp_path: Path
) -> None:
    file = offline.pack(docker, tmp_path)
    fake.answers({"version": "amd64"})

    with pytest.raises(DockerFailed, match="is for other processors: this engine runs amd64"):
        offline.load(docker, file)


def test_a_file_that_is_no_pack_is_refused(docker: Docker, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no pack")

    with pytest.raises(DockerFailed, match=r"notes\.txt cannot be read"):
        offline.load(docker, tmp_path / "notes.txt")
