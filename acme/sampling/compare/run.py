"""`acme sampling compare`: every sampler in turn, and a table of what each kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from acme import terminal
from acme.sampling.compare.band import band
from acme.sampling.compare.measure import Measured, measure
from acme.sampling.compare.variants import ALWAYS_ON, NAMES, VARIANTS, Variant
from traces.units import plural

SECONDS_EACH = 15  # on a machine of two cores that is idle
HEAD = (
    *("sampler", "requests", "kept", "plausible", "errors kept", "slow kept", "whole", "kB sent"),
    *("spans kept", "CPU s", "CPU s lens"),
)


@dataclass(frozen=True)
class Options:
    """What is compared; no `names` means all. `always_on` comes first in any case: it says what a
    whole trace is.
    """

    requests: int
    seed: int
    names: Sequence[str] = ()

    @property
    def variants(self) -> list[Variant]:
        return [one for one in VARIANTS if one is ALWAYS_ON or one.name in (self.names or NAMES)]


@dataclass(frozen=True)
class Check:
    """A claim about a sampler, and whether it holds."""

    sampler: str
    holds: bool
    sentence: str


@dataclass(frozen=True)
class Row:
    """What is said of one sampler."""

    measured: Measured

    @property
    def plausible(self) -> tuple[int, int] | None:
        """The smallest and largest number of kept traces that would be no surprise; of tail
        sampling that of the rest beside errors and slow traces. None where nothing is promised.
        """
        one = self.measured
        if one.variant.per_second is not None:
            rate = one.variant.per_second
            return 0, int(rate * one.traffic.seconds + max(rate, 1))
        if one.variant.share is None:
            return None
        if one.variant.keeps_what_matters:
            low, high = band(one.traffic.others, one.variant.share)
            matter = len(one.kept) - one.others
            return low + matter, high + matter
        return band(len(one.traffic.requests), one.variant.share)

    @property
    def band_text(self) -> str:
        if self.plausible is None:
            return "-"
        low, high = self.plausible
        return f"{low}" if low == high else f"{low} to {high}" if low else f"up to {high}"

    def cells(self) -> tuple[str, ...]:
        one = self.measured
        return (
            one.variant.name,
            f"{len(one.traffic.requests)}",
            f"{len(one.kept)}",
            self.band_text,
            f"{one.errors} of {one.traffic.errors}",
            f"{one.slow} of {one.traffic.slow}",
            f"{one.whole} of {len(one.kept)}",
            f"{one.octets / 1000:.0f}",
            f"{one.spans}",
            f"{one.cpu:.2f}",
            f"{one.cpu_lens:.2f}",
        )

    def checks(self) -> list[Check]:
        one, name = self.measured, self.measured.variant.name
        kept = len(one.kept)
        found = []
        if self.plausible is not None:
            low, high = self.plausible
            limit = one.variant.per_second is not None
            what = "rate and burst allow" if limit else "the 99.9 % band has"
            inside = low <= kept <= high
            found.append(Check(name, inside, f"{kept} kept, {what} {self.band_text}"))
        if one.variant.keeps_what_matters:
            every = (one.errors, one.slow) == (one.traffic.errors, one.traffic.slow)
            sentence = f"{one.errors} of {plural(one.traffic.errors, 'error')} kept, and "
            found.append(Check(name, every, f"{sentence}{one.slow} of {one.traffic.slow} slow"))
        if one.variant.whole:
            broken = kept - one.whole
            sentence = f"{plural(broken, 'broken trace')} of {kept}"
            found.append(Check(name, not broken, sentence))
        return found

    def as_json(self) -> dict[str, Any]:
        one = self.measured
        return {
            "sampler": one.variant.name,
            "meaning": one.variant.meaning,
            "environ": dict(one.variant.environ),
            "requests": len(one.traffic.requests),
            "seconds": one.traffic.seconds,
            "kept": len(one.kept),
            "plausible": self.plausible,
            "errors": one.traffic.errors,
            "errors_kept": one.errors,
            "slow": one.traffic.slow,
            "slow_kept": one.slow,
            "whole": one.whole,
            "span_bytes_sent": one.octets,
            "spans_kept": one.spans,
            "cpu_seconds_services": one.cpu,
            "cpu_seconds_lens": one.cpu_lens,
            "tail": one.tail,
        }


@dataclass(frozen=True)
class Comparison:
    """A row for each sampler, in the order in which they were tried."""

    options: Options
    rows: Sequence[Row]

    @property
    def checks(self) -> list[Check]:
        return [check for row in self.rows for check in row.checks()]

    @property
    def passed(self) -> bool:
        return all(check.holds for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        return {
            "requests": self.options.requests,
            "seed": self.options.seed,
            "samplers": [row.as_json() for row in self.rows],
            "checks": [vars(check) for check in self.checks],
            "passed": self.passed,
        }


async def run(options: Options, console: Console) -> Comparison:
    """Tries one sampler after the other, and shows on `console` which. Raises TimeoutError when a
    shop does not get ready.
    """
    chosen = options.variants
    minutes = len(chosen) * SECONDS_EACH / 60
    console.print(
        f"{plural(len(chosen), 'sampler')}, each in a shop of its own: about {minutes:.1f} minutes"
    )
    rows: list[Row] = []
    expected = None
    for number, variant in enumerate(chosen, 1):
        console.print(f"{number} of {len(chosen)}: {variant.name}, {variant.meaning}")
        measured = await measure(variant, options.requests, options.seed, expected)
        expected = measured.expected
        rows.append(Row(measured))
    return Comparison(options, rows)


def show(comparison: Comparison) -> None:
    right = tuple(name for name in HEAD if name != "sampler")
    print(terminal.columns(HEAD, [row.cells() for row in comparison.rows], right=right))
    print()
    for check in comparison.checks:
        print(f"{'✓' if check.holds else '✗'} {check.sampler}: {check.sentence}")
    for sentence in lessons(comparison):
        print(sentence)


def lessons(comparison: Comparison) -> list[str]:
    """What the numbers teach, as far as the samplers for it were compared."""
    rows = {row.measured.variant.name: row.measured for row in comparison.rows}
    found = []
    if biased := rows.get("error_biased"):
        errors = plural(biased.traffic.errors, "error")
        found.append(
            f"error_biased kept {biased.errors} of {errors}, as any sampler would with that share: "
            "when it decides, nothing has failed yet."
        )
    alone = rows.get("independent")
    if alone and (broken := len(alone.kept) - alone.whole):
        found.append(
            f"independent broke {broken} of {len(alone.kept)} traces, since services with other "
            "ratios than their caller's decide for themselves."
        )
    if tail := rows.get("tail"):
        found.append(
            f"tail sampling kept what matters, but every span was made and sent first: "
            f"{tail.octets / 1000:.0f} kB for {plural(len(tail.kept), 'trace')}."
        )
    return found
