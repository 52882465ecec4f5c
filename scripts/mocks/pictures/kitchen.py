"""Things of the kitchen."""

from scripts.mocks.pictures.palette import (
    BRASS,
    CREAM,
    FLAME,
    INK,
    IRON,
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


def kettle(p: Palette) -> str:
    return drawn(
        line("M138 272C78 262 108 178 62 168", p.dark, 17),
        line("M254 206C338 176 342 296 276 284", WOOD_DARK, 17),
        area("M144 190H252L280 300Q281 312 268 312H124Q111 312 113 300Z", p.main),
        area("M162 202H184L172 300H146Z", p.light),
        rect(114, 290, 166, 22, p.dark, 9),
        area("M142 192Q150 158 198 158T254 192Z", p.dark),
        circle(198, 150, 13, WOOD_DARK),
    )


def steam(_: Palette) -> str:
    wisp = "c-16 -20 14 -30 0 -54"
    return line(f"M44 130{wisp}M70 140{wisp}", CREAM, 8)


def pan(p: Palette) -> str:
    return drawn(
        line("M250 160L338 72", p.dark, 32),
        line("M256 150L338 68", p.main, 18),
        circle(334, 74, 8, p.wall),
        circle(178, 218, 112, p.dark),
        circle(178, 212, 112, p.main),
        circle(178, 214, 94, INK),
        circle(178, 219, 88, IRON),
        line("M112 250A76 76 0 0 1 118 172", "#5a6274", 9),
    )


def egg(_: Palette) -> str:
    white = "M120 214C112 172 160 176 176 160C206 142 246 178 236 214C244 262 204 256 182 272"
    return drawn(area(f"{white}C150 280 118 252 120 214Z", CREAM), circle(180, 214, 27, FLAME))


def knife(p: Palette) -> str:
    teeth = "q-7 13 -14 0" * 14
    knife_ = drawn(
        area(f"M36 178Q40 168 60 168H250V214H236{teeth}Q36 206 36 178Z", STEEL),
        area("M36 178Q40 168 60 168H250V184H38Z", STEEL_LIGHT),
        rect(240, 160, 16, 62, STEEL_DARK, 4),
        area("M252 164H352Q376 164 374 190T346 226Q334 214 318 216H252Z", p.main),
        area("M252 164H352Q370 164 373 178H252Z", p.light),
        *(circle(x, 194, 6, BRASS) for x in (276, 308, 340)),
    )
    return turned(knife_, -24)


def loaf(_: Palette) -> str:
    cuts = "".join(f"M{x} 228q14 14 10 36" for x in (96, 142, 188, 234, 280))
    return drawn(
        area("M62 312Q36 226 120 218H282Q366 226 338 312Z", "#c67f3d"),
        area("M70 262Q76 226 122 226H280Q326 226 332 262Q200 240 70 262Z", "#e0a05b"),
        line(cuts, "#f4d09a", 8),
    )


def tea_set(p: Palette) -> str:
    return drawn(
        line("M92 222C34 210 40 296 100 282", p.dark, 15),
        line("M218 278C276 268 232 206 286 186", p.dark, 22),
        oval(156, 248, 84, 64, p.main),
        area("M96 222C78 242 80 272 96 288C66 272 70 228 96 222Z", p.light),
        area("M112 198Q122 164 156 164T200 198Z", p.dark),
        circle(156, 156, 13, p.accent),
        *(circle(x, y, 8, p.light) for x, y in ((136, 226), (184, 230), (126, 266), (172, 276))),
        line("M352 270C384 264 378 304 342 298", p.dark, 10),
        oval(310, 312, 58, 8, p.light),
        area("M262 256H358Q356 310 324 310H296Q264 310 262 256Z", p.accent),
        oval(310, 257, 48, 9, CREAM),
        oval(310, 259, 39, 6, "#b8743c"),
    )


def tea_steam(_: Palette) -> str:
    wisp = "c-14 -18 14 -26 0 -48"
    return line(f"M300 238{wisp}M326 242{wisp}", CREAM, 8)


def grinder(p: Palette) -> str:
    return drawn(
        line("M200 150V112L292 96", STEEL_DARK, 13),
        rect(278, 62, 28, 36, WOOD_DARK, 12),
        area("M132 214Q132 144 200 144T268 214Z", p.main),
        area("M150 206Q154 168 186 158Q166 176 166 206Z", p.light),
        rect(184, 132, 32, 20, STEEL, 6),
        rect(122, 208, 156, 14, p.dark, 6),
        rect(130, 220, 140, 82, WOOD, 4),
        rect(112, 298, 176, 16, WOOD_DARK, 6),
        rect(148, 240, 104, 44, WOOD_LIGHT, 5),
        circle(200, 262, 10, BRASS),
    )


def beans(_: Palette) -> str:
    bean = drawn(oval(60, 304, 15, 10, "#6a4127"), line("M48 304q12 -5 24 0", "#3f2515", 3))
    spots = ((0, 0, 0), (40, 8, 30), (-22, 10, -20), (262, 6, 10), (290, -2, -30))
    return "".join(
        placed(bean, f"translate({x} {y}) rotate({turn} 60 304)") for x, y, turn in spots
    )


def apron(p: Palette) -> str:
    return drawn(
        line("M160 118C150 30 250 30 240 118", p.dark, 11),
        mirrored(line("M112 206C70 216 84 262 52 280", p.dark, 9)),
        area(
            "M152 110H248Q252 176 296 202L308 318Q200 340 92 318L104 202Q148 176 152 110Z", p.main
        ),
        area("M104 202Q118 194 128 180L120 324L92 318Z", p.dark),
        rect(152, 106, 96, 14, p.light, 5),
        area("M148 226H252V272Q252 292 232 292H168Q148 292 148 272Z", p.light),
        line("M156 238H244", p.main, 3, "8 6"),
        line("M200 230V290", p.main, 4),
    )


def spoons(_: Palette) -> str:
    return drawn(
        circle(200, 50, 9, STEEL_DARK),
        line("M176 222L168 176", WOOD_DARK, 9),
        oval(165, 160, 14, 20, WOOD),
        line("M224 222V184", STEEL_DARK, 7),
        oval(224, 170, 18, 21, STEEL),
    )
