"""The room a thing is used in: what stands behind it. Its floor begins at FLOOR."""

from collections.abc import Callable

from scripts.mocks.pictures.palette import (
    CREAM,
    FLAME,
    INK,
    LEAF,
    LEAF_DARK,
    STEEL_DARK,
    WOOD,
    WOOD_DARK,
    WOOD_LIGHT,
    Palette,
)
from scripts.mocks.pictures.shapes import (
    area,
    circle,
    drawn,
    line,
    oval,
    placed,
    rect,
    tiled,
    turned,
)

FLOOR = 304


def counter(top: str, front: str) -> str:
    return drawn(rect(0, FLOOR, 400, 96, front), rect(0, FLOOR, 400, 44, top))


def kitchen(p: Palette) -> str:
    tile = rect(2, 2, 46, 46, p.shade, 5)
    jar = drawn(rect(0, 0, 34, 44, CREAM, 8), rect(3, -8, 28, 12, WOOD_DARK, 4))
    return drawn(
        rect(0, 0, 400, 400, p.wall),
        tiled("tiles", 50, 50, tile),
        rect(0, 0, 400, FLOOR, "url(#tiles)"),
        rect(20, 62, 96, 10, WOOD, 3),
        placed(jar, "translate(28 18)"),
        placed(drawn(jar, rect(0, 16, 34, 16, p.accent)), "translate(72 18)"),
        counter(WOOD_LIGHT, p.dark),
    )


def garden(p: Palette) -> str:
    board = area("M4 330V214L20 196L36 214V330Z", CREAM)
    return drawn(
        rect(0, 0, 400, 400, "#d7eef3"),
        circle(330, 76, 38, FLAME),
        oval(90, 70, 46, 16, CREAM),
        oval(122, 60, 34, 16, CREAM),
        oval(70, 300, 220, 130, p.shade),
        oval(350, 310, 190, 110, p.light),
        rect(0, 232, 400, 12, CREAM),
        tiled("fence", 40, 400, board),
        rect(0, 0, 400, 400, "url(#fence)"),
        rect(0, FLOOR, 400, 96, LEAF),
        area("M0 304q20 -12 40 0t40 0t40 0t40 0t40 0t40 0t40 0t40 0t40 0t40 0V330H0Z", LEAF),
        rect(0, 356, 400, 44, LEAF_DARK),
    )


def workshop(p: Palette) -> str:
    saw = drawn(area("M0 0H96L88 30H0Z", STEEL_DARK), area("M-40 -8H4V38H-26Q-44 20 -40 -8Z", WOOD))
    hammer = drawn(rect(-6, 0, 12, 84, WOOD), rect(-26, -6, 54, 24, INK, 5))
    return drawn(
        rect(0, 0, 400, 400, p.wall),
        tiled("holes", 25, 25, circle(12, 12, 3, p.shade)),
        rect(0, 0, 400, FLOOR, "url(#holes)"),
        placed(saw, "translate(58 34)"),
        placed(hammer, "translate(356 34)"),
        counter(WOOD_LIGHT, WOOD_DARK),
    )


def outdoors(p: Palette) -> str:
    pine = drawn(
        rect(-4, 0, 8, 20, WOOD_DARK), area("M0 -84L30 -30H-30ZM0 -56L36 6H-36Z", LEAF_DARK)
    )
    return drawn(
        rect(0, 0, 400, 400, "#fbe3cf"),
        circle(296, 120, 48, FLAME),
        area("M-40 310L110 90L230 310Z", p.accent),
        area("M110 90L146 156L118 140L98 162L76 140Z", CREAM),
        area("M150 310L290 150L440 310Z", "#5b98a0"),
        area("M290 150L322 184L298 178L280 194L262 182Z", CREAM),
        oval(200, 350, 300, 70, p.shade),
        placed(pine, "translate(40 300)"),
        placed(pine, "translate(366 304) scale(1.2)"),
        area("M0 316Q200 276 400 316V400H0Z", LEAF),
        area("M0 366Q200 340 400 366V400H0Z", LEAF_DARK),
    )


def study(p: Palette) -> str:
    stripe = rect(0, 0, 20, 40, p.shade)
    frame = drawn(
        rect(0, 0, 92, 108, WOOD_DARK, 4),
        rect(9, 9, 74, 90, "#cfe6ee"),
        area("M9 99L40 52L60 78L68 66L83 99Z", p.light),
        circle(62, 34, 10, FLAME),
    )
    return drawn(
        rect(0, 0, 400, 400, p.wall),
        tiled("paper", 40, 40, stripe),
        rect(0, 0, 400, FLOOR, "url(#paper)"),
        placed(frame, "translate(30 40)"),
        rect(0, FLOOR - 14, 400, 14, CREAM),
        counter(WOOD, WOOD_DARK),
    )


def table(p: Palette) -> str:
    """Any room's table, seen from above."""
    check = drawn(rect(0, 0, 25, 25, p.shade), rect(25, 25, 25, 25, p.shade))
    cloth = drawn(rect(24, 24, 352, 352, p.wall, 10), rect(24, 24, 352, 352, "url(#checks)", 10))
    return drawn(
        rect(0, 0, 400, 400, WOOD_LIGHT),
        line("M0 66H400M0 200H400M0 334H400", WOOD, 4),
        tiled("checks", 50, 50, check),
        turned(cloth, -8),
    )


SCENES: dict[str, Callable[[Palette], str]] = {
    "kitchen": kitchen,
    "garden": garden,
    "workshop": workshop,
    "outdoors": outdoors,
    "study": study,
}
