"""Things of the garden."""

from scripts.mocks.pictures.palette import (
    CREAM,
    INK,
    LEAF,
    LEAF_DARK,
    SOIL,
    STEEL,
    STEEL_DARK,
    STEEL_LIGHT,
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
    mirrored,
    oval,
    placed,
    rect,
    turned,
)

SPROUT = drawn(
    line("M0 0V-34", LEAF_DARK, 6),
    area("M0 -18C-34 -18 -38 -44 -36 -54C-12 -54 0 -40 0 -18Z", LEAF),
    area("M0 -26C30 -26 36 -52 34 -62C12 -60 0 -48 0 -26Z", LEAF_DARK),
)


def trowel(p: Palette) -> str:
    trowel_ = drawn(
        rect(176, 34, 48, 122, p.main, 22),
        rect(184, 46, 12, 96, p.light, 6),
        rect(176, 126, 48, 16, p.dark),
        circle(200, 50, 7, p.wall),
        area("M192 150H208L212 196H188Z", STEEL_DARK),
        area("M150 196Q200 178 250 196L254 268Q250 334 200 366Q150 334 146 268Z", STEEL),
        area("M200 186Q238 188 250 196L254 268Q250 334 200 366Z", STEEL_DARK),
        line("M164 214V268", STEEL_LIGHT, 9),
    )
    return turned(trowel_, 32)


def planted(_: Palette) -> str:
    return drawn(
        area("M30 316Q60 262 118 282T196 316Z", SOIL),
        placed(SPROUT, "translate(92 280) scale(1.5)"),
        area("M274 316Q300 282 336 296T380 316Z", SOIL),
    )


def can(p: Palette) -> str:
    return drawn(
        line("M126 206C46 190 46 298 122 290", p.dark, 16),
        line("M148 192C140 92 232 92 240 192", p.dark, 14),
        area("M240 246L332 152L352 168L244 298Z", p.dark),
        turned(rect(316, 140, 62, 20, p.accent, 9), 38, 346, 150),
        area("M126 190H254L266 300Q267 312 254 312H126Q113 312 114 300Z", p.main),
        area("M142 190H166L158 312H132Z", p.light),
        rect(120, 182, 140, 18, p.dark, 9),
        rect(116, 268, 148, 12, p.dark),
    )


def drops(_: Palette) -> str:
    drop = area("M0 0Q13 20 0 27Q-13 20 0 0Z", "#6db4e0")
    spots = ((372, 182), (388, 220), (358, 214), (378, 256), (352, 250), (366, 290))
    return "".join(placed(drop, f"translate({x} {y})") for x, y in spots)


def feeder(p: Palette) -> str:
    return drawn(
        line("M200 -60V84", INK, 5),
        rect(136, 168, 128, 108, CREAM, 4),
        area("M136 232Q168 214 200 230T264 224V276H136Z", "#d8a552"),
        *(circle(x, y, 4, "#8b5a2b") for x, y in ((156, 250), (184, 262), (214, 246), (240, 262))),
        mirrored(rect(126, 162, 16, 116, WOOD)),
        area("M200 72L320 166Q324 182 308 182H92Q76 182 80 166Z", p.main),
        area("M200 72L320 166Q324 182 308 182H200Z", p.dark),
        rect(92, 272, 216, 22, WOOD_DARK, 8),
        rect(92, 272, 216, 9, WOOD_LIGHT, 4),
        line("M110 318H290M136 294V318M264 294V318", WOOD_DARK, 8),
    )


def bird(p: Palette) -> str:
    return drawn(
        area("M262 292L330 334L300 290Z", p.dark),
        area("M214 262C216 222 268 212 282 252L306 292Q244 320 214 262Z", p.accent),
        area("M244 262Q278 252 296 286Q256 300 244 262Z", p.dark),
        area("M218 250L194 260L216 266Z", INK),
        circle(234, 248, 5, INK),
    )


def bed(p: Palette) -> str:
    head = drawn(
        circle(0, -22, 34, LEAF_DARK),
        circle(-20, -14, 24, LEAF),
        circle(20, -16, 23, LEAF),
        circle(0, -24, 20, "#9cc97f"),
    )
    leek = line(
        "M0 0C-4 -30 -20 -40 -24 -56M0 0C0 -30 2 -50 0 -70M0 0C6 -30 20 -40 26 -54", LEAF, 7
    )
    tomatoes = drawn(
        line("M0 4V-112", WOOD_DARK, 7),
        line("M0 -20Q-30 -30 -34 -52M0 -48Q30 -54 34 -78M0 -80Q-22 -84 -26 -104", LEAF_DARK, 9),
        circle(-34, -46, 14, "#e0503f"),
        circle(34, -72, 14, "#e0503f"),
        circle(-26, -98, 12, p.accent),
    )
    return drawn(
        placed(tomatoes, "translate(300 228)"),
        placed(leek, "translate(204 226)"),
        placed(leek, "translate(242 226) scale(.8)"),
        area("M72 234Q200 206 328 234Z", SOIL),
        placed(head, "translate(122 224)"),
        rect(56, 232, 288, 80, WOOD, 4),
        line("M60 259H340M60 286H340", WOOD_DARK, 3),
        mirrored(drawn(rect(46, 222, 28, 92, p.main, 5), rect(46, 222, 10, 92, p.light, 5))),
    )


def bee(_: Palette) -> str:
    bee_ = drawn(
        oval(-4, -14, 10, 15, CREAM),
        oval(10, -12, 8, 12, CREAM),
        oval(0, 0, 20, 13, "#f5c542"),
        line("M-6 -9V9M4 -10V10", INK, 5),
        circle(20, -2, 7, INK),
    )
    flight = line("M70 96C104 60 124 126 150 92S196 96 204 104", CREAM, 3, "5 8")
    return drawn(flight, placed(bee_, "translate(226 108) rotate(12)"))
