"""What the shop sells: the facts that the generated texts and pictures are made of."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """`low` and `high` bound its price in whole dollars; the first tag is the room it belongs
    to, and gives its pictures their colours.
    """

    name: str
    tags: tuple[str, ...]
    low: int
    high: int
    line: str
    about: str

    @property
    def slug(self) -> str:
        return self.name.replace(" ", "-")


CATALOGUE = (
    Item(
        "pour-over kettle",
        ("kitchen", "coffee", "gifts"),
        34,
        59,
        "A slow, thin stream exactly where you want it.",
        "The narrow spout lets even an unsteady hand pour in circles, and the counterweighted"
        " handle stays cool to the end.",
    ),
    Item(
        "cast-iron pan",
        ("kitchen", "camping"),
        29,
        54,
        "Three kilos of iron that get better every year.",
        "It comes seasoned with linseed oil, sears like nothing else, and moves from the stove"
        " into the oven and on to the camp fire.",
    ),
    Item(
        "bread knife",
        ("kitchen", "gifts"),
        24,
        45,
        "Cuts the crust, leaves the crumb alone.",
        "Its long wavy edge starts on the hardest crust without pressure, and the beech handle"
        " is held by three brass rivets.",
    ),
    Item(
        "tea set",
        ("kitchen", "cosy", "gifts"),
        39,
        79,
        "One pot, two cups, and half an hour for yourself.",
        "The stoneware keeps its warmth for a whole conversation, and the spout does not drip:"
        " we poured two hundred cups to be sure.",
    ),
    Item(
        "coffee grinder",
        ("kitchen", "coffee"),
        44,
        89,
        "Forty turns from bean to breakfast.",
        "Steel burrs in a walnut box grind evenly from coarse to fine, without cable and without"
        " waking anybody.",
    ),
    Item(
        "storm lantern",
        ("outdoors", "camping", "cosy"),
        19,
        39,
        "Keeps burning when the weather has other plans.",
        "The glass shields the flame from every side, one filling lasts for twenty hours, and the"
        " wire handle fits a branch as well as a glove.",
    ),
    Item(
        "wool blanket",
        ("study", "cosy", "camping"),
        59,
        120,
        "Heavy enough to end the day.",
        "Woven from the wool of mountain sheep and washed until it is soft, it warms even when it"
        " has become damp.",
    ),
    Item(
        "linen apron",
        ("kitchen", "workshop"),
        28,
        48,
        "For flour on Saturdays and sawdust on Sundays.",
        "Washed linen with a deep pocket in front and ties long enough for a bow at the back; it"
        " looks better with every stain.",
    ),
    Item(
        "garden trowel",
        ("garden", "tools"),
        14,
        29,
        "Made for roots, stones and forty springs.",
        "The blade is forged from one piece with its neck, so there is nothing that could bend,"
        " and the marks on it tell how deep you plant.",
    ),
    Item(
        "watering can",
        ("garden", "gifts"),
        26,
        49,
        "Rain, whenever you like.",
        "The long spout reaches the back row, the brass rose makes it a drizzle, and full or"
        " empty it hangs level in the hand.",
    ),
    Item(
        "bird feeder",
        ("garden", "gifts"),
        17,
        36,
        "The best theatre in town, matinees daily.",
        "A larch roof keeps the seeds dry, the tray comes out for cleaning, and a wire of two"
        " metres spoils it for cats.",
    ),
    Item(
        "raised bed",
        ("garden", "kitchen"),
        89,
        160,
        "Salad, without the backache.",
        "Four boards of untreated larch are slotted together without a screw, and an afternoon"
        " later the first seeds are in.",
    ),
    Item(
        "spirit level",
        ("workshop", "tools"),
        22,
        46,
        "Settles every argument about that shelf.",
        "Three vials in a milled aluminium body are true to half a millimetre per metre, turned"
        " over as well.",
    ),
    Item(
        "folding ruler",
        ("workshop", "tools", "study"),
        9,
        19,
        "Two metres for the trouser pocket.",
        "Ten beech segments with sprung brass joints stay where you put them, and the numbers are"
        " printed to outlast the paint on your trousers.",
    ),
    Item(
        "workbench",
        ("workshop", "tools"),
        240,
        420,
        "The one thing in the workshop that must not move.",
        "Solid beech, a vice at the front and a shelf for all that lies around; it arrives in"
        " three parts and stands within the hour.",
    ),
    Item(
        "hand plane",
        ("workshop", "tools"),
        49,
        98,
        "Shavings so thin that you can read through them.",
        "The iron is held by a single lever and set with one thumb, and the sole is ground flat"
        " before it leaves the house.",
    ),
    Item(
        "desk lamp",
        ("study", "cosy"),
        54,
        110,
        "Light on the page and none in the eyes.",
        "Two springs hold the arm wherever you leave it, and the shade turns by a full circle to"
        " find the page, the wall or the cat.",
    ),
    Item(
        "fountain pen",
        ("study", "gifts"),
        29,
        75,
        "Makes even a shopping list worth keeping.",
        "A steel nib that forgives left hands, a cap that closes with a click, and a filler for"
        " any ink you can find.",
    ),
    Item(
        "reading chair",
        ("study", "cosy"),
        280,
        480,
        "One more chapter. Then one more.",
        "Wide enough to pull up both legs, with arms that carry a cup each, and covers that come"
        " off for washing.",
    ),
    Item(
        "bookend",
        ("study", "gifts"),
        16,
        34,
        "Holds up the classics, and the thrillers behind them.",
        "Folded from one sheet of steel and powder-coated, a pair carries forty centimetres of"
        " hardcovers without sliding.",
    ),
    Item(
        "bicycle bell",
        ("outdoors", "travel", "gifts"),
        12,
        24,
        "A polite ring that carries around the corner.",
        "The brass dome sounds for four seconds, the thumb finds the lever blindly, and the clamp"
        " fits every handlebar we own.",
    ),
    Item(
        "rain jacket",
        ("outdoors", "travel"),
        89,
        169,
        "There is no bad weather any more.",
        "Taped seams keep the rain outside, two long zips under the arms let the warmth out, and"
        " all of it folds into its own pocket.",
    ),
    Item(
        "camp stove",
        ("outdoors", "camping", "coffee"),
        32,
        64,
        "Coffee on the summit in four minutes.",
        "It weighs less than the cup beside it, lights in the wind, and three folding arms carry"
        " a pot for two.",
    ),
    Item(
        "rucksack",
        ("outdoors", "travel", "camping"),
        69,
        139,
        "Room for a weekend, and a loop for everything else.",
        "Waxed canvas, leather where it rubs, and a back that stays dry: packed well, it holds"
        " three days and a good book.",
    ),
)
