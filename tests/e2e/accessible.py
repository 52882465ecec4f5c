"""What axe finds wrong on a page, at the widths of a phone, a laptop and a large screen, in the
light and in the dark.

axe looks at element after element, and at all of them again on the next page. Here what repeats is
inspected once: rows of a list that are marked up alike are taken away after the first ones; of
texts with the same colours on the same grounds one is measured, on whichever page it comes first;
and two widths that show the same elements have the same structure.
"""

from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import BrowserContext, Page

FOLDER = Path(__file__).with_name("axe")
AXE = FOLDER / "axe.min.js"
WIDTHS = (1280, 390, 1920)
OF_COLOURS = ["color-contrast", "link-in-text-block"]
OF_LENGTH = ["scrollable-region-focusable"]
Theme = Literal["light", "dark"]


def prepare(context: BrowserContext) -> None:
    """Gives all pages of the context what an inspection needs."""
    context.add_init_script(path=AXE)
    context.add_init_script(path=FOLDER / "inspect.js")


class Inspected:
    """A page that is inspected wherever a test brings it; `found` has a line for each fault."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pages = 0
        self.found: list[str] = []
        self._looks: set[int] = set()

    def inspect(self, name: str) -> None:
        """Looks at the page as it is now, in all widths and colours."""
        self.pages += 1
        structures: set[str] = set()
        self.note(name, self.call("run", OF_LENGTH))  # while lists are as long as they are
        self.call("prune")
        for width in WIDTHS:
            where = f"{name} at {width}"
            self.page.set_viewport_size({"width": width, "height": 900})
            self.colours(where, "light")
            shown = self.call("shown")
            if shown not in structures:
                self.note(where, self.call("without", OF_COLOURS))
            structures.add(shown)
            self.colours(where, "dark")
        self.call("restore")
        self.page.set_viewport_size({"width": WIDTHS[0], "height": 900})

    def colours(self, where: str, theme: Theme) -> None:
        """Applies the rules of colours, which are all that another theme can break."""
        self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        wanted = {"rules": OF_COLOURS, "known": list(self._looks)}
        result = self.call("texts", wanted)
        self._looks.update(result["looks"])
        self.note(f"{where}, {theme}", result)

    def call(self, name: str, argument: object = None) -> Any:
        """What a function of inspect.js answers."""
        return self.page.evaluate(f"(argument) => inspection.{name}(argument)", argument)

    def note(self, where: str, result: dict[str, Any]) -> None:
        for violation in result["violations"]:
            self.found.append(f"{where}: {described(violation)}")
            print(self.found[-1])  # said also when the test fails for another reason


def described(violation: dict[str, Any]) -> str:
    nodes = violation["nodes"]
    first = f"{' '.join(nodes[0]['target'])} {nodes[0]['failureSummary']}"
    return f"{violation['id']}, {len(nodes)} times: {' '.join(first.split())[:400]}"
