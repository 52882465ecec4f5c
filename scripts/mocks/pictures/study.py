"""Things of the study."""

from scripts.mocks.pictures.palette import (
    BRASS,
    CREAM,
    FLAME,
    INK,
    LEAF,
    LEAF_DARK,
    STEEL,
    STEEL_DARK,
    WOOD_DARK,
    Palette,
)
from scripts.mocks.pictures.shapes import (
    area,
    circle,
    drawn,
    faint,
    line,
    mirrored,
    oval,
    placed,
    rect,
    tiled,
    turned,
)


def blanket(p: Palette) -> str:
    plaid = drawn(
        rect(24, 0, 18, 62, p.accent),
        rect(48, 0, 6, 62, CREAM),
        faint(rect(0, 18, 74, 9, p.dark)),
        faint(rect(0, 40, 74, 5, CREAM)),
    )
    fringe = line("".join(f"M236 {y}h20" for y in range(12, 60, 9)), p.dark, 5)

    def fold(colour: str) -> str:
        return drawn(
            fringe, rect(0, 0, 240, 62, colour, 22), rect(0, 0, 240, 62, "url(#plaid)", 22)
        )

    return drawn(
        tiled("plaid", 74, 62, plaid),
        placed(fold(p.main), "translate(70 250)"),
        placed(fold(p.light), "translate(78 190)"),
        placed(fold(p.main), "translate(68 130)"),
    )


def cup(p: Palette) -> str:
    wisp = "c-12 -14 12 -22 0 -40"
    return drawn(
        line("M224 92C252 90 250 122 220 118", p.accent, 9),
        area("M156 76H226Q226 130 204 130H178Q156 130 156 76Z", p.accent),
        oval(191, 77, 35, 7, CREAM),
        line(f"M180 58{wisp}M204 60{wisp}", CREAM, 7),
    )


def lamp(p: Palette) -> str:
    shade = drawn(
        circle(0, 52, 22, FLAME),
        area(
            "M-22 -36H22Q32 -34 36 -14L64 48Q66 56 56 56H-56Q-66 56 -64 48L-36 -14Q-32 -34 -22 -36",
            p.main,
        ),
        area("M-18 -28H-6L-28 48H-52Z", p.light),
        rect(-10, -52, 20, 18, p.dark, 6),
    )
    return drawn(
        line("M176 296L112 196L214 96", STEEL_DARK, 13),
        circle(112, 196, 15, p.accent),
        circle(112, 196, 6, INK),
        placed(shade, "translate(246 122) rotate(-38)"),
        circle(214, 96, 12, p.accent),
        area("M104 312Q104 288 134 288H218Q248 288 248 312Z", p.dark),
        rect(96, 302, 160, 12, p.main, 6),
    )


def light(_: Palette) -> str:
    return faint(area("M236 198L334 124L420 312H230Z", FLAME), 0.35)


def pen(p: Palette) -> str:
    pen_ = drawn(
        rect(20, 172, 206, 56, p.main, 26),
        rect(34, 180, 176, 12, p.light, 6),
        rect(20, 172, 34, 56, p.dark, 24),
        rect(206, 168, 20, 64, BRASS, 4),
        rect(70, 160, 112, 12, BRASS, 6),
        rect(172, 160, 14, 22, BRASS, 5),
        area("M226 178L286 182V218L226 222Z", INK),
        area("M284 180Q330 176 386 200Q330 224 284 220Z", STEEL),
        area("M284 200H386Q330 224 284 220Z", STEEL_DARK),
        line("M318 200H382", INK, 3),
        circle(316, 200, 6, INK),
    )
    return turned(pen_, 42)


def writing(_: Palette) -> str:
    return drawn(
        turned(rect(60, 248, 300, 76, CREAM, 4), -2, 200, 290),
        line(
            "M100 284q12 -22 24 0t24 0t24 0t24 0M96 304q9 -14 18 0t18 0t18 0t18 0t18 0t18 0", INK, 5
        ),
        line("M214 292C250 262 280 320 330 342", INK, 6),
    )


def chair(p: Palette) -> str:
    return drawn(
        mirrored(line("M124 296L112 316", WOOD_DARK, 15)),
        rect(104, 84, 192, 200, p.main, 54),
        rect(124, 104, 152, 110, p.light, 40),
        *(circle(x, 156, 6, p.main) for x in (162, 200, 238)),
        rect(110, 226, 180, 68, p.dark, 16),
        rect(122, 206, 156, 44, p.light, 20),
        mirrored(rect(72, 186, 58, 112, p.main, 27)),
        mirrored(rect(84, 196, 34, 12, p.light, 6)),
    )


def cushion(p: Palette) -> str:
    return drawn(
        turned(rect(164, 140, 82, 74, p.accent, 18), 14, 200, 178),
        line("M330 316V120M306 316H354", STEEL_DARK, 8),
        area("M296 124L314 68H350L368 124Z", p.accent),
    )


def bookend(p: Palette) -> str:
    books = (
        (128, 140, 34, p.light),
        (162, 112, 28, "#4d8a8b"),
        (190, 112, 38, p.accent),
        (228, 130, 32, "#c9574b"),
    )
    return drawn(
        *(rect(x, y, width, 302 - y, colour, 4) for x, y, width, colour in books),
        *(rect(x, y + 22, width, 9, CREAM) for x, y, width, _ in books),
        mirrored(area("M128 312V170C92 176 56 234 52 296Q52 312 66 312Z", p.main)),
        mirrored(circle(104, 262, 22, p.wall)),
        mirrored(rect(118, 170, 12, 142, p.dark, 3)),
        rect(52, 300, 296, 13, p.dark, 5),
    )


def plant(_: Palette) -> str:
    return drawn(
        line(
            "M196 84C190 40 160 34 150 20M200 84C204 30 200 20 204 -6M204 84C214 44 240 40 252 24",
            LEAF_DARK,
            8,
        ),
        oval(150, 22, 16, 24, LEAF),
        oval(204, 2, 15, 26, LEAF_DARK),
        oval(250, 26, 16, 22, LEAF),
        area("M172 70H230L222 110H180Z", "#cf7a4e"),
        rect(166, 62, 70, 16, "#b9653c", 5),
    )
