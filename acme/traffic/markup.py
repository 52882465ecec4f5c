"""HTML, read as far as a person who clicks needs it: links, forms, and the text."""

from html.parser import HTMLParser

from acme.traffic.form import Form

Attributes = dict[str, str | None]
UNSEEN = {"script", "style", "template"}
NOT_SENT = {"submit", "button", "image", "reset", "file"}
ONLY_IF_CHECKED = {"checkbox", "radio"}


class Markup(HTMLParser):
    """Links and actions are as they stand in the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.text: list[str] = []
        self._form: Form | None = None
        self._select = ""
        self._unseen = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self._unseen += tag in UNSEEN
        if tag == "a" and (link := found.get("href")):
            self.links.append(link)
        elif tag == "form":
            self._form = Form(found.get("action") or "", (found.get("method") or "get").upper())
            self.forms.append(self._form)
        elif self._form and "disabled" not in found:
            self._note(self._form, tag, found)

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in UNSEEN
        if tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if not self._unseen and data.strip():
            self.text.append(data.strip())

    def _note(self, form: Form, tag: str, found: Attributes) -> None:
        """What an element adds to its form."""
        name, value = found.get("name") or "", found.get("value") or ""
        if tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in found or self._select not in form.fields):
            form.fields[self._select] = value
        elif tag == "button" and name:
            form.buttons.append((name, value))
        elif tag == "input" and name and is_sent(found):
            form.fields[name] = value


def is_sent(found: Attributes) -> bool:
    """Whether a browser sends this input when nobody has touched it."""
    kind = found.get("type") or "text"
    return kind not in NOT_SENT and (kind not in ONLY_IF_CHECKED or "checked" in found)
