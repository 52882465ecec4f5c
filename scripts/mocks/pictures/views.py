"""Three pictures of each thing: the thing itself, a detail in another colour, and in use."""

from scripts.mocks.pictures.drawings import DRAWINGS, Drawing, Pose
from scripts.mocks.pictures.palette import PALETTES, Palette
from scripts.mocks.pictures.scenes import SCENES, table
from scripts.mocks.pictures.shapes import area, circle, drawn, faint, oval, picture, placed, rect

CLOSE = 1.9
SHADOW = "#1d2433"
PLACES: dict[Pose, str] = {
    "stands": "translate(24 52) scale(.88)",
    "hangs": "translate(40 24) scale(.8)",
    "lies": "translate(20 10) scale(.9)",
}


def views(slug: str, room: str) -> tuple[str, str, str]:
    """The three as whole SVG files."""
    drawing, (day, other) = DRAWINGS[slug], PALETTES[room]
    scene = table(day) if drawing.pose == "lies" else SCENES[room](day)
    return (
        picture(alone(drawing, day)),
        picture(closely(drawing, other)),
        picture(scene, in_use(drawing, day)),
    )


def alone(drawing: Drawing, p: Palette) -> str:
    return drawn(
        rect(0, 0, 400, 400, p.wall),
        circle(200, 200, 168, p.shade),
        shadow(300) if drawing.pose == "stands" else "",
        placed(drawing.thing(p), "translate(14 10) scale(.93)"),
    )


def closely(drawing: Drawing, p: Palette) -> str:
    x, y = drawing.detail
    return drawn(
        rect(0, 0, 400, 400, p.wall),
        area("M0 400L400 60V400Z", p.shade),
        placed(drawing.thing(p), f"translate(200 200) scale({CLOSE}) translate({-x} {-y})"),
    )


def in_use(drawing: Drawing, p: Palette) -> str:
    thing, used = drawing.thing(p), drawing.used(p)
    both = drawn(used, thing) if drawing.behind else drawn(thing, used)
    below = shadow(326) if drawing.pose == "stands" else ""
    return drawn(below, placed(both, PLACES[drawing.pose]))


def shadow(y: float) -> str:
    return faint(oval(200, y, 140, 10, SHADOW), 0.16)
