"""Which drawing shows which thing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from scripts.mocks.pictures import garden, kitchen, outdoors, study, workshop
from scripts.mocks.pictures.palette import Palette

Pose = Literal["stands", "hangs", "lies"]
Draw = Callable[[Palette], str]


@dataclass(frozen=True)
class Drawing:
    """A thing, what there is to be seen of it in use, and its detail worth a closer look.

    What is used `behind` the thing is drawn before it.
    """

    thing: Draw
    used: Draw
    detail: tuple[int, int]
    behind: bool = False
    pose: Pose = "stands"


DRAWINGS = {
    "pour-over-kettle": Drawing(kitchen.kettle, kitchen.steam, (150, 205)),
    "cast-iron-pan": Drawing(kitchen.pan, kitchen.egg, (250, 165), pose="lies"),
    "bread-knife": Drawing(kitchen.knife, kitchen.loaf, (270, 170), behind=True, pose="lies"),
    "tea-set": Drawing(kitchen.tea_set, kitchen.tea_steam, (255, 235)),
    "coffee-grinder": Drawing(kitchen.grinder, kitchen.beans, (225, 150)),
    "storm-lantern": Drawing(outdoors.lantern, outdoors.glow, (200, 200), behind=True),
    "wool-blanket": Drawing(study.blanket, study.cup, (145, 210)),
    "linen-apron": Drawing(kitchen.apron, kitchen.spoons, (200, 220), pose="hangs"),
    "garden-trowel": Drawing(garden.trowel, garden.planted, (180, 250)),
    "watering-can": Drawing(garden.can, garden.drops, (280, 200)),
    "bird-feeder": Drawing(garden.feeder, garden.bird, (200, 210), pose="hangs"),
    "raised-bed": Drawing(garden.bed, garden.bee, (150, 220)),
    "spirit-level": Drawing(workshop.level, workshop.shelf, (200, 205), pose="hangs"),
    "folding-ruler": Drawing(workshop.ruler, workshop.plan, (180, 190), behind=True, pose="lies"),
    "workbench": Drawing(workshop.workbench, workshop.work_in_progress, (95, 195)),
    "hand-plane": Drawing(workshop.plane, workshop.shavings, (190, 220)),
    "desk-lamp": Drawing(study.lamp, study.light, (235, 140), behind=True),
    "fountain-pen": Drawing(study.pen, study.writing, (240, 240), behind=True, pose="lies"),
    "reading-chair": Drawing(study.chair, study.cushion, (160, 190)),
    "bookend": Drawing(study.bookend, study.plant, (120, 220), behind=True),
    "bicycle-bell": Drawing(outdoors.bell, outdoors.ringing, (255, 190), pose="hangs"),
    "rain-jacket": Drawing(outdoors.jacket, outdoors.rain, (200, 140), behind=True, pose="hangs"),
    "camp-stove": Drawing(outdoors.stove, outdoors.pot, (200, 180)),
    "rucksack": Drawing(outdoors.rucksack, outdoors.bedroll, (180, 180), behind=True),
}
