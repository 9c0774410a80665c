"""Organisational units."""

from urllib.parse import quote

from services.shared.providers.google.answers import GoogleAnswer
from services.shared.providers.google.client import GoogleContext, call
from services.shared.sdk.answer import UNREADABLE
from services.shared.sdk.errors import ErrorCode, Refused


async def need_org_unit(ctx: GoogleContext, path: str) -> str:
    """The unit's path as Google writes it.

    Raises:
        Refused: `primary_org_unit` names one that is not there.
    """
    if path == "/":
        return path
    try:
        body = await call(
            ctx,
            "orgunits.get",
            customerId=ctx.settings.customer_id,
            # The path's template keeps reserved characters, and `?` or `#` in a name would end the path.
            orgUnitPath=quote(path.strip("/"), safe="/"),
            fields="orgUnitPath",
        )
    except GoogleAnswer as answer:
        if answer.is_missing or answer.word == "invalid":
            raise Refused(
                f"There is no organisational unit {path} at Google.",
                code=ErrorCode.INVALID_FIELD,
                field="primary_org_unit",
                vendor_message=answer.message,
            ) from answer
        raise
    if "orgUnitPath" not in body:
        raise GoogleAnswer("orgunits.get", 200, UNREADABLE, str(body)[:500])
    return str(body["orgUnitPath"])
