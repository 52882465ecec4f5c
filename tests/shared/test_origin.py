"""Where a request comes from, as far as a browser tells."""

import pytest

from shared.origin import is_foreign


@pytest.mark.parametrize(
    ("site", "origin", "foreign"),
    [
        (None, None, False),
        ("same-origin", None, False),
        ("same-origin", "http://shop:5000", False),
        ("none", None, False),
        ("same-site", None, True),
        ("cross-site", None, True),
        ("", None, True),
        (None, "http://shop:5000", False),
        (None, "https://shop:5000", False),
        (None, "http://shop:5001", True),
        (None, "http://evil.example", True),
        (None, "http://[", True),
        (None, "null", True),
    ],
)
def test_browsers_say_when_another_sites_page_sends_something(
    site: str | None, origin: str | None, *, foreign: bool
) -> None:
    assert is_foreign(site, origin, "shop:5000") is foreign
