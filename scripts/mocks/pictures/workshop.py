"""Things of the workshop."""

from scripts.mocks.pictures.palette import (
    BRASS,
    CREAM,
    INK,
    STEEL,
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
    mirrored,
    oval,
    placed,
    rect,
    turned,
)

VIAL = "#c8e84f"


def level(p: Palette) -> str:
    end = drawn(
        circle(82, 206, 26, p.dark),
        circle(82, 206, 19, VIAL),
        oval(82, 200, 7, 9, CREAM),
        line("M66 206H74M90 206H98", INK, 3),
    )
    level_ = drawn(
        rect(30, 162, 340, 88, p.main, 12),
        rect(30, 162, 340, 14, p.light, 7),
        rect(30, 238, 340, 12, p.dark, 6),
        mirrored(rect(22, 158, 20, 96, INK, 8)),
        mirrored(end),
        rect(144, 182, 112, 46, p.dark, 14),
        rect(150, 188, 100, 34, VIAL, 16),
        oval(216, 202, 18, 10, CREAM),
        line("M176 188V222M224 188V222", INK, 4),
    )
    return turned(level_, -12)


def shelf(_: Palette) -> str:
    crooked = drawn(
        mirrored(area("M74 270H100V318Q74 300 74 270Z", STEEL_DARK)),
        rect(16, 254, 368, 18, WOOD, 4),
        rect(16, 266, 368, 6, WOOD_DARK, 3),
    )
    return turned(crooked, -12)


def ruler(p: Palette) -> str:
    def segment(x: float, y: float, turn: float, colour: str) -> str:
        part = drawn(
            rect(-18, -16, 186, 32, colour, 15),
            line("M8 -11H146", INK, 9, "2.5 9"),
            line("M8 -8H146", INK, 15, "2.5 43.5"),
        )
        return placed(part, f"translate({x} {y}) rotate({turn})")

    joints = ((112, 288), (148, 144), (226, 268), (288, 136))
    return drawn(
        segment(288, 136, 72, p.main),
        segment(226, 268, -64.8, p.light),
        segment(148, 144, 57.8, p.main),
        segment(112, 288, -76, p.light),
        *(drawn(circle(x, y, 9, BRASS), circle(x, y, 3.5, INK)) for x, y in joints[1:]),
    )


def plan(_: Palette) -> str:
    return drawn(
        turned(rect(40, 196, 320, 116, CREAM, 3), -3, 200, 260),
        line("M86 292V226H196V292ZM196 250H318V282H196M86 212H196", "#7fa8da", 4),
    )


def workbench(p: Palette) -> str:
    return drawn(
        mirrored(rect(76, 190, 34, 122, p.main)),
        mirrored(rect(76, 190, 10, 122, p.light)),
        rect(70, 262, 260, 18, p.dark, 3),
        rect(120, 196, 160, 38, WOOD_DARK, 4),
        circle(200, 215, 8, BRASS),
        rect(40, 160, 320, 36, WOOD, 6),
        rect(40, 160, 320, 13, WOOD_LIGHT, 6),
        rect(22, 150, 28, 66, STEEL_DARK, 5),
        line("M36 196V240M18 240H54", STEEL_DARK, 8),
        *(circle(x, 184, 4, WOOD_DARK) for x in range(100, 340, 40)),
        rect(126, 240, 72, 22, p.accent, 4),
        rect(152, 232, 20, 9, INK, 4),
    )


def work_in_progress(p: Palette) -> str:
    curl = "c-12 -4 -14 -22 0 -22s12 16 2 16"
    return drawn(
        rect(110, 142, 190, 18, WOOD_DARK, 3),
        area("M146 142V126Q160 118 184 122H246L254 142Z", p.main),
        circle(160, 114, 10, WOOD),
        line("M226 122Q222 96 240 96", WOOD, 13),
        line(f"M96 156{curl}M120 138{curl}", WOOD_LIGHT, 4),
        line("M316 156V110", WOOD_DARK, 9),
        rect(292, 88, 48, 24, STEEL_DARK, 5),
    )


def plane(p: Palette) -> str:
    return drawn(
        area(
            "M248 286C258 258 240 236 250 206C256 184 300 184 304 204C290 210 286 224 "
            "294 246C302 266 308 276 314 290Z",
            WOOD,
        ),
        area("M262 270C268 250 256 230 264 212Q270 200 284 200Q268 222 276 250Z", WOOD_LIGHT),
        turned(rect(176, 138, 30, 152, STEEL, 5), 36, 190, 270),
        turned(rect(168, 176, 26, 92, p.accent, 12), 36, 190, 270),
        rect(96, 232, 22, 44, WOOD_DARK),
        circle(107, 226, 27, WOOD),
        circle(99, 217, 9, WOOD_LIGHT),
        area("M36 312V284H84C124 284 122 248 164 248H244C286 248 282 284 322 284H364V312Z", p.main),
        area("M36 312H364V300H36Z", STEEL_DARK),
        line("M140 272Q148 260 164 260H240", p.light, 7),
    )


def shavings(_: Palette) -> str:
    curl = "c-26 -6 -30 -50 2 -50s28 38 4 36s-12 -22 2 -20"
    return line(f"M52 316{curl}M360 318{curl}M154 238{curl}", WOOD_LIGHT, 7)
