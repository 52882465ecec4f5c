"""docs/api.md is true: its table has every route and who is let in, and its commands work."""

import asyncio
import re
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn

from tests.inprocess import Shop
from tests.shop.acme import KETTLE
from tests.shop.rules import ANYBODY, BUYER, OWNER, STAFF, app_of, served, started

TEXT = Path("docs/api.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (`(?:GET|POST) /.*?) \| (.*?) \| .* \|$", re.MULTILINE)
COMMANDS = re.compile(r"^```bash\n(.*?)^```", re.MULTILINE | re.DOTALL)
GATEWAY = "http://127.0.0.1:5000"


def documented() -> dict[str, set[str]]:
    """The calls of the table, by who is let in."""
    calls: dict[str, set[str]] = {}
    for named, who in ROW.findall(TEXT):
        calls.setdefault(who, set()).update(re.findall(r"`(.+?)`", named))
    return calls


@asynccontextmanager
async def listening(shop: Shop) -> AsyncIterator[str]:
    """The shop's gateway on a port of its own, for what needs one; its address."""
    server = uvicorn.Server(uvicorn.Config(await started(shop), lifespan="off", log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # A connection that comes before the server is ready waits in the queue of the listener.
        task = asyncio.create_task(server.serve([listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await task


async def bash(script: str, folder: Path) -> str:
    """What the script prints; it must succeed."""
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euo", "pipefail", "-c", script), cwd=folder, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(30):
        printed, _ = await process.communicate()
    assert process.returncode == 0
    return printed.decode()


async def test_the_table_has_every_route_and_who_is_let_in(shop: Shop) -> None:
    listed = documented()

    assert listed == {"anybody": ANYBODY, "the user": OWNER, "the buyer": BUYER, "the staff": STAFF}
    assert set().union(*listed.values()) == served(app_of(shop))


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
async def test_the_commands_work_as_written(shop: Shop, tmp_path: Path) -> None:
    script = "\n".join(COMMANDS.findall(TEXT))
    assert script.count("curl") == script.count(GATEWAY) == 5

    async with listening(shop) as address:
        printed = await bash(script.replace(GATEWAY, address), tmp_path)

    assert '"access_token"' in printed
    assert f'"id":"{KETTLE}"' in printed
    trace = printed.split("/trace/")[1].strip()
    spans = [
        span for span in shop.spans.get_finished_spans() if f"{span.context.trace_id:032x}" == trace
    ]
    services = {span.resource.attributes["service.name"] for span in spans}
    assert services >= {"gateway", "orders", "payment"}
