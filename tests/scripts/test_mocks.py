import json
from pathlib import Path

import pytest

from scripts.mocks import generate, main
from shared.errors import SettingError
from shared.mocks import read_mocks

ROOT = Path(__file__).resolve().parents[2]


def test_the_committed_mocks_are_what_the_script_writes(tmp_path: Path) -> None:
    generate(24, 4, 7, tmp_path)

    for name in ("articles.json", "suggestions.json"):
        assert (tmp_path / name).read_bytes() == (ROOT / "mocks" / name).read_bytes()


def test_another_seed_writes_other_texts(tmp_path: Path) -> None:
    generate(3, 1, 1, tmp_path / "one")
    generate(3, 1, 2, tmp_path / "two")

    one, two = (read_mocks(tmp_path / name / "articles.json") for name in ("one", "two"))
    assert one != two


def test_no_article_suggests_itself_and_no_title_comes_twice(tmp_path: Path) -> None:
    generate(300, 6, 1, tmp_path)

    articles = read_mocks(tmp_path / "articles.json")["articles"]
    suggestions = read_mocks(tmp_path / "suggestions.json")["suggestions"]
    assert len({article["title"] for article in articles}) == 300
    assert {article["id"] for article in articles} == set(suggestions)
    for id_, others in suggestions.items():
        assert id_ not in others
        assert len(set(others)) == 6
        assert set(others) <= set(suggestions)


def test_a_lonely_article_has_no_suggestions(tmp_path: Path) -> None:
    generate(1, 4, 1, tmp_path)

    assert read_mocks(tmp_path / "suggestions.json")["suggestions"] == {"1": []}


def test_texts_are_filled_in(tmp_path: Path) -> None:
    generate(50, 2, 3, tmp_path)

    assert "{" not in json.dumps(
        [[a["text"], a["title"]] for a in read_mocks(tmp_path / "articles.json")["articles"]]
    )


@pytest.mark.parametrize("wrong", [["0", "4"], ["3", "-1"], ["many", "4"]])
def test_numbers_that_make_no_sense_are_refused(
    wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--out", str(tmp_path), "--", *wrong])

    assert caught.value.code == 2
    assert "usage: acme mocks" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_missing_mocks_say_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="`make mocks` writes it"):
        read_mocks(tmp_path / "articles.json")


def test_broken_mocks_say_so(tmp_path: Path) -> None:
    (tmp_path / "articles.json").write_text("{")

    with pytest.raises(SettingError, match="is no JSON"):
        read_mocks(tmp_path / "articles.json")
