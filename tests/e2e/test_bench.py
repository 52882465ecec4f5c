"""`acme bench`, short: that it measures, not what it measures."""

import json
import os
import subprocess
import sys
from pathlib import Path

from shared.topology import BY_NAME
from tests.e2e.launched import PATIENCE, ROOT


def test_the_benchmark_measures_a_shop_and_accounts_for_every_span(tmp_path: Path) -> None:
    out = tmp_path / "bench.json"
    options = ["--seconds", "1", "--rounds", "1", "--warm-up", "0.2", "--json", str(out)]

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
    assert "CPU s per 1,000 requests" in done.stdout
    traced = json.loads(out.read_text())["variants"]["traced"]
    assert traced["wrong_answers"] == 0
    assert traced["spans_kept"] == traced["requests"] * 10 > 0
    assert traced["spans_dropped"] == 0
    assert set(traced["memory_bytes"]) == {*BY_NAME, "redis"}
    assert traced["cpu_seconds_per_1000_requests"]["gateway"] > 0
