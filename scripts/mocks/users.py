"""The demo users; their password is the setting DEMO_PASSWORD."""

from services.users.domain import id_of

STAFF, GOLD = {"walter"}, {"eric", "elaine"}
NAMES = (
    ("Eric", "Lindqvist"),
    ("Phoebe", "Adeyemi"),
    ("Dwight", "Okafor"),
    ("Han", "Nakamura"),
    ("Elaine", "Moreau"),
    ("Walter", "Brandt"),
)


def users() -> list[dict[str, str]]:
    """The same six in every shop, whatever the seed."""
    return [user(first, last) for first, last in NAMES]


def user(first: str, last: str) -> dict[str, str]:
    username = first.lower()
    return {
        "id": id_of(username),
        "username": username,
        "firstname": first,
        "lastname": last,
        "email": f"{username}@example.com",
        "role": "staff" if username in STAFF else "customer",
        "tier": "gold" if username in GOLD else "standard",
    }
