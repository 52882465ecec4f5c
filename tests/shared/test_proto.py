"""The code that is committed is what the compiler makes of the .proto files."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.proto import ROOT, SOURCES, generate


def test_the_committed_code_is_current(tmp_path: Path) -> None:
    pytest.importorskip("grpc_tools", reason="grpcio-tools is not installed")

    for fresh in generate(tmp_path):
        committed = ROOT / fresh.relative_to(tmp_path)
        assert committed.read_text() == fresh.read_text(), f"make proto writes {committed} anew"


def test_there_is_a_source() -> None:
    assert [source.name for source in SOURCES] == ["payment.proto"]


def test_whoever_does_not_speak_grpc_does_not_import_it() -> None:
    services = "import sys, services.orders.app, services.payment.app, acme.serve"
    program = f"{services}; sys.exit('grpc' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0
