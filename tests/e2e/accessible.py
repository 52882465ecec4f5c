"""What axe finds wrong on a page, at the widths of a phone, a laptop and a large screen, in the
light and in the dark.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

AXE = Path(__file__).with_name("axe") / "axe.min.js"
WIDTHS = (390, 1280, 1920)
OF_COLOURS = ["color-contrast", "link-in-text-block"]
RUN = """(rules) => axe.run(document, {
    resultTypes: ["violations"], preload: false, iframes: false,
    ...(rules.length && { runOnly: rules }),
})"""


class Inspected:
    """A page that is inspected wherever a test brings it; `found` has a line for each fault."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pages = 0
        self.found: list[str] = []

    def inspect(self, name: str) -> None:
        """Looks at the page as it is now, in all widths and colours."""
        self.pages += 1
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.run(f"{name} at {width}", "light")
            self.run(f"{name} at {width}", "dark", OF_COLOURS)
        self.page.set_viewport_size({"width": 1280, "height": 900})

    def run(self, where: str, theme: Literal["light", "dark"], rules: Sequence[str] = ()) -> None:
        """Applies these rules, or all; those of colours are all that another theme can break."""
        self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for violation in self.page.evaluate(RUN, list(rules))["violations"]:
            self.found.append(f"{where}, {theme}: {described(violation)}")
            print(self.found[-1])  # said also when the test fails for another reason


def described(violation: dict[str, Any]) -> str:
    nodes = violation["nodes"]
    first = f"{' '.join(nodes[0]['target'])} {nodes[0]['failureSummary']}"
    return f"{violation['id']}, {len(nodes)} times: {' '.join(first.split())[:400]}"
