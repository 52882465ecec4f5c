import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from scripts.mocks import generate
from shared.errors import SettingError
from shared.mocks import read_mocks
from shared.money import cents
from tests.acme.command_line import acme

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"
DEMO_USERS = ["eric", "phoebe", "dwight", "han", "elaine", "walter"]


def test_the_committed_mocks_are_what_the_script_writes(tmp_path: Path) -> None:
    generate(24, 4, 7, tmp_path)

    assert contents(tmp_path) == contents(ROOT / "mocks")


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


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
    assert acme("mocks", "--out", str(tmp_path), "--", *wrong) == 2

    assert "Usage: acme mocks" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_missing_mocks_say_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="`make mocks` writes it"):
        read_mocks(tmp_path / "articles.json")


def test_broken_mocks_say_so(tmp_path: Path) -> None:
    (tmp_path / "articles.json").write_text("{")

    with pytest.raises(SettingError, match="is no JSON"):
        read_mocks(tmp_path / "articles.json")


def test_every_product_is_described_priced_tagged_and_drawn_three_times(tmp_path: Path) -> None:
    generate(1, 4, 3, tmp_path)

    products = read_mocks(tmp_path / "products.json")["products"]
    assert len({product["id"] for product in products}) == len(products) >= 24
    for product in products:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", product["id"])
        assert "{" not in product["description"]
        assert 0 < cents(product["price"]) < cents(1000)
        assert 2 <= len(set(product["tags"])) <= 3
        for number in (1, 2, 3):
            url = product[f"imageUrl{number}"]
            assert url == f"/pictures/{product['id']}-{number}.svg"
            assert (tmp_path / url.removeprefix("/")).is_file()


def test_most_prices_are_not_whole(tmp_path: Path) -> None:
    generate(1, 4, 7, tmp_path)

    prices = [product["price"] for product in read_mocks(tmp_path / "products.json")["products"]]

    whole = [price for price in prices if price == int(price)]
    assert 0 < len(whole) < len(prices) / 2


def test_products_stay_the_same_however_many_articles_there_are(tmp_path: Path) -> None:
    generate(3, 4, 7, tmp_path / "few")
    generate(30, 4, 7, tmp_path / "many")

    few, many = ((tmp_path / name / "products.json").read_bytes() for name in ("few", "many"))
    assert few == many


def test_a_product_goes_with_others_that_share_a_tag(tmp_path: Path) -> None:
    generate(1, 5, 2, tmp_path)

    products = read_mocks(tmp_path / "products.json")["products"]
    tags = {product["id"]: set(product["tags"]) for product in products}
    related = read_mocks(tmp_path / "suggestions.json")["products"]
    assert related.keys() == tags.keys()
    for id_, others in related.items():
        assert id_ not in others
        assert 0 < len(set(others)) == len(others) <= 5
        assert all(tags[id_] & tags[other] for other in others)


def test_the_demo_users_are_the_same_six_and_have_no_password(tmp_path: Path) -> None:
    generate(1, 1, 99, tmp_path)

    users = read_mocks(tmp_path / "users.json")["users"]

    assert [user["username"] for user in users] == DEMO_USERS
    assert all(re.fullmatch(r"[0-9a-f]{24}", user["id"]) for user in users)
    assert [user["username"] for user in users if user["role"] == "staff"] == ["walter"]
    assert "password" not in json.dumps(users)


def test_pictures_are_small_and_hold_shapes_only(tmp_path: Path) -> None:
    generate(1, 1, 7, tmp_path)

    for path in sorted((tmp_path / "pictures").iterdir()):
        picture = ET.parse(path).getroot()  # noqa: S314 - it is our own
        names = {element.tag.removeprefix(SVG) for element in picture.iter()}
        assert names <= {"svg", "g", "rect", "circle", "ellipse", "path", "pattern"}, path
        assert picture.attrib["viewBox"] == "0 0 400 400"
        assert not any(key.startswith("on") for part in picture.iter() for key in part.attrib)
        assert path.stat().st_size < 3072, path


def test_no_two_pictures_are_the_same(tmp_path: Path) -> None:
    generate(1, 1, 7, tmp_path)

    drawn = contents(tmp_path / "pictures")
    assert len(set(drawn.values())) == len(drawn)
