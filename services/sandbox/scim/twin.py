"""The SCIM twin: one application, a tenant of it for each company, one token endpoint."""

from __future__ import annotations

import time

from services.sandbox.behaviour import Behaviour
from services.sandbox.faults.box import retry_after_headers
from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.scim import discovery, groups, search, users
from services.sandbox.scim.errors import ScimError, unauthorized
from services.sandbox.scim.operations import ROUTER, Context, read_body, read_query
from services.sandbox.scim.seed import make_companies
from services.sandbox.scim.state import Company
from services.sandbox.scim.tokens import READ, WRITE, Token, TokenEndpoint
from services.sandbox.twin import Twin
from services.sandbox.wire.call import Call, Reply

OPERATION_MODULES = (discovery, groups, search, users)
"""Imported for the operations that they register."""

_FORMS = {"429": 429, "503": 503}


class ScimTwin(Twin):
    """Modes (`PUT /control/scim/settings`, `modes`), the first value is the default.

    What ServiceProviderConfig, ResourceTypes and Schemas then announce is true in each of them:
    `patch`, `filter`, `etag`, `groups`, `enterprise`: on, off. `max_results`: 200 or another number.
    What nothing announces, as in real applications: `patch_style`: rfc, azure (also takes "Add", "True",
    members to remove as a value, paths that make what they name). `patch_reply`: 200, 204. `user_name`: free,
    email. `emails`: free, unique. `external_id`: kept, dropped. `delete`: on, off (405). `discovery`: on, off.
    """

    name = "scim"
    prefix = "/scim"

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(behaviour)
        self.companies: dict[str, Company] = {}
        self.endpoint = TokenEndpoint()
        self.restore_seed(forget_tokens=True)

    def restore_seed(self, *, forget_tokens: bool) -> None:
        self.companies = {company.name: company for company in make_companies()}
        if forget_tokens:
            self.endpoint.issued.clear()

    def is_token_call(self, call: Call) -> bool:
        return call.segments == ("oauth", "token")

    def identify(self, call: Call) -> str | None:
        token = self.endpoint.find(call.bearer or "", self.companies)
        return self.companies[token.company].domain if token else None

    def takes_a_seat(self, call: Call) -> bool:
        """A new account, or an entitlement given to one."""
        is_user = call.segments[1:3] == ("v2", "Users")
        is_new = call.method == "POST" and len(call.segments) == 3  # noqa: PLR2004 - company, v2, Users
        return is_user and (is_new or (call.is_write and b'"entitlements"' in call.body))

    def answer(self, call: Call) -> Reply:
        if self.is_token_call(call):
            return self.endpoint.answer(call, self.companies, self.behaviour.token_lifetime_seconds)
        try:
            return self._answer(call)
        except ScimError as error:
            return error.reply()

    def _answer(self, call: Call) -> Reply:
        company = self.companies.get(call.segments[0]) if call.segments else None
        if company is None or call.segments[1:2] != ("v2",):
            raise ScimError(404, "Endpoint not found", note="paths begin with /scim/<company>/v2")
        path = call.segments[2:]
        match = ROUTER.find(call.method, path)
        if match is None:
            allowed = ", ".join(sorted(ROUTER.methods(path)))
            if allowed:
                raise ScimError(405, "Method not allowed", headers=(("allow", allowed),))
            raise ScimError(404, "Endpoint not found")
        entry = match.operation
        if not entry.is_open:
            self._check_token(call, company)
        context = Context(
            call=call,
            company=company,
            args=match.args,
            query=read_query(call, entry.query),
            body=read_body(call, entry),
            behaviour=self.behaviour,
            ledger=self.ledger,
        )
        return entry.handler(context)

    def _check_token(self, call: Call, company: Company) -> Token:
        token = self.endpoint.find(call.bearer or "", self.companies)
        if token is None or token.company != company.name:
            raise unauthorized("Authorization failure. The authorization header is invalid or missing.")
        if token.expires_at is not None and token.expires_at <= time.time():
            raise unauthorized("The access token expired")
        if (WRITE if call.is_write else READ) not in token.scopes:
            raise ScimError(403, "Operation is not permitted based on the supplied authorization")
        return token

    def refuse(self, call: Call, fault: FaultCreate) -> Reply:
        if self.is_token_call(call):
            return self.endpoint.refuse(fault)
        extra = retry_after_headers(fault.retry_after)
        match fault.kind:
            case FaultKind.RATE_LIMIT:
                status = _FORMS[fault.vendor_form or "429"]
                return ScimError(status, "Too many requests", headers=extra).reply()
            case FaultKind.EXPIRED_TOKEN:
                return unauthorized("The access token expired").reply()
            case FaultKind.FORBIDDEN:
                text = "Operation is not permitted based on the supplied authorization"
                return ScimError(403, text).reply()
            case FaultKind.NO_SEATS:
                return ScimError(403, "No license is left for another user").reply()
            case _:
                return ScimError(fault.status or 500, "Internal error", headers=extra).reply()

    @staticmethod
    def rate_limit_forms() -> frozenset[str]:
        return frozenset(_FORMS)
