"""`acme bench`, short: that it measures, not what it measures."""

import json
import os
import subprocess
import sys

from shared.topology import BY_NAME
from tests.e2e.launched import PATIENCE, ROOT


def test_the_benchmark_measures_a_shop_and_accounts_for_every_span() -> None:
    options = ["--seconds", "1", "--rounds", "1", "--warm-up", "0.2", "--json"]

    done = subprocess.run(
        [sys.executable, "-m", "acme.cli", "bench", *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    traced = json.loads(done.stdout)["variants"]["traced"]
    assert traced["wrong_answers"] == 0
    assert traced["spans_kept"] == traced["requests"] * 10 > 0
    assert traced["spans_dropped"] == 0
    assert set(traced["memory_bytes"]) == {*BY_NAME, "redis"}
    assert traced["cpu_seconds_per_1000_requests"]["gateway"] > 0
