"""Slack's answers other than success, of both APIs, read once and explained once."""

from collections.abc import Mapping
from typing import Any

import httpx

from services.shared.sdk.answer import KEPT, UNREADABLE, VendorAnswer, explaining, limited, unforeseen
from services.shared.sdk.errors import (
    ActionRequired,
    ConsentLost,
    ErrorCode,
    ProviderError,
    Refused,
    Transient,
)
from services.shared.sdk.retry_after import parse_retry_after

NOT_FOUND = 404
_UNAUTHORIZED, _FORBIDDEN, _CONFLICT, _TOO_MANY, _SERVER_ERROR = 401, 403, 409, 429, 500

TAKEN = frozenset({"username_taken", "email_taken"})
MISSING = frozenset(
    {"no_such_user", "no_such_group", "user_not_found", "users_not_found", "channel_not_found"}
)
_THROTTLED = frozenset({"too_many_requests", "resource_locked", "ratelimited", "rate_limited"})
_BROKEN = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_SIGNED_OUT = frozenset(
    {
        "invalid_authentication",
        "missing_authentication",
        "invalid_auth",
        "not_authed",
        "token_revoked",
        "token_expired",
        "account_inactive",
    }
)
_FORBIDDEN_WORDS = frozenset(
    {"permission_denied", "missing_scope", "no_permission", "not_allowed_token_type", "access_denied"}
)
NO_SCIM = frozenset({"plus_teams_only", "feature_not_enabled"})
_ENTERPRISE_ONLY = frozenset({"not_an_enterprise", "team_is_not_enterprise"})
_FILTER_WORDS = frozenset({"invalid_query", "incomplete_filter", "invalid_filter", "unsupported_filter"})


class SlackAnswer(VendorAnswer):
    """One answer that is not the success that was asked for.

    Attributes:
        operation: e.g. `POST Users` or `conversations.invite`.
        status: HTTP's number; 2xx for a refusal of the Web API, or when the body could not be read.
        word: Slack's word, e.g. `username_taken`; `unreadable` for a success in another language.
        message: everything that Slack said, shortened.
    """

    def __init__(
        self,
        operation: str,
        status: int,
        word: str,
        message: str,
        *,
        is_web: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(operation, status, word, message, retry_after)
        self.is_web = is_web

    @property
    def is_missing(self) -> bool:
        return self.status == NOT_FOUND or self.word in MISSING

    @property
    def is_taken(self) -> bool:
        return self.word in TAKEN or (self.status == _CONFLICT and not self.is_web)

    @property
    def is_throttled(self) -> bool:
        return self.status == _TOO_MANY or self.word in _THROTTLED

    @property
    def is_forbidden(self) -> bool:
        """The token may not; a plan that is too small is another thing."""
        return self.word in _FORBIDDEN_WORDS or (self.status == _FORBIDDEN and not self.has_no_scim)

    @property
    def has_no_scim(self) -> bool:
        """The plan has no SCIM at all."""
        return not self.is_web and self.word in NO_SCIM

    @property
    def refuses_filter(self) -> bool:
        return self.word in _FILTER_WORDS

    @property
    def is_final(self) -> bool:
        """Slack understood and refused, so that asking another way may help: neither throttled nor broken."""
        is_broken = self.status >= _SERVER_ERROR or self.word in _BROKEN or self.is_unreadable
        return not (self.is_throttled or is_broken or self.word in _SIGNED_OUT)


def read_scim(operation: str, response: httpx.Response) -> SlackAnswer:
    """Read SCIM's envelope: `detail` is a word. Slack's Java SDK also knows an older one, `Errors.description`."""
    word = ""
    try:
        body: Any = response.json()
        older = body.get("Errors") or {}
        word = str(body.get("detail") or older.get("description") or "")
    except (ValueError, AttributeError):
        pass
    return SlackAnswer(
        operation,
        response.status_code,
        word,
        word or response.text[:KEPT],
        retry_after=parse_retry_after(response.headers),
    )


def read_web(operation: str, response: httpx.Response) -> SlackAnswer | None:
    """Read the Web API's answer, whose refusals come as 200 with `ok: false`; None for a success."""
    word, message = "", response.text[:KEPT]
    try:
        body: Any = response.json()
        if response.is_success and body["ok"] is True:
            return None
        word = str(body.get("error") or "")
        needed = body.get("needed")
        message = f"{word} (needs {needed})" if needed else word
    except (ValueError, KeyError, TypeError, AttributeError):
        word = UNREADABLE if response.is_success else ""
    return SlackAnswer(
        operation,
        response.status_code,
        word,
        message,
        is_web=True,
        retry_after=parse_retry_after(response.headers),
    )


def unreadable(operation: str, status: int, shown: object) -> SlackAnswer:
    """A success whose body is not what the operation answers."""
    return SlackAnswer(operation, status, UNREADABLE, str(shown)[:KEPT])


# Word → our error's class, code, field and sentence. Words: docs.slack.dev/reference/scim-api, "Errors", and the pages
# of the Web API's methods.
_WORDS: Mapping[str, tuple[type[ProviderError], ErrorCode, str | None, str]] = {
    "username_taken": (
        ActionRequired,
        ErrorCode.ALREADY_EXISTS,
        None,
        "No user name for this person is free.",
    ),
    "email_taken": (
        ActionRequired,
        ErrorCode.ALREADY_EXISTS,
        "employee.work_email",
        "The address is taken at Slack.",
    ),
    "email_invalid": (
        Refused,
        ErrorCode.INVALID_FIELD,
        "employee.work_email",
        "Slack does not accept this address.",
    ),
    "missing_primary_email": (
        Refused,
        ErrorCode.INVALID_FIELD,
        "employee.work_email",
        "Slack needs a work address.",
    ),
    "invalid_display_name": (
        Refused,
        ErrorCode.INVALID_FIELD,
        "employee.full_name",
        "Slack does not accept this name.",
    ),
    "user_creation_failed": (
        ActionRequired,
        ErrorCode.CONFLICT,
        None,
        "Slack could not make the account and does not say why: look at the plan's seats and at who may join.",
    ),
    "cannot_modify_owner": (
        ActionRequired,
        ErrorCode.CONFLICT,
        None,
        "The account is an owner's: Slack lets nobody change it by API.",
    ),
    "cannot_disable_primary_owner": (
        ActionRequired,
        ErrorCode.CONFLICT,
        None,
        "The account is the primary owner's: ownership has to be handed over at Slack first.",
    ),
    "cant_edit_primary_owner": (
        ActionRequired,
        ErrorCode.CONFLICT,
        None,
        "The account is the primary owner's: Slack lets nobody change it by API.",
    ),
    "cannot_make_user_guest": (
        Refused,
        ErrorCode.CONFLICT,
        "role",
        "Slack does not make a guest of an administrator or owner.",
    ),
    "unable_to_add_deleted_or_guest_to_group": (
        Refused,
        ErrorCode.CONFLICT,
        "groups",
        "Slack adds neither guests nor deactivated people to a user group.",
    ),
    "no_such_group": (Refused, ErrorCode.NOT_FOUND, "groups", "The user group is no longer there."),
    "channel_not_found": (Refused, ErrorCode.NOT_FOUND, "channels", "The channel is no longer there."),
    "is_archived": (Refused, ErrorCode.NOT_FOUND, "channels", "The channel was archived."),
    "not_in_channel": (
        ActionRequired,
        ErrorCode.CONFLICT,
        "channels",
        "The owner of OneClick's token is not in this channel: add them, or the person, by hand.",
    ),
    "restricted_action": (
        ActionRequired,
        ErrorCode.CONFLICT,
        "channels",
        "The workspace does not let OneClick's token add people to this channel.",
    ),
    "failed_for_some_users": (
        ActionRequired,
        ErrorCode.CONFLICT,
        "channels",
        "Slack could not add the person to this channel.",
    ),
    "invitee_cant_see_channel": (
        ActionRequired,
        ErrorCode.CONFLICT,
        "channels",
        "The account is not in the workspace of this channel yet.",
    ),
    "invalid_role_for_user": (
        ActionRequired,
        ErrorCode.CONFLICT,
        "role",
        "The account has another role in another workspace of the organisation.",
    ),
    "non_org_teams_only": (
        ActionRequired,
        ErrorCode.NOT_ENTITLED,
        None,
        "The workspace belongs to an Enterprise organisation: the app has to be installed on the organisation.",
    ),
}


def explain_answer(answer: SlackAnswer) -> ProviderError:
    """Our error for Slack's answer: named by what happens next."""
    said = answer.message or None
    if (early := _not_now(answer, said)) is not None:
        return early
    if answer.word in _WORDS:
        kind, code, field, sentence = _WORDS[answer.word]
        return kind(sentence, code=code, field=field, vendor_message=said)
    if answer.word in NO_SCIM | _ENTERPRISE_ONLY:
        return ActionRequired(
            "The workspace's plan does not include this.", code=ErrorCode.NOT_ENTITLED, vendor_message=said
        )
    if (later := _by_permission(answer, said)) is not None:
        return later
    return _lasting(answer, said)


def _lasting(answer: SlackAnswer, said: str | None) -> ProviderError:
    if answer.is_missing:
        return Refused(
            "Slack does not have what this needs any more.", code=ErrorCode.NOT_FOUND, vendor_message=said
        )
    if answer.status == _CONFLICT:
        return Refused("Slack's state conflicts with this.", code=ErrorCode.CONFLICT, vendor_message=said)
    return unforeseen("Slack", answer)


def _not_now(answer: SlackAnswer, said: str | None) -> ProviderError | None:
    if answer.is_throttled:
        return limited("Slack", answer)
    if answer.status >= _SERVER_ERROR or answer.word in _BROKEN:
        return Transient("Slack did not work.", retry_after=answer.retry_after, vendor_message=said)
    return None


def _by_permission(answer: SlackAnswer, said: str | None) -> ProviderError | None:
    if answer.status == _UNAUTHORIZED or answer.word in _SIGNED_OUT:
        return ConsentLost(
            "Slack no longer accepts OneClick's token.", code=ErrorCode.AUTH_EXPIRED, vendor_message=said
        )
    if answer.is_forbidden and answer.is_web:
        # The Web API's scopes are extras: without one the rest goes on, and a person does this step.
        return ActionRequired(
            f"OneClick's token may not call {answer.operation}.",
            code=ErrorCode.MISSING_SCOPE,
            vendor_message=said,
        )
    if answer.is_forbidden:
        return ConsentLost(
            "OneClick's token may not manage people: it needs the scope admin of an owner or administrator.",
            code=ErrorCode.MISSING_SCOPE,
            vendor_message=said,
        )
    return None


explained = explaining(SlackAnswer, explain_answer)
"""At the provider's boundary."""
