"""What a process tells of itself, as it comes over the wire."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from chaos.engine.model import Fault

Text = Annotated[str, Field(max_length=500)]
Number = Annotated[int, Field(ge=0, lt=2**63)]
Real = Annotated[float, Field(allow_inf_nan=False)]


class ReportPart(BaseModel):
    """A part of a report; what a newer process tells beside is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ToldFault(ReportPart):
    fault: Fault
    source: Text


class ToldTally(ReportPart):
    matched: Number = 0
    fired: Number = 0


class ToldHit(ReportPart):
    """A fault that matched somewhere: `fired` or not. `delay` is in seconds, `at` a unix time."""

    fault: Text
    type: Text = ""
    place: Text = ""
    revision: int = 0
    trace_id: Text = ""
    span_id: Text = ""
    session: Text = ""
    step: Text = ""
    hop: Text = ""
    attempt: int = 0
    delay: Real = 0.0
    fired: bool = True
    draw: Real | None = None
    rate: Real | None = None
    at: Real = 0.0


class Report(ReportPart):
    service: Annotated[str, Field(min_length=1, max_length=200)]
    instance: Annotated[str, Field(min_length=1, max_length=200)]
    pid: Number = 0
    revision: Number = 0
    own: Annotated[tuple[ToldFault, ...], Field(max_length=200)] = ()
    tallies: Annotated[dict[Text, ToldTally], Field(max_length=1000)] = Field(default_factory=dict)
    overflow: Number = 0
    waiting: Number = 0
    hits: Annotated[tuple[ToldHit, ...], Field(max_length=1000)] = ()
