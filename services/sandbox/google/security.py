"""Directory v1: sign-in cookies, tokens given to apps, app passwords, backup codes."""

from __future__ import annotations

from typing import Any

from services.sandbox.google.errors import GoogleError, not_found
from services.sandbox.google.operations import DIRECTORY, Context, operation
from services.sandbox.google.users import need_user
from services.sandbox.google.views import etag
from services.sandbox.wire.call import Reply

_SCOPES = ("admin.directory.user.security",)
_USER = DIRECTORY + "users/{userKey}"


@operation("POST", _USER + "/signOut", scopes=_SCOPES)
def sign_out(context: Context) -> Reply:
    user = need_user(context)
    context.must_have_settled(user)
    user.sign_outs += 1
    context.record("sessions.revoke", user.primary_email, user)
    return Reply(204)


@operation("GET", _USER + "/tokens", scopes=_SCOPES)
def list_tokens(context: Context) -> Reply:
    user = need_user(context)
    body: dict[str, Any] = {
        "kind": "admin#directory#tokenList",
        "etag": etag(user.id, "tokens", len(user.tokens)),
    }
    if user.tokens:
        body["items"] = [_token_view(user.id, client, token) for client, token in user.tokens.items()]
    return context.ok(body)


@operation("GET", _USER + "/tokens/{clientId}", scopes=_SCOPES)
def get_token(context: Context) -> Reply:
    user, client = need_user(context), context.args["clientId"]
    if client not in user.tokens:
        raise not_found("clientId")
    return context.ok(_token_view(user.id, client, user.tokens[client]))


@operation("DELETE", _USER + "/tokens/{clientId}", scopes=_SCOPES)
def delete_token(context: Context) -> Reply:
    user, client = need_user(context), context.args["clientId"]
    if user.tokens.pop(client, None) is None:
        raise not_found("clientId")
    context.record("token.delete", client, user)
    return Reply(context.behaviour.delete_status)


def _token_view(user_id: str, client: str, token: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": "admin#directory#token",
        "etag": etag(user_id, client),
        "clientId": client,
        "userKey": user_id,
        "anonymous": False,
        "nativeApp": False,
        **token,
    }


@operation("GET", _USER + "/asps", scopes=_SCOPES)
def list_asps(context: Context) -> Reply:
    user = need_user(context)
    body: dict[str, Any] = {"kind": "admin#directory#aspList", "etag": etag(user.id, "asps", len(user.asps))}
    if user.asps:
        body["items"] = [_asp_view(user.id, code, asp) for code, asp in user.asps.items()]
    return context.ok(body)


@operation("GET", _USER + "/asps/{codeId}", scopes=_SCOPES)
def get_asp(context: Context) -> Reply:
    user = need_user(context)
    code = _code(context)
    if code not in user.asps:
        raise not_found("codeId")
    return context.ok(_asp_view(user.id, code, user.asps[code]))


@operation("DELETE", _USER + "/asps/{codeId}", scopes=_SCOPES)
def delete_asp(context: Context) -> Reply:
    user = need_user(context)
    code = _code(context)
    if user.asps.pop(code, None) is None:
        raise not_found("codeId")
    context.record("asp.delete", str(code), user)
    return Reply(context.behaviour.delete_status)


def _code(context: Context) -> int:
    text = context.args["codeId"]
    if not text.isdigit():
        raise GoogleError(400, "invalid", f"Invalid value at 'code_id' (TYPE_INT32), \"{text}\"")
    return int(text)


def _asp_view(user_id: str, code: int, asp: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": "admin#directory#asp",
        "etag": etag(user_id, "asp", code),
        "codeId": code,
        "userKey": user_id,
        **asp,
    }


@operation("GET", _USER + "/verificationCodes", scopes=_SCOPES)
def list_verification_codes(context: Context) -> Reply:
    user = need_user(context)
    body: dict[str, Any] = {
        "kind": "admin#directory#verificationCodesList",
        "etag": etag(user.id, "codes", len(user.codes)),
    }
    if user.codes:
        body["items"] = [
            {
                "kind": "admin#directory#verificationCode",
                "etag": etag(user.id, code),
                "userId": user.id,
                "verificationCode": code,
            }
            for code in user.codes
        ]
    return context.ok(body)


@operation("POST", _USER + "/verificationCodes/invalidate", scopes=_SCOPES)
def invalidate_verification_codes(context: Context) -> Reply:
    user = need_user(context)
    user.codes.clear()
    context.record("codes.invalidate", user.primary_email, user)
    return Reply(204)


@operation("POST", _USER + "/verificationCodes/generate", scopes=_SCOPES)
def generate_verification_codes(context: Context) -> Reply:
    user = need_user(context)
    user.codes = [f"{abs(hash((user.id, context.call.at, number))) % 10**8:08d}" for number in range(10)]
    context.record("codes.generate", user.primary_email, user)
    return Reply(204)


@operation("POST", _USER + "/twoStepVerification/turnOff", scopes=_SCOPES)
def turn_off_two_step_verification(context: Context) -> Reply:
    user = need_user(context)
    context.record("two_step.off", user.primary_email, user)
    return Reply(204)
