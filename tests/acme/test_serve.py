"""A service in a process of its own: what it loads of the fault engine, and works without."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

# Serves on a free port, calls the service once, and prints what of chaos is loaded by then.
PROGRAM = """
import asyncio, json, os, sys, urllib.request
from acme.launcher.sockets import listen, port_of
from acme.serve import serve
from shared.settings import settings_for

async def main():
    socket = listen("127.0.0.1", 0)
    serving = asyncio.create_task(serve(settings_for("catalog"), [socket]))
    url = f"http://127.0.0.1:{port_of(socket)}/products"
    answer = await asyncio.to_thread(lambda: urllib.request.urlopen(url).read())
    chaos = sorted(name for name in sys.modules if name.split(".")[0] == "chaos")
    print(json.dumps({"products": len(json.loads(answer)["data"]), "chaos": chaos}), flush=True)
    os._exit(0)

asyncio.run(main())
"""


def served(folder: Path, **environ: str) -> Any:
    own = {"ACME_DATA": str(folder), "OTEL_SDK_DISABLED": "true", "CHAOS_URL": "http://127.0.0.1:9"}
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, **own, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


def test_without_chaos_nothing_of_the_fault_engine_is_imported(tmp_path: Path) -> None:
    served_without = served(tmp_path, ACME_CHAOS="off")

    assert served_without["chaos"] == []
    assert served_without["products"] > 0


@pytest.mark.parametrize("environ", [{}, {"ACME_CHAOS": "on"}])
def test_a_service_works_while_there_is_no_control_plane(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    alone = served(tmp_path, **environ)

    assert "chaos.engine.hooks" in alone["chaos"]
    assert alone["products"] > 0
