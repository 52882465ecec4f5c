"""Stack traces without the frames of packages that ask to be left out."""

import sys
import traceback
from types import ModuleType
from typing import Any

import pytest

from shared.tracebacks import without_hidden_frames

SOURCE = "def call(work):\n    return work()\n"


def caller(monkeypatch: pytest.MonkeyPatch, package: str, *, hidden: bool) -> Any:
    """A function of that package, which calls what it is given."""
    module = ModuleType(package)
    if hidden:
        module.__dict__["__tracebackhide__"] = True
    monkeypatch.setitem(sys.modules, package, module)
    names: dict[str, Any] = {"__package__": package, "__name__": f"{package}.calls"}
    exec(compile(SOURCE, f"{package}/calls.py", "exec"), names)  # noqa: S102 - frames of a package
    return names["call"]


def files_of(error: BaseException) -> list[str]:
    shown = traceback.extract_tb(without_hidden_frames(error).__traceback__)
    return [frame.filename for frame in shown]


def test_frames_of_a_hidden_package_are_left_out_wherever_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hidden = caller(monkeypatch, "hidden_one", hidden=True)
    shown = caller(monkeypatch, "shown_one", hidden=False)

    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no") as raised:
        hidden(lambda: shown(lambda: hidden(fail)))

    files = files_of(raised.value)
    assert "hidden_one/calls.py" not in files
    assert files.count("shown_one/calls.py") == 1
    assert files[0] == files[-1] == __file__


def test_an_error_of_a_hidden_package_seems_to_come_from_its_caller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hidden = caller(monkeypatch, "hidden_one", hidden=True)
    with pytest.raises(TypeError) as raised:
        hidden(None)

    assert files_of(raised.value) == [__file__]
