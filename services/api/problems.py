"""Problem details as the OpenAPI document describes them. They are made in `services.shared.web.problems`."""

from typing import Any

from pydantic import BaseModel

from services.api.requests.schemas import PlanRead


class FieldProblem(BaseModel):
    field: str
    message: str
    code: str


class Problem(BaseModel):
    """RFC 9457. `plan` comes with `plan_stale` alone."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    correlation_id: str
    errors: list[FieldProblem]
    plan: PlanRead | None = None


RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "description": "Refused: the problem's code and fields say why"},
    "5XX": {"model": Problem, "description": "Nothing was promised; the same call may succeed later"},
}


def name_media_type(document: dict[str, Any]) -> dict[str, Any]:
    """The document with problems under their own media type."""
    for path in document["paths"].values():
        for operation in path.values():
            for status in RESPONSES:
                content = operation["responses"].get(status, {}).get("content", {})
                if "application/json" in content:
                    content["application/problem+json"] = content.pop("application/json")
                content.pop("text/event-stream", None)
    return document
