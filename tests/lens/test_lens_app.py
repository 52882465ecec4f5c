"""lens as a whole: assembled, and answering only to its own names."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from acme.lens import create_app
from shared.origin import is_local
from shared.service import Runtime
from shared.settings import LensSettings
from tests.lens.made import PROTOBUF, request


async def opened(settings: LensSettings) -> AsyncIterator[httpx.AsyncClient]:
    async with Runtime.open(settings) as runtime:
        app = create_app(runtime)
        await runtime.start()
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield client


@pytest.fixture
async def lens(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async for client in opened(LensSettings(otlp_grpc_port=0, data=tmp_path / "new" / "folder")):
        yield client


@pytest.fixture
async def open_lens(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    everywhere = "0.0.0.0"  # noqa: S104
    names = ("lens.example",)
    settings = LensSettings(host=everywhere, hosts=names, data=tmp_path, otlp_grpc_port=0)
    async for client in opened(settings):
        yield client


async def test_one_app_takes_spans_and_shows_them(lens: httpx.AsyncClient) -> None:
    body = request(service="cart").SerializeToString()
    assert (await lens.post("/v1/traces", content=body, headers=PROTOBUF)).status_code == 200
    while (await lens.get("/lens/api/stats")).json()["spans"] == 0:
        pass
    assert (await lens.get("/api/services")).json()["data"] == ["cart"]
    assert (await lens.get("/api/v3/services")).json() == {"services": ["cart"]}
    assert (await lens.get("/healthz")).json()["service"] == "lens"
    assert "cart" in (await lens.get("/")).text


async def test_the_file_is_in_the_folder_of_the_settings(
    lens: httpx.AsyncClient, tmp_path: Path
) -> None:
    assert (await lens.get("/lens/api/stats")).status_code == 200
    assert (tmp_path / "new" / "folder" / "lens.sqlite").exists()


@pytest.mark.parametrize("host", ["localhost:16686", "127.0.0.1:4318", "[::1]:16686", "LOCALHOST"])
async def test_lens_answers_to_the_names_of_this_machine(
    lens: httpx.AsyncClient, host: str
) -> None:
    assert (await lens.get("/api/services", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "0.0.0.0", "169.254.169.254", "10.0.0.1"])  # noqa: S104
@pytest.mark.parametrize("path", ["/", "/api/services", "/lens/api/stats"])
async def test_lens_refuses_the_names_of_others(
    lens: httpx.AsyncClient, path: str, host: str
) -> None:
    answer = await lens.get(path, headers={"Host": host})
    assert (answer.status_code, answer.json()["error"]) == (421, "misdirected")
    assert f"ACME_HOSTS={host} makes it one" in answer.json()["detail"]


async def test_opened_to_a_network_lens_has_the_names_it_is_given(
    open_lens: httpx.AsyncClient,
) -> None:
    for host, status in (("lens.example", 200), ("lens", 200), ("other.example", 421)):
        answer = await open_lens.get("/api/services", headers={"Host": host})
        assert answer.status_code == status, host


async def test_programs_send_spans_to_whatever_name_leads_here_and_browsers_do_not(
    lens: httpx.AsyncClient,
) -> None:
    body, host = request(service="cart").SerializeToString(), {"Host": "traces.internal"}
    sent = await lens.post("/v1/traces", content=body, headers=PROTOBUF | host)
    browsers = host | {"Origin": "http://traces.internal"}
    forged = await lens.post("/v1/traces", content=body, headers=PROTOBUF | browsers)
    assert (sent.status_code, forged.status_code) == (200, 421)


def test_local_is_what_can_only_mean_this_machine() -> None:
    names = ["localhost", "127.0.0.1", "127.1.2.3", "::1", "0.0.0.0", "lens"]  # noqa: S104
    assert [is_local(name) for name in names] == [True, True, True, True, False, False]
