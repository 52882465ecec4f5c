"""How many of so many are plausible, if each is kept with the same probability."""

from math import exp, lgamma, log

LEFT_OUT = 0.001  # of all cases: a band of 99.9 %


def band(of: int, share: float) -> tuple[int, int]:
    """The smallest and the largest plausible number: with fewer, or with more, one would be among
    the rarest thousandth, half of it on each side.
    """
    if share in (0, 1) or not of:
        whole = round(of * share)
        return whole, whole
    low = tail(of, share)
    return low, of - tail(of, 1 - share)


def tail(of: int, share: float) -> int:
    """The first number up to which the probabilities add up to more than half of what is left
    out.
    """
    total = 0.0
    for number in range(of + 1):
        total += probability(number, of, share)
        if total > LEFT_OUT / 2:
            return number
    return of


def probability(number: int, of: int, share: float) -> float:
    """Of exactly so many. In logarithms: factorials of hundreds are too large for a float."""
    ways = lgamma(of + 1) - lgamma(number + 1) - lgamma(of - number + 1)
    return exp(ways + number * log(share) + (of - number) * log(1 - share))
