"""A form as it was sent: read with care, and taken from our own pages only."""

import hmac
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from services.frontend.routes.visit import FORM_TOKEN
from shared.errors import BadRequest, ForeignOrigin

MOST = 40


class ForeignForm(ForeignOrigin):
    """A form that did not come from one of our own pages."""

    kind = "foreign_form"


async def submitted(request: Request) -> Mapping[str, str]:
    """The fields of the form; raises ForeignForm when another's page may have sent it."""
    fields = await fields_of(request)
    kept, sent = request.cookies.get(FORM_TOKEN, ""), fields.get("form_token", "")
    known = bool(kept) and hmac.compare_digest(kept.encode(), sent.encode())
    if not known:
        raise ForeignForm("this form was not sent from a page of this shop")
    return fields


Submitted = Annotated[Mapping[str, str], Depends(submitted)]


async def fields_of(request: Request) -> Mapping[str, str]:
    """What was typed, without blanks around it; kept with the request, as it can be read once."""
    if not hasattr(request.state, "fields"):
        request.state.fields = {}
        body = await request.body()
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST)
        except ValueError:
            raise BadRequest(f"a form of at most {MOST} fields in UTF-8 is needed") from None
        request.state.fields = {name: text_of(name, value) for name, value in pairs}
    fields: Mapping[str, str] = request.state.fields
    return fields


async def typed(request: Request) -> Mapping[str, str]:
    """The same for a request that failed already: nothing, when the form cannot be read either."""
    try:
        return await fields_of(request)
    except BadRequest:
        return {}


def text_of(name: str, value: str) -> str:
    # A password may begin with a blank.
    return value if name == "password" else value.strip()
