"""The page of services: addresses of example traces, and bars of how many calls there were."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from lens.domain.language import written
from lens.domain.red import BARS, Bar, Red, Work
from traces.model import Exemplar
from traces.units import duration

HEIGHT = 28.0


def search(
    lookback: str,
    service: str,
    *,
    name: str = "",
    kinds: Sequence[str] = (),
    failed: bool = False,
    over_ns: int = 0,
) -> str:
    """The address of the search for traces with such a span; those that took so long at least, the
    longest first.
    """
    terms = [written("service", "=", service)]
    if name:
        terms.append(written("name", "=", name))
    if len(kinds) == 1:
        terms.append(written("kind", "=", kinds[0]))
    if failed:
        terms.append("status=error")
    if over_ns:
        terms.append(f"duration>={over_ns}ns")
    more = {"sort": "longest"} if over_ns else {}
    return "/search?" + urlencode({"q": " ".join(terms), "lookback": lookback, **more})


def of_work(lookback: str, work: Work, *, failed: bool = False, over_ns: int = 0) -> str:
    """The same for one operation."""
    return search(
        lookback, work.service, name=work.name, kinds=[work.kind], failed=failed, over_ns=over_ns
    )


def measured_value(one: Exemplar) -> str:
    """What was measured, with its unit: seconds as durations are written, annotations left out."""
    if one.unit == "s":
        return duration(one.value * 1e9)
    unit = "" if one.unit.startswith("{") or one.unit == "1" else f" {one.unit}"
    return f"{one.value:.6g}{unit}"


def sparkline(bars: Sequence[Bar], *, failed: bool) -> str:
    """Bars as SVG path data in a box of BARS by HEIGHT: all calls, or those that failed."""
    most = max((bar.calls for bar in bars), default=0) or 1
    return "".join(pieces((bar.errors if failed else bar.calls) / most for bar in bars))


def pieces(shares: Iterable[float]) -> Iterable[str]:
    for at, share in enumerate(shares):
        if share:
            yield f"M{at + 0.5:g} {HEIGHT:g}v-{max(1.0, share * HEIGHT):.4g}"


def described(red: Red) -> str:
    """The bars in words, for who does not see them."""
    counts = [bar.calls for bar in red.bars]
    half = sum(counts[: BARS // 2])
    return f"{half} calls in the first half of the time, {red.calls - half} in the second"
