"""Things for outdoors."""

from scripts.mocks.pictures.palette import (
    BRASS,
    CREAM,
    FLAME,
    INK,
    IRON,
    STEEL,
    STEEL_DARK,
    STEEL_LIGHT,
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
    rect,
)


def lantern(p: Palette) -> str:
    return drawn(
        line("M128 176C120 40 280 40 272 176", STEEL_DARK, 7),
        mirrored(line("M146 286C112 270 128 200 122 176Q120 150 168 144", p.dark, 13)),
        area("M158 268C130 230 140 190 164 170H236C260 190 270 230 242 268Z", CREAM),
        area("M200 190C236 226 224 262 200 262S164 226 200 190Z", FLAME),
        area("M200 222C216 240 212 260 200 260S184 240 200 222Z", CREAM),
        line("M152 236Q200 256 248 236M150 206Q200 190 250 206", STEEL_DARK, 4),
        area("M176 110H224L236 144H164Z", p.dark),
        rect(180, 96, 40, 18, p.main, 7),
        rect(150, 140, 100, 32, p.main, 9),
        rect(152, 262, 96, 16, p.dark, 5),
        area("M132 276H268L280 302Q282 312 270 312H130Q118 312 120 302Z", p.main),
        rect(134, 284, 60, 9, p.light, 4),
        circle(256, 276, 9, BRASS),
    )


def glow(_: Palette) -> str:
    return drawn(faint(circle(200, 226, 150, FLAME), 0.22), faint(circle(200, 226, 96, FLAME), 0.3))


def bell(p: Palette) -> str:
    return drawn(
        line("M-60 352C70 358 60 280 150 280H470", STEEL_DARK, 24),
        line("M-60 352C0 354 30 342 52 322", WOOD_DARK, 36),
        rect(184, 240, 60, 58, IRON, 10),
        line("M270 236L338 226", STEEL, 13),
        oval(348, 222, 24, 15, INK),
        area("M112 238C112 92 312 92 312 238Z", p.main),
        area("M132 222C138 166 166 144 194 136C168 160 158 188 156 222Z", p.light),
        rect(104, 230, 216, 20, p.dark, 10),
        circle(212, 128, 12, STEEL),
        circle(212, 128, 5, STEEL_DARK),
    )


def ringing(p: Palette) -> str:
    right = "M322 96C346 124 352 160 346 190M352 68C388 108 396 156 388 206"
    left = "M102 96C78 124 72 160 78 190M72 68C36 108 28 156 36 206"
    return line(f"{left}{right}", p.accent, 10)


def jacket(p: Palette) -> str:
    return drawn(
        mirrored(area("M148 126Q104 138 92 182L62 290Q76 306 104 302L142 206Z", p.dark)),
        area("M146 128Q200 108 254 128L276 308Q200 324 124 308Z", p.main),
        mirrored(area("M146 128L124 308L140 311L158 124Z", p.light)),
        area("M140 142C132 54 268 54 260 142Q200 172 140 142Z", p.dark),
        area("M160 136C156 78 244 78 240 136Q200 158 160 136Z", INK),
        line("M200 152V314", p.accent, 7),
        mirrored(line("M150 250L180 240", p.dark, 8)),
        rect(214, 180, 36, 9, p.dark, 4),
        mirrored(rect(62, 280, 44, 12, p.accent, 6)),
    )


def rain(_: Palette) -> str:
    spots = ((40, 40), (96, 96), (24, 170), (330, 30), (378, 110), (300, 96), (366, 220), (44, 330))
    drops = "".join(f"M{x} {y}l-12 30" for x, y in spots)
    return drawn(line("M-90 66Q200 102 490 66", WOOD_DARK, 6), line(drops, "#5f9fc9", 7))


def stove(p: Palette) -> str:
    flame = "M{0} 158C{1} 134 {2} 126 {0} 104C{3} 126 {4} 134 {0} 158Z"
    flames = (flame.format(x, x - 20, x - 8, x + 8, x + 20) for x in (172, 200, 228))
    return drawn(
        *(area(d, FLAME) for d in flames),
        mirrored(line("M196 214L128 162V130M128 144H112", STEEL_DARK, 9)),
        rect(152, 156, 96, 20, IRON, 8),
        area("M166 176H234L216 206H184Z", STEEL),
        rect(186, 200, 28, 36, STEEL_DARK, 4),
        line("M212 220H258", STEEL_DARK, 7),
        rect(252, 206, 22, 28, p.accent, 8),
        area(
            "M122 262Q124 232 168 230H232Q276 232 278 262V296Q278 312 262 312H138Q122 312 122 296Z",
            p.main,
        ),
        rect(122, 262, 156, 26, CREAM),
        area("M200 264L212 286H188ZM222 272L230 286H214Z", p.dark),
        area("M134 258Q136 242 158 240Q146 246 146 258Z", p.light),
    )


def pot(_: Palette) -> str:
    wisp = "c-14 -16 12 -24 0 -44"
    return drawn(
        line("M288 74H352", INK, 14),
        area("M112 52H288V110Q288 128 270 128H130Q112 128 112 110Z", STEEL_DARK),
        rect(130, 62, 20, 56, STEEL, 8),
        rect(104, 42, 192, 16, STEEL_LIGHT, 8),
        line(f"M170 24{wisp}M206 28{wisp}M240 24{wisp}", CREAM, 8),
    )


def rucksack(p: Palette) -> str:
    return drawn(
        line("M172 92C172 52 228 52 228 92", INK, 10),
        mirrored(rect(92, 208, 44, 84, p.dark, 18)),
        rect(116, 96, 168, 216, p.main, 46),
        area(
            "M116 142Q116 96 162 96H238Q284 96 284 142V168Q284 184 266 186Q200 196 134 186"
            "Q116 184 116 168Z",
            p.dark,
        ),
        rect(138, 220, 124, 76, p.light, 18),
        line("M140 244H260", p.main, 5),
        mirrored(rect(150, 122, 18, 96, WOOD_DARK, 5)),
        mirrored(rect(146, 196, 26, 18, BRASS, 4)),
        line("M200 246V260", BRASS, 6),
    )


def bedroll(p: Palette) -> str:
    return drawn(
        rect(96, 52, 208, 54, p.accent, 27),
        circle(123, 79, 27, CREAM),
        line("M123 79a9 9 0 1 1 -9 9a18 18 0 1 1 18 6", p.accent, 5),
        mirrored(rect(160, 48, 12, 62, WOOD_DARK, 4)),
    )
