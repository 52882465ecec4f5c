"""What must not be recorded of an address: the values of parameters whose names say that they are
secret, and who it logs in as.

One list for all that records an address: spans, log lines, errors.
"""

import re
from functools import lru_cache
from urllib.parse import unquote, unquote_plus

# A name is secret if it has one of these anywhere, without regard to case, blanks, `-` and `_`; or
# if one of its words is, where words end at those and before a capital letter.
PARTS = re.compile(
    "accesskey|accessid|apikey|authentic|authoriz|bearer|card|ccv|code|cookie|credential|csrf|cvv|"
    "jwt|oauth|pass|privatekey|pwd|saml|secret|session|signature|signing|token|xsrf|^xamz|^xgoog"
)
WORDS = frozenset(
    {
        *("assertion", "auth", "hash", "hmac", "key", "keys", "mac", "nonce", "otp", "pin", "pw"),
        *("sas", "sid", "sig", "sign", "ticket"),
    }
)
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
PARAMETER = re.compile(r"([^&;?=]*)=([^&;]*)")
USER_INFO = re.compile(r"(?<=//)[^/?#\s]*@")
REDACTED = "REDACTED"
LONGEST_QUERY, LONGEST_NAME = 4096, 100  # characters


def redacted(query: str) -> str:
    """The query string with the values of secret parameters replaced by REDACTED; the beginning of
    one that is very long.
    """
    query = query[:LONGEST_QUERY]
    return PARAMETER.sub(parameter, query) if "=" in query else query


def redacted_url(url: str) -> str:
    """The address with the values of secret parameters replaced, and without user and password."""
    place, mark, query = USER_INFO.sub(f"{REDACTED}:{REDACTED}@", url).partition("?")
    return f"{place}?{redacted(query)}" if mark else place


def parameter(found: re.Match[str]) -> str:
    name, value = found.groups()
    secret = len(name) > LONGEST_NAME or is_secret(name) or has_secret(value)
    return f"{name}={REDACTED}" if value and secret else found[0]


@lru_cache(1024)
def is_secret(name: str) -> bool:
    plain = unquote(unquote_plus(name))  # whoever reads the parameter may decode it again
    if PARTS.search(re.sub(r"[^a-z0-9]", "", plain.lower())):
        return True
    return any(word.lower() in WORDS for word in WORD.findall(plain))


def has_secret(value: str) -> bool:
    """Whether the value is itself an address with a secret in it."""
    if ":" not in value and "%" not in value and "?" not in value:
        return False
    place, *rest = re.split("[?#]", unquote(unquote_plus(value)), maxsplit=1)
    inner = PARAMETER.findall(rest[0]) if rest else []
    return USER_INFO.search(place) is not None or any(is_secret(name) for name, _ in inner)
