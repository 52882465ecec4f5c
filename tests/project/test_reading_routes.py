"""GET never changes anything: a link or a picture of another site's page has a browser send it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WINGS = ("services", "lens", "chaos", "shared")
CHANGE = {"add", "apply", "buy", "cancel", "change", "charge", "clear", "create", "delete"} | {
    *("drop", "end", "import", "log", "pay", "place", "post", "put", "refresh", "register"),
    *("remove", "reset", "restart", "save", "send", "set", "start", "stop", "update", "void"),
}
# A contract that clients have; with a cookie the gateway takes it from its own site alone.
OF_OLD = {"clear_cart"}


def handlers_of_get(source: str) -> Iterator[str]:
    """The names of the functions that answer GET."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef):
            calls = [one.func for one in node.decorator_list if isinstance(one, ast.Call)]
            if any(isinstance(call, ast.Attribute) and call.attr == "get" for call in calls):
                yield node.name


def test_what_answers_get_is_named_after_reading() -> None:
    sources = [path.read_text() for wing in WINGS for path in (ROOT / wing).rglob("*.py")]
    found = {name for source in sources for name in handlers_of_get(source)}

    assert len(found) > 40
    assert {name for name in found if name.partition("_")[0] in CHANGE} == OF_OLD
