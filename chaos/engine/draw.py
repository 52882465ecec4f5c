"""Draws that can be repeated: no generator with a state, a hash of what is asked for."""

from hashlib import blake2b


def draw(seed: int, *parts: object) -> float:
    """A number from 0 up to but not including 1 that depends on nothing but `seed` and `parts`.

    A fault fires when its draw is below its rate, so raising a rate only ever adds victims.
    """
    text = "\x1f".join(map(str, parts)).encode()
    digest = blake2b(text, digest_size=8, key=str(seed).encode()).digest()
    return int.from_bytes(digest, "big") / 2**64
