"""Every order is accounted for: real processes, failing and killed while buyers check out."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from acme.audit.killer import turns
from acme.redis.server import choose
from tests.e2e.launched import PATIENCE, ROOT

ORDERS = 60


def test_every_order_is_stored_charged_and_shipped_once_whoever_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    options = ["--orders", str(ORDERS), "--buyers", "4", "--kills", "8"]

    done = subprocess.run(
        [sys.executable, "-m", "acme.cli", "audit", *options, "--json", "--log", log],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=3 * PATIENCE,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr + log.read_text()[-3000:]
    found = json.loads(done.stdout)
    assert found["discrepancies"] == []
    assert found["acknowledged"] + found["refused"] == ORDERS
    assert found["refused"] > 0
    assert found["answers"]["POST /order/add: 503"] > 0  # auth did fail, and buyers tried again
    forgets = choose(os.environ["PATH"]).forgets
    assert found["killed"] == Counter(turns((), 8, seed=1, redis_forgets=forgets))
    assert found["unsettled"] == 0
