"""Places in the code that have a name, for faults that no request, call or store can show."""

from typing import Any

from opentelemetry.trace import get_current_span

from chaos.engine.endure import endure, hung
from chaos.engine.engine import Faults
from chaos.engine.occasion import Occasion


async def point(faults: Faults, name: str, **values: Any) -> None:
    """A place called `name`, as in "payment.charge"; `values` are what a fault can be aimed at.

    Raises what a mistake there would raise, and TimeoutError when it hangs to the end.
    """
    strike = faults.decide(faults.points, Occasion("point", name, values=values))
    if strike is None:
        return
    strike.mark(get_current_span())
    await endure(faults, strike)
    if await hung(faults, strike):
        raise TimeoutError(strike.says(f"{name} took too long"))
