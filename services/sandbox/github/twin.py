"""The GitHub twin: REST and SCIM behind one door."""

from __future__ import annotations

from services.sandbox.behaviour import Behaviour
from services.sandbox.consent.redirects import Redirects
from services.sandbox.faults.box import retry_after_headers
from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.github import (
    copilot,
    credentials,
    installations,
    invitations,
    members,
    orgs,
    scim_enterprise,
    scim_groups,
    scim_org,
    teams,
)
from services.sandbox.github.authorizing import GitHubDesk
from services.sandbox.github.errors import (
    GitHubError,
    ScimError,
    bad_credentials,
    no_seat,
    not_accessible,
    not_found,
    requires_authentication,
)
from services.sandbox.github.operations import ROUTER, Context, Operation, read_payload, read_query
from services.sandbox.github.orgs import HOURLY
from services.sandbox.github.seed import make_world
from services.sandbox.github.state import World
from services.sandbox.github.tokens import App, Token, TokenStore, bearer
from services.sandbox.github.webhooks import Webhooks
from services.sandbox.twin import Twin
from services.sandbox.wire.call import Call, Headers, Reply
from services.sandbox.wire.router import Match

OPERATION_MODULES = (
    copilot,
    credentials,
    installations,
    invitations,
    members,
    orgs,
    scim_enterprise,
    scim_groups,
    scim_org,
    teams,
)
"""Imported for the operations that they register."""

API_VERSIONS = frozenset({"2022-11-28"})
SCIM_TOKENS = {
    "acme-enterprise": "ghp_sandboxAcmeEnterpriseScimToken000001",
    "globex-enterprise": "ghp_sandboxGlobexEnterpriseScimToken0002",
}
MODES = {
    "accounts": ("organization", "managed_users"),
    "sso": ("off", "on"),
    "user_authorization": ("on", "off"),
    "copilot": ("assign_selected", "assign_all", "disabled", "unconfigured"),
}
"""Switches of this vendor; `invitations_per_day` takes a number."""

_NO_AGENT = (
    b"Request forbidden by administrative rules. Please make sure your request has a User-Agent header"
    b" (https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required)."
)
_SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. For more on scraping"
    " GitHub and how it may affect your rights, please review our Terms of Service"
)
_RATE_FORMS = {
    "secondary_429": (429, False),
    "secondary_403": (403, False),
    "primary_403": (403, True),
    "primary_429": (429, True),
}
"""Status, and whether the hour's budget is used up (`x-ratelimit-remaining` 0, no `retry-after`)."""
_SEAT_PATHS = ("invitations", "memberships", "selected_users", "Users")
_AN_HOUR = 3600


class GitHubTwin(Twin):
    name = "github"
    prefix = "/github"

    def __init__(self, behaviour: Behaviour, app_url: str | None = None) -> None:
        super().__init__(behaviour)
        self.app = App.make()
        fixed = {value: Token(None, slug) for slug, value in SCIM_TOKENS.items()}
        self.tokens = TokenStore(fixed=fixed)
        self.hooks = Webhooks(self.app.id)
        self.redirects = Redirects(("github",), app_url)
        self.desk = GitHubDesk(self.app, self.redirects, lambda: self.world)
        self._worlds: dict[bool, World] = {}
        self._used: dict[str, int] = {}
        self.restore_seed(forget_tokens=True)

    @property
    def world(self) -> World:
        """The seed that the mode `accounts` names; each keeps what happened to it until the next reset."""
        return self._worlds[self.behaviour.modes.get("accounts") == "managed_users"]

    def restore_seed(self, *, forget_tokens: bool) -> None:
        """The webhook is kept like the tokens: whoever set it still listens."""
        self._worlds = {managed: make_world(is_managed=managed) for managed in (False, True)}
        self._used = {}
        self.hooks.deliveries.clear()
        if forget_tokens:
            self.tokens.issued.clear()
            self.desk.clear()
            self.desk.book.clear()
            self.hooks.hook = None

    def is_token_call(self, call: Call) -> bool:
        return call.segments[:1] in {("app",), ("apps",), ("login",)}

    def _on_the_web(self, call: Call) -> Reply | None:
        """Pages of github.com, and what a person's own token opens; None for everything else."""
        match (call.method, *call.segments):
            case ("GET" | "POST", "apps", _, "installations", "new"):
                return self.desk.install(call, self.behaviour.modes)
            case (_, "login", "oauth", "access_token"):
                return self.desk.access_token(call)
            case ("GET", "user"):
                return self.desk.user(call)
            case ("GET", "user", "installations"):
                return self.desk.user_installations(call)
            case _:
                return None

    def identify(self, call: Call) -> str | None:
        token = self.tokens.find(bearer(call))
        if token is None:
            return None
        for org in self.world.organizations.values():
            if token.org == org.login or token.enterprise == org.enterprise.slug:
                return org.domain
        return None

    def takes_a_seat(self, call: Call) -> bool:
        return call.method in {"POST", "PUT"} and any(word in call.segments for word in _SEAT_PATHS)

    def answer(self, call: Call) -> Reply:
        try:
            reply = self._on_the_web(call) or self._answer(call)
        except GitHubError as error:
            reply = _in_the_doors_words(call, error).reply()
        reply.headers += self._standing(call)
        return reply

    def _standing(self, call: Call) -> Headers:
        """What every answer says about the hour's budget."""
        used = self._used.get(call.tenant or "", 0)
        if call.tenant:
            self._used[call.tenant] = used = used + 1
        reset = int(call.at) // _AN_HOUR * _AN_HOUR + _AN_HOUR
        return _rate_headers(max(0, HOURLY - used), min(used, HOURLY), reset, call.request_id)

    def _answer(self, call: Call) -> Reply:
        if not call.headers.get("user-agent", "").strip():
            return Reply(403, _NO_AGENT, (("content-type", "text/plain"),))
        version = call.headers.get("x-github-api-version")
        if version is not None and version not in API_VERSIONS:
            raise GitHubError(
                400, f'Version "{version}" is not supported.', note="an unknown X-GitHub-Api-Version"
            )
        match = ROUTER.find(call.method, call.segments)
        if match is None:
            allowed = ", ".join(sorted(ROUTER.methods(call.segments)))
            raise not_found(f"this path answers {allowed} only" if allowed else "unknown path")
        token = self._sign_in(call, match.operation)
        return match.operation.handler(self._context(call, token, match))

    def _sign_in(self, call: Call, entry: Operation) -> Token | None:
        if entry.is_for_app:
            self.app.check(call)
            return None
        if not call.headers.get("authorization"):
            raise requires_authentication()
        token = self.tokens.find(bearer(call))
        if token is None:
            raise bad_credentials()
        entry.check(token)
        return token

    def _context(self, call: Call, token: Token | None, match: Match[Operation]) -> Context:
        return Context(
            call=call,
            token=token,
            args=match.args,
            query=read_query(call, match.operation.query),
            body=read_payload(call, match.operation),
            behaviour=self.behaviour,
            ledger=self.ledger,
            world=self.world,
            tokens=self.tokens,
            announce=self.hooks.announce,
        )

    def refuse(self, call: Call, fault: FaultCreate) -> Reply:
        match fault.kind:
            case FaultKind.RATE_LIMIT:
                return _rate_limited(call, fault)
            case FaultKind.EXPIRED_TOKEN if self.is_token_call(call):
                error = GitHubError(401, "A JSON web token could not be decoded")
            case FaultKind.EXPIRED_TOKEN:
                error = bad_credentials()
            case FaultKind.FORBIDDEN if self.is_token_call(call):
                error = GitHubError(403, "This installation has been suspended")
            case FaultKind.FORBIDDEN:
                error = not_accessible()
            case FaultKind.NO_SEATS:
                error = no_seat(call.segments[1] if len(call.segments) > 1 else "")
            case _:
                words = {503: "Service unavailable", 500: "Server Error"}
                status = fault.status or 500
                extra = retry_after_headers(fault.retry_after)
                error = GitHubError(status, words.get(status, "Server Error"), headers=extra)
        reply = error.reply()
        reply.headers += self._standing(call)
        return reply

    @staticmethod
    def rate_limit_forms() -> frozenset[str]:
        return frozenset(_RATE_FORMS)


def _in_the_doors_words(call: Call, error: GitHubError) -> GitHubError:
    """The organisations' SCIM says every error as SCIM does; the enterprises' only its own."""
    if call.segments[:3] == ("scim", "v2", "organizations") and not isinstance(error, ScimError):
        return ScimError(error.status, error.message)
    return error


def _rate_headers(remaining: int, used: int, reset: int, request_id: str) -> Headers:
    return (
        ("x-ratelimit-limit", str(HOURLY)),
        ("x-ratelimit-remaining", str(remaining)),
        ("x-ratelimit-used", str(used)),
        ("x-ratelimit-reset", str(reset)),
        ("x-ratelimit-resource", "core"),
        ("x-github-request-id", request_id),
    )


def _rate_limited(call: Call, fault: FaultCreate) -> Reply:
    """The hour's budget names its end by `x-ratelimit-reset`; secondary limits by `retry-after`, or not at all."""
    status, is_primary = _RATE_FORMS[fault.vendor_form or "secondary_429"]
    if not is_primary:
        error = GitHubError(status, _SECONDARY, headers=retry_after_headers(fault.retry_after))
        standing = _rate_headers(HOURLY - 100, 100, int(call.at) + _AN_HOUR, call.request_id)
    else:
        seconds = fault.retry_after if isinstance(fault.retry_after, int | float) else _AN_HOUR
        error = GitHubError(status, "API rate limit exceeded for installation.")
        standing = _rate_headers(0, HOURLY, int(call.at + seconds + 0.999), call.request_id)
    reply = error.reply()
    reply.headers += standing
    return reply
