"""Facts about the project: what is written in two places is the same in both."""

import ast
import os
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase, translate
from pathlib import Path

import pytest

from scripts.tables import ROOT, filled, pages
from shared.settings.notices import SEMCONV, UNSUPPORTED
from shared.settings.variables import VARIABLES
from shared.telemetry.attributes import ATTRIBUTES
from shared.telemetry.metrics.table import METRICS
from shared.topology import BY_NAME, EDGES, SERVICES
from tests.project.composed import OF_COMPOSE
from tests.stack.running import NAMED as OF_TESTS

CODE = [
    path
    for package in ("acme", "chaos", "lens", "scripts", "services", "shared", "traces")
    for path in sorted((ROOT / package).rglob("*.py"))
]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
# Verbs without an object, as names: the field has a noun for each of them.
VAGUE = {"told", "asked", "lent", "apart", "struck", "strike", "blow", "nursery", "pretended"}
PAGES = pages()


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_service_of_the_table_has_its_package_and_every_package_its_row() -> None:
    packages = {
        f"services.{path.parent.name}" for path in (ROOT / "services").glob("*/__init__.py")
    }

    assert packages == {row.module for row in SERVICES if row.traced}
    assert {row.module for row in SERVICES if not row.traced} == {"lens", "chaos.control_plane"}


@pytest.mark.parametrize("service", sorted(BY_NAME))
def test_every_service_says_in_one_sentence_what_it_is(service: str) -> None:
    text = ROOT.joinpath(*BY_NAME[service].module.split("."), "__init__.py").read_text()

    assert re.fullmatch(r'"""[A-Z][^"]+\.\n?"""\n', text)


def test_callees_are_services_and_ports_are_unique() -> None:
    ports = [port for row in SERVICES for port in (row.port, *row.also)]

    assert {callee for _, callee in EDGES} <= set(BY_NAME)
    assert len(ports) == len(set(ports))


@pytest.mark.parametrize("path", [*CODE, *TESTS], ids=name_of)
def test_names_are_words_one_can_search_for(path: Path) -> None:
    nodes = ast.walk(ast.parse(path.read_text()))
    names = {getattr(node, key, None) for node in nodes for key in ("id", "arg", "attr", "name")}
    given = {name for name in names if isinstance(name, str) and not name.startswith("test_")}

    assert {name for name in given if VAGUE & set(name.lower().split("_"))} == set()


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_the_environment_is_read_in_its_two_places_only(path: Path) -> None:
    if name_of(path) not in {"shared/settings/environment.py", "acme/launcher/environment.py"}:
        assert not re.search(r"\bos\.environ|\bgetenv|import environ\b", path.read_text())


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_httpx_is_known_behind_the_wire_only(path: Path) -> None:
    # Traffic is no part of the shop: it is the browser in front of it.
    known = ("shared/http/", "shared/grpc/", "shared/transport.py", "acme/traffic/")
    if not name_of(path).startswith(known):
        assert not re.search(r"^\s*(import|from) httpx\b", path.read_text(), re.MULTILINE)


def test_own_attributes_are_in_the_table_and_the_table_has_no_others() -> None:
    listings = {ROOT / "shared/telemetry/attributes.py", ROOT / "shared/telemetry/metrics/table.py"}
    sources = [path.read_text() for path in CODE if path not in listings]
    used = {
        name
        for text in sources
        for name in re.findall(r'"((?:acmeshop|customer)(?:\.\w+)+)"', text)
    }

    # The first is the name of a logger, the other one of an event.
    of_metrics = {name for row in METRICS for name in (row.name, *row.attributes)}
    named = used - {"acmeshop.access", "acmeshop.fault.injected"} - of_metrics
    assert named == {attribute.name for attribute in ATTRIBUTES}, (
        "an attribute is listed in shared/telemetry/attributes.py, a metric in"
        " shared/telemetry/metrics/table.py"
    )


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_tables_of_the_docs_are_those_of_the_code(page: Path) -> None:
    text = page.read_text()

    assert text == filled(text), "`make docs` writes the tables anew"


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs/settings.md").read_text()

    assert {name for name in VARIABLES if f"`{name}`" not in text} == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_docs_name_only_what_there_is(page: Path) -> None:
    text = page.read_text()
    makefile = (ROOT / "Makefile").read_text()
    named = set(re.findall(r"`make ([a-z-]+)", text)) | set(
        re.findall(r"^make ([a-z-]+)", text, re.MULTILINE)
    )
    links = [
        link
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
        if "://" not in link and not (page.parent / link).exists()
    ]

    assert {verb for verb in named if not re.search(rf"^{verb}:", makefile, re.MULTILINE)} == set()
    assert links == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_variable_named_in_the_docs_is_a_setting(page: Path) -> None:
    named = set(
        re.findall(r"\b((?:ACME|OTEL|LENS|AUTH|SHIPPING)_[A-Z_]+[A-Z])\b", page.read_text())
    )

    known = {*VARIABLES, *OF_COMPOSE, *OF_TESTS.values(), SEMCONV, *MISSPELT}
    unknown = {name for name in named - known if not is_unsupported(name)}
    assert unknown == set()


MISSPELT = {"ACME_TIMOUT_MS", "AUTH_FAIL_RATE"}  # as examples


def is_unsupported(name: str) -> bool:
    """Whether the name, or what stands before its asterisk, is in the table of those."""
    return any(fnmatchcase(name, one) or one.startswith(f"{name}_*") for one in UNSUPPORTED)


def test_no_tracked_file_names_a_package_index_or_a_folder_of_some_machine() -> None:
    hosts = r"python" + r"hosted|pypi\.org|registry\.npm" + r"js|proxy\.golang"
    folders = r"/(work|root|home/[a-z]+)/"
    named = re.compile(f"{hosts}|{folders}")

    found = {
        str(path.relative_to(ROOT)): line
        for path in own_files()
        if path.suffix != ".svg" and path.parent.name != "project"
        for line in path.read_text(errors="ignore").splitlines()
        if named.search(line)
    }

    assert found == {}


def test_no_line_of_a_document_is_longer_than_200_characters() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in own_files()
        if path.suffix == ".md"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > 200 and "{{" not in line
    ]

    assert long == []


def own_files() -> Iterator[Path]:
    """The files of the project, without asking git: not all have it, nor a clone."""
    patterns = (ROOT / ".gitignore").read_text().splitlines()
    ignored = re.compile("|".join(translate(line.rstrip("/")) for line in (*patterns, ".git")))
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if not ignored.match(name)]
        yield from (Path(folder, name) for name in names if not ignored.match(name))


def test_the_lock_has_hashes_and_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-service.lock"):
        text = (ROOT / name).read_text()
        pins = re.findall(r"^[a-z0-9-]+(?:\[[a-z,]+\])?==", text, re.MULTILINE)
        assert len(pins) > 40
        assert text.count("--hash=sha256:") >= len(pins)
        assert "://" not in text


def test_every_declared_package_is_locked() -> None:
    declared = re.findall(
        r'^    "([a-z0-9-]+)', (ROOT / "pyproject.toml").read_text(), re.MULTILINE
    )
    locked = (ROOT / "requirements-dev.lock").read_text()

    assert {name for name in declared if f"\n{name}==" not in f"\n{locked}"} == set()
