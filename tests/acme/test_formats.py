"""What the launcher says of the header formats that its services speak."""

import pytest

from acme.launcher.formats import formats_line
from shared.settings import settings_for
from shared.topology import SERVICES

WHERE = " (docs/propagation.md)"


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({}, ""),
        ({"ACME_PROFILE": "standard"}, ""),
        (
            {"ACME_PROFILE": "mixed"},
            "profile mixed: gateway and shipping send jaeger; auth and orders send b3multi; "
            "cart, payment and articles send b3; all else is tracecontext" + WHERE,
        ),
        (
            {"ACME_PROFILE": "broken"},
            "profile broken: gateway sends jaeger; orders reads only tracecontext; "
            "all else is tracecontext" + WHERE,
        ),
        (
            {"ORDERS_OTEL_PROPAGATORS": "b3"},
            "profile standard: orders sends b3; orders reads only b3; all else is tracecontext"
            + WHERE,
        ),
        (
            {"CART_OTEL_PROPAGATORS": "none"},
            "profile standard: cart sends nothing; cart reads nothing; all else is tracecontext"
            + WHERE,
        ),
    ],
)
def test_one_line_says_who_speaks_what_unless_it_is_the_standard(
    environ: dict[str, str], line: str
) -> None:
    assert formats_line([settings_for(row.name, environ) for row in SERVICES]) == line
