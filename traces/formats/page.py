"""The page that a trace is exported as: its data stands in it, so that it can be imported again."""

BEGIN, END = b'<script type="application/json" id="lens-trace">', b"</script>"


def embedded(text: str) -> str:
    """JSON as it may stand in a page: nothing in it ends the element that it is in."""
    return text.replace("<", "\\u003c")


def is_page(content: bytes) -> bool:
    return content.lstrip()[:15].lower() == b"<!doctype html>"
