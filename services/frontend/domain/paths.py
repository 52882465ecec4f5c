"""Where a visitor may be led to: places of this shop, and never another's."""

import re
from urllib.parse import urlencode, urlsplit

LONGEST = 300
LOCAL = re.compile(r"/(?!/)[\w\-./?=&%+~,:@]*", re.ASCII)


def local(path: str, otherwise: str = "/") -> str:
    """The path, if it is one of this shop's own addresses."""
    if len(path) > LONGEST or not LOCAL.fullmatch(path):
        return otherwise
    return path


def login(back: str) -> str:
    """The login page that leads `back`."""
    return "/login?" + urlencode({"next": local(back)})


def path_of(url: str, host: str) -> str:
    """The path of a page of `host`, with its query; the home page when it is another's."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "/"
    if parts.netloc != host:
        return "/"
    return local(f"{parts.path}?{parts.query}" if parts.query else parts.path)
