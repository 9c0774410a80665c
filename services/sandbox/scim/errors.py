"""The error message of RFC 7644 section 3.12: the status is a text, `scimType` one of the registered words."""

from __future__ import annotations

from services.sandbox.wire.call import Headers, Reply, json_bytes

SCIM_HEADERS: Headers = (("content-type", "application/scim+json; charset=utf-8"),)
ERROR_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error"


class ScimError(Exception):
    def __init__(
        self,
        status: int,
        detail: str,
        scim_type: str | None = None,
        *,
        headers: Headers = (),
        note: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.scim_type = scim_type
        self.headers = headers
        self.note = note

    def reply(self) -> Reply:
        body: dict[str, object] = {"schemas": [ERROR_SCHEMA], "status": str(self.status)}
        if self.scim_type:
            body["scimType"] = self.scim_type
        body["detail"] = self.detail
        headers = SCIM_HEADERS + self.headers
        if self.note:
            headers += (("x-sandbox-note", self.note),)
        return Reply(self.status, json_bytes(body), headers)


def invalid_syntax(detail: str) -> ScimError:
    return ScimError(400, detail, "invalidSyntax")


def invalid_value(detail: str) -> ScimError:
    return ScimError(400, detail, "invalidValue")


def invalid_path(detail: str) -> ScimError:
    return ScimError(400, detail, "invalidPath")


def invalid_filter(detail: str) -> ScimError:
    return ScimError(400, detail, "invalidFilter")


def not_found(name: str) -> ScimError:
    return ScimError(404, f"Resource {name} not found")


def not_implemented(what: str) -> ScimError:
    return ScimError(501, f"This service provider does not support {what}")


def unauthorized(detail: str) -> ScimError:
    return ScimError(401, detail, headers=(("www-authenticate", 'Bearer realm="scim"'),))
