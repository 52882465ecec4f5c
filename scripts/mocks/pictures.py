"""Three pictures of each product: the thing itself, a detail in other colours, and in use.

The artwork is SVG in `artwork/`: a file for each thing, with a group `thing` and a group `used`
(what there is to see of it in use), in drawing order, and a file for each room that things are used
in. Colours that depend on the room are CSS variables; each file sets some, so that it can be opened
alone.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

FOLDER = Path(__file__).parent / "artwork"
SVG = "{http://www.w3.org/2000/svg}"
SIZE: Final = 'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400"'
ROUNDED: Final = 'stroke-linecap="round" stroke-linejoin="round"'

COLOURS = ("wall", "shade", "main", "dark", "light", "accent")
# For each room two palettes, by day and for the detail. `wall` is behind everything and `shade` a
# quiet shape on it; `main`, with a `dark` and a `light` neighbour, is the colour of the thing.
PALETTES = {
    "kitchen": (
        ("#fbecdc", "#f7d3b2", "#d95d43", "#a94130", "#ee8a6d", "#2f5d62"),
        ("#2f5d62", "#3d7378", "#f2b263", "#cf8b3a", "#f9d090", "#d95d43"),
    ),
    "garden": (
        ("#e9f2df", "#cbe0b6", "#3f8f6b", "#2b6a50", "#7dbd93", "#eb9a4d"),
        ("#2b5a48", "#38705a", "#eb8a5b", "#c2663a", "#f6b48c", "#f7d774"),
    ),
    "workshop": (
        ("#e6edf5", "#c6d6e7", "#3b6fb0", "#285085", "#7fa8da", "#f2a63b"),
        ("#26364f", "#344a69", "#f0a43a", "#c87f1f", "#fbcd84", "#6fa0d8"),
    ),
    "outdoors": (
        ("#e2f1f1", "#b9dedd", "#e2703a", "#b4502a", "#f39c6b", "#2a6f77"),
        ("#1f5560", "#2c6b75", "#f4c04f", "#cf962c", "#fadd93", "#e2703a"),
    ),
    "study": (
        ("#f3ecf6", "#dccbe6", "#7a569b", "#583b76", "#ab8bc6", "#e9b44c"),
        ("#3d2f55", "#52406f", "#ea8f8a", "#c46660", "#f6bdb6", "#f0cb6a"),
    ),
}

CLOSE = 1.9
SHADOW = '<g opacity="0.16"><ellipse cx="200" cy="{y}" rx="140" ry="10" fill="#1d2433"/></g>'
# How a thing takes its place in a room, by the pose that its file names.
PLACES = {
    "stands": "translate(24 52) scale(.88)",
    "hangs": "translate(40 24) scale(.8)",
    "lies": "translate(20 10) scale(.9)",
}


@dataclass(frozen=True)
class Drawing:
    """A thing as its file describes it: `both` has what is used with it, in the order of the file;
    `detail` is the point worth a closer look.
    """

    thing: str
    both: str
    pose: str
    detail: tuple[int, int]

    @classmethod
    def read(cls, slug: str) -> "Drawing":
        root = ET.parse(FOLDER / "things" / f"{slug}.svg").getroot()  # noqa: S314 - a file of ours
        groups = {group.attrib["id"]: inside(group) for group in root.findall(f"{SVG}g")}
        x, y = map(int, root.attrib["data-detail"].split())
        return cls(groups["thing"], "".join(groups.values()), root.attrib["data-pose"], (x, y))


def views(slug: str, room: str) -> tuple[str, str, str]:
    """The three as whole SVG files."""
    drawing, (day, other) = Drawing.read(slug), PALETTES[room]
    return (
        picture(alone(drawing), day),
        picture(closely(drawing), other),
        picture(in_use(drawing, room), day),
    )


def alone(drawing: Drawing) -> str:
    return (
        '<rect x="0" y="0" width="400" height="400" fill="var(--wall)"/>'
        '<circle cx="200" cy="200" r="168" fill="var(--shade)"/>'
        f"{SHADOW.format(y=300) if drawing.pose == 'stands' else ''}"
        f'<g transform="translate(14 10) scale(.93)">{drawing.thing}</g>'
    )


def closely(drawing: Drawing) -> str:
    x, y = drawing.detail
    return (
        '<rect x="0" y="0" width="400" height="400" fill="var(--wall)"/>'
        '<path d="M0 400L400 60V400Z" fill="var(--shade)"/>'
        f'<g transform="translate(200 200) scale({CLOSE}) translate({-x} {-y})">{drawing.thing}</g>'
    )


def in_use(drawing: Drawing, room: str) -> str:
    """In its room; what lies is seen from above, on a table."""
    place = "table" if drawing.pose == "lies" else room
    scene = ET.parse(FOLDER / "rooms" / f"{place}.svg").getroot()  # noqa: S314 - a file of ours
    return (
        f"{inside(scene)}"
        f"{SHADOW.format(y=326) if drawing.pose == 'stands' else ''}"
        f'<g transform="{PLACES[drawing.pose]}">{drawing.both}</g>'
    )


def inside(parent: ET.Element) -> str:
    """The shapes of an element as SVG text, without white space and without its style."""
    return "".join(text(shape) for shape in parent if shape.tag != f"{SVG}style")


def text(shape: ET.Element) -> str:
    tag = shape.tag.removeprefix(SVG)
    attributes = "".join(f' {name}="{value}"' for name, value in shape.attrib.items())
    return f"<{tag}{attributes}>{inside(shape)}</{tag}>" if len(shape) else f"<{tag}{attributes}/>"


def picture(shapes: str, palette: tuple[str, ...]) -> str:
    """A whole file, with the palette's colours in place of the variables."""
    colours = dict(zip(COLOURS, palette, strict=True))
    coloured = re.sub(r"var\(--(\w+)\)", lambda found: colours[found[1]], shapes)
    return f"<svg {SIZE} {ROUNDED}>{coloured}</svg>\n"
