"""An identity provider whose answers are not sound: nobody gets in, and nothing breaks."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from tests.auth.conftest import Auth, Running

ISSUER = "https://idp.test"
BINDING = "binding-of-this-browser-0123456789"
KEY = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
OTHER = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
NEXT = ECKey.generate_key("P-256", {"kid": "two"}, private=True)


class Provider:
    """A provider that a test can bend: its configuration, keys, claims, headers and signature."""

    def __init__(self) -> None:
        self.metadata: dict[str, Any] = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/jwks",
        }
        self.keys: list[Any] = [KEY]
        self.signer: Any = KEY
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "one"}
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] | None = None
        self.token_answer: httpx.Response | None = None
        self.nonce = ""
        self.forms: list[dict[str, list[str]]] = []
        self.authorizations: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        match request.url.path:
            case "/.well-known/openid-configuration":
                return httpx.Response(200, json=self.metadata)
            case "/jwks":
                public = KeySet(self.keys).as_dict(private=False)
                return httpx.Response(200, json=public)
            case "/userinfo":
                return httpx.Response(200, json=self.userinfo)
            case _:
                self.forms.append(parse_qs(request.content.decode()))
                self.authorizations.append(request.headers.get("authorization", ""))
                return self.token_answer or httpx.Response(
                    200, json={"access_token": "at", "token_type": "Bearer", "id_token": self.id_token()}
                )

    def id_token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "sub": "subject-1",
            "aud": "oneclick",
            "iat": now,
            "exp": now + 60,
            "nonce": self.nonce,
            "email": "admin@acme.example",
            "email_verified": True,
            "name": "Ada",
            "groups": [],
            **self.claims,
        }
        return jwt.encode(
            self.header,
            {name: value for name, value in claims.items() if value is not None},
            self.signer,
            algorithms=["RS256", "ES256", "HS256", "none"],
        )


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def attempt(running: Running, provider: Provider) -> Callable[..., Any]:
    """One whole sign-in; how it ended."""

    async def trying(iss: str | None = None, **changes: Any) -> httpx.Response:
        transport = httpx.MockTransport(provider)
        async with running(transport=transport, oidc_issuer=ISSUER, seed=False, **changes) as auth:
            return await one(auth, provider, iss)

    return trying


async def one(auth: Auth, provider: Provider, iss: str | None = None) -> httpx.Response:
    started = await auth.call("bff", "POST", "sign-in/start", {"binding": BINDING})
    if started.status_code != 200:
        return started
    query = parse_qs(urlsplit(started.json()["authorize_url"]).query)
    provider.nonce = query["nonce"][0]
    body = {"code": "c", "state": query["state"][0], "binding": BINDING}
    return await auth.call("bff", "POST", "sign-in/finish", body | ({"iss": iss} if iss else {}))


async def test_a_sound_answer_lets_in(attempt: Callable[..., Any], provider: Provider) -> None:
    assert (await attempt()).status_code == 200
    form = provider.forms[0]
    assert len(form["code_verifier"][0]) == 43
    assert "client_secret" not in form
    assert provider.authorizations[0].startswith("Basic ")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.test"},
        {"iss": None},
        {"aud": "somebody-else"},
        {"aud": ["somebody-else", "third"]},
        {"aud": None},
        {"aud": ["oneclick", "other"]},
        {"aud": ["oneclick", "other"], "azp": "other"},
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"nbf": 99_999_999_999},
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": 5},
        {"sub": None},
        {"sub": ""},
        {"iat": None},
        {"at_hash": "wrong"},
    ],
    ids=str,
)
async def test_wrong_claims_are_refused(
    attempt: Callable[..., Any], provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    answer = await attempt()
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_refused"), answer.text


async def test_forged_signatures_are_refused(running: Running, provider: Provider) -> None:
    secret = OctKey.import_key("sandbox-oidc-secret-that-is-long-enough")
    async with running(transport=httpx.MockTransport(provider), oidc_issuer=ISSUER, seed=False) as auth:
        for header, signer in (
            ({"alg": "RS256", "kid": "one"}, OTHER),
            ({"alg": "RS256", "kid": "unknown"}, OTHER),
            ({"alg": "HS256", "kid": "one"}, secret),
        ):
            provider.header, provider.signer = header, signer
            assert (await one(auth, provider)).status_code == 401, header
        provider.header, provider.signer = {"alg": "RS256", "kid": "one"}, KEY
        unsigned = f"eyJhbGciOiJub25lIn0.{provider.id_token().split('.')[1]}."
        for garbage in (unsigned, "", "a.b.c", "ü.ü.ü", "e30.e30.", "x" * 5000):
            provider.token_answer = httpx.Response(200, json={"id_token": garbage})
            assert (await one(auth, provider)).status_code == 401, garbage


async def test_a_new_key_of_the_provider_is_fetched(
    running: Running, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.auth.identity_provider.provider.REFETCH_PAUSE", 0.0)
    async with running(transport=httpx.MockTransport(provider), oidc_issuer=ISSUER, seed=False) as auth:
        assert (await one(auth, provider)).status_code == 200
        provider.keys, provider.signer, provider.header = [NEXT], NEXT, {"alg": "ES256", "kid": "two"}
        assert (await one(auth, provider)).status_code == 200


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(400, json={"error": "invalid_grant"}),
        httpx.Response(200, json={"access_token": "no id token"}),
        httpx.Response(200, json={"id_token": 5}),
    ],
    ids=["refused", "no id_token", "wrong type"],
)
async def test_a_refused_code_is_a_refused_sign_in(
    attempt: Callable[..., Any], provider: Provider, answer: httpx.Response
) -> None:
    provider.token_answer = answer
    assert (await attempt()).status_code == 401


@pytest.mark.parametrize(
    "answer", [httpx.Response(502), httpx.Response(200, content=b"<html>"), httpx.Response(200, json=[])]
)
async def test_an_answer_that_is_none_is_unavailable(
    attempt: Callable[..., Any], provider: Provider, answer: httpx.Response
) -> None:
    provider.token_answer = answer
    assert (await attempt()).status_code == 503


async def test_a_configuration_of_another_issuer_is_not_used(
    attempt: Callable[..., Any], provider: Provider
) -> None:
    provider.metadata["issuer"] = "https://evil.test"
    assert (await attempt()).json()["code"] == "identity_provider_unavailable"
    provider.metadata = {"issuer": ISSUER}
    assert (await attempt()).json()["code"] == "identity_provider_unavailable"


async def test_a_provider_that_names_itself_must_name_itself(
    attempt: Callable[..., Any], provider: Provider
) -> None:
    provider.metadata["authorization_response_iss_parameter_supported"] = True
    assert (await attempt()).status_code == 401
    assert (await attempt(iss=ISSUER)).status_code == 200


async def test_an_address_matches_the_list_only_when_it_is_verified(
    attempt: Callable[..., Any], provider: Provider
) -> None:
    for claims in ({"email_verified": False}, {"email_verified": None}, {"email_verified": "true"}):
        provider.claims = claims
        answer = await attempt()
        assert (answer.status_code, answer.json()["code"]) == (403, "no_role"), claims
        assert "verified" in answer.json()["detail"]
    assert (await attempt(oidc_trust_email=True)).status_code == 200


async def test_what_the_id_token_lacks_comes_from_userinfo(
    attempt: Callable[..., Any], provider: Provider
) -> None:
    provider.metadata["userinfo_endpoint"] = f"{ISSUER}/userinfo"
    provider.claims = {"email": None, "email_verified": None, "name": None, "groups": None}
    provider.userinfo = {"sub": "subject-1", "email": "Admin@Acme.Example", "email_verified": True}
    assert (await attempt()).status_code == 200
    provider.userinfo = {**provider.userinfo, "sub": "another"}
    assert (await attempt()).status_code == 401


async def test_verified_counts_only_for_the_address_it_was_said_with(
    attempt: Callable[..., Any], provider: Provider
) -> None:
    provider.metadata["userinfo_endpoint"] = f"{ISSUER}/userinfo"
    provider.claims = {"email": "admin@acme.example", "email_verified": None, "name": None}
    provider.userinfo = {"sub": "subject-1", "email": "other@acme.example", "email_verified": True}
    assert (await attempt()).status_code == 403


async def test_strange_claims_do_no_harm(attempt: Callable[..., Any], provider: Provider) -> None:
    strange: tuple[dict[str, Any], ...] = (
        {"email": 5, "groups": {"a": 1}},
        {"email": "no-address", "groups": 7},
        {"email": None, "groups": ["oneclick-helpdesk"]},
        {"groups": [1, None, {}], "email": "nobody@acme.example"},
        {"groups": ["x\x00y"], "email": "nobody@acme.example"},
    )
    for claims in strange:
        provider.claims = claims
        answer = await attempt()
        assert 400 <= answer.status_code < 500, (claims, answer.text)
    provider.claims = {
        "groups": "oneclick-helpdesk",
        "email": "new@acme.example",
        "email_verified": False,
        "sub": "s2",
    }
    assert (await attempt()).status_code == 200


async def test_the_secret_goes_into_the_form_where_basic_is_not_offered(
    attempt: Callable[..., Any], provider: Provider
) -> None:
    provider.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    assert (await attempt()).status_code == 200
    assert provider.forms[0]["client_secret"] == ["sandbox-oidc-secret"]
    assert provider.authorizations[0] == ""
