"""The messages to a person for whom something failed."""

from dataclasses import dataclass

AGAIN = "Nothing was lost. Please try again; parts of this shop fail on purpose now and then."
UNSURE = (
    "It is not certain whether this was done. Have a look before you try again; parts of this shop "
    "fail on purpose now and then."
)
SENT = (
    "It is not certain whether it went through. Press the button again: the shop recognises the "
    "same order and never takes it twice."
)


@dataclass(frozen=True)
class Trouble:
    """`detail` is the shop's own error message; `again`: trying again may help."""

    title: str
    text: str
    detail: str = ""
    again: bool = False


def trouble(
    status: int, detail: str = "", *, buying: bool = False, sending: bool = False
) -> Trouble:
    """The human side of a failure with this status; `buying` when an order was on its way,
    `sending` when another form was.
    """
    if status >= 500:
        return failure(status, detail, buying=buying, sending=sending)
    known = REFUSALS.get(status)
    if known is None:
        return Trouble("That did not work", sentence(detail) or "The shop could not use it.")
    return Trouble(known.title, sentence(detail) or known.text)


def failure(status: int, detail: str, *, buying: bool, sending: bool) -> Trouble:
    """A failure of the shop: its error message is of use only to those who want to know more. What
    was sent may have been done all the same when there was no answer to it in time.
    """
    if buying:
        return Trouble("Your order was not confirmed", SENT, detail, again=True)
    title = FAILURES.get(status, "Something in the shop broke")
    return Trouble(title, UNSURE if sending and status == TIMEOUT else AGAIN, detail, again=True)


TIMEOUT = 504
FAILURES = {
    502: "A part of the shop failed",
    503: "A part of the shop is not answering",
    TIMEOUT: "A part of the shop takes too long",
}
REFUSALS = {
    400: Trouble("That cannot be used", "Please check what you typed."),
    401: Trouble("Please log in", "The shop does not know who you are."),
    402: Trouble("Your card was refused", "Nothing was charged. Try another card."),
    403: Trouble("This is not yours", "It belongs to somebody else."),
    404: Trouble("There is nothing here", "The address may be old or mistyped."),
    405: Trouble("There is nothing here", "The address may be old or mistyped."),
    409: Trouble("That does not fit together", "Something changed meanwhile. Please look again."),
    413: Trouble("That is too much", "No form of this shop is that long."),
    429: Trouble("That was too often", "Wait a little, then try again."),
    421: Trouble("This shop has another address", "It does not answer under this name."),
}
FOREIGN = Trouble(
    "This form was not sent from here",
    "To keep others from acting in your name, the shop takes a form only from its own pages, and "
    "only while they are fresh. Nothing was done. Open the page again and send it from there.",
)
ENDED = Trouble(
    "You are no longer logged in",
    "Log in again in a new tab, then come back here and press the button once more: what you "
    "typed stays.",
)
CRASHED = Trouble("Something in the shop broke", AGAIN, "an error that nobody expected", again=True)


def sentence(detail: str) -> str:
    """The text as a sentence: with a capital at its start and a stop at its end."""
    detail = detail.strip()
    return f"{detail[0].upper()}{detail[1:]}{'' if detail[-1] in '.!?' else '.'}" if detail else ""


def settled(status: int) -> bool:
    """Whether a failed order surely was not taken; if not, the same key must be used again."""
    return 400 <= status < 500 and status != 401
