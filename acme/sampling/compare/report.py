"""A comparison as one HTML file that needs nothing beside it."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from acme.sampling.compare.run import Comparison, lessons
from traces.units import share


def write(file: Path, comparison: Comparison) -> None:
    """Raises OSError."""
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["share"] = share
    page = pages.get_template("report.html").render(
        rows=comparison.rows,
        options=comparison.options,
        checks=comparison.checks,
        lessons=lessons(comparison),
        most=max(row.measured.octets for row in comparison.rows) or 1,
    )
    file.write_text(page, encoding="utf-8")
