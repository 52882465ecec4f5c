"""`acme instrumentation` with real processes: what its page shows."""

import json
import os
import subprocess
import sys

from tests.e2e.launched import PATIENCE, ROOT
from tests.shop.test_instrumentation import in_page, without_numbers


def test_the_packages_show_the_calls_of_an_order_in_a_shop_of_processes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "acme.cli", "instrumentation", "auto", "--json"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    auto = json.loads(done.stdout)["auto"]
    assert without_numbers("\n".join(auto["tree"])) == in_page("auto")
    assert auto["edges"] == [
        ["gateway", "auth"],
        ["gateway", "orders"],
        ["orders", "cart"],
        ["orders", "catalog"],
        ["orders", "payment"],
    ]
    assert auto["SERVER"] == 6
