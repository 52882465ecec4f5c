"""The colours: those of materials, and for each room a pair of palettes."""

from dataclasses import dataclass

WOOD, WOOD_DARK, WOOD_LIGHT = "#c08a57", "#94633a", "#dcb184"
STEEL, STEEL_DARK, STEEL_LIGHT = "#c6d0d9", "#8896a5", "#eef2f6"
IRON, INK, SOIL = "#3b4150", "#262a36", "#5b4032"
LEAF, LEAF_DARK = "#6fa35b", "#47784a"
CREAM, FLAME, BRASS = "#fffaf0", "#ffb638", "#dfae4a"


@dataclass(frozen=True)
class Palette:
    """`wall` is behind everything, `shade` is a quiet shape on it; `main`, with a `dark` and a
    `light` neighbour, is the colour of the thing, `accent` a small contrast.
    """

    wall: str
    shade: str
    main: str
    dark: str
    light: str
    accent: str


PALETTES = {
    "kitchen": (
        Palette("#fbecdc", "#f7d3b2", "#d95d43", "#a94130", "#ee8a6d", "#2f5d62"),
        Palette("#2f5d62", "#3d7378", "#f2b263", "#cf8b3a", "#f9d090", "#d95d43"),
    ),
    "garden": (
        Palette("#e9f2df", "#cbe0b6", "#3f8f6b", "#2b6a50", "#7dbd93", "#eb9a4d"),
        Palette("#2b5a48", "#38705a", "#eb8a5b", "#c2663a", "#f6b48c", "#f7d774"),
    ),
    "workshop": (
        Palette("#e6edf5", "#c6d6e7", "#3b6fb0", "#285085", "#7fa8da", "#f2a63b"),
        Palette("#26364f", "#344a69", "#f0a43a", "#c87f1f", "#fbcd84", "#6fa0d8"),
    ),
    "outdoors": (
        Palette("#e2f1f1", "#b9dedd", "#e2703a", "#b4502a", "#f39c6b", "#2a6f77"),
        Palette("#1f5560", "#2c6b75", "#f4c04f", "#cf962c", "#fadd93", "#e2703a"),
    ),
    "study": (
        Palette("#f3ecf6", "#dccbe6", "#7a569b", "#583b76", "#ab8bc6", "#e9b44c"),
        Palette("#3d2f55", "#52406f", "#ea8f8a", "#c46660", "#f6bdb6", "#f0cb6a"),
    ),
}
