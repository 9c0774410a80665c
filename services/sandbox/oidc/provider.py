"""The provider under `/oidc`, with what the package leaves out: a path in the issuer, a client secret, PKCE."""

from __future__ import annotations

import os
import secrets
import warnings
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import flask
import jinja2
from starlette.types import ASGIApp

from services.sandbox.consent.pkce import PLAIN, verifier_fits
from services.sandbox.seed import OPERATORS
from services.sandbox.settings import SandboxSettings

with warnings.catch_warnings():
    # The package imports parts of authlib that authlib is about to move, and authlib's own import turns these
    # warnings on again: hence first authlib, then the filter.
    import authlib.deprecate  # noqa: F401

    warnings.simplefilter("ignore")
    import oidc_provider_mock
    from a2wsgi import WSGIMiddleware
    from oidc_provider_mock import _storage

from services.sandbox.oidc.pages import TEMPLATES

CLIENT_ID = "oneclick"


def make_provider(settings: SandboxSettings) -> ASGIApp:
    """Return the provider as an ASGI application that is mounted with `root_path` = `/oidc`."""
    # The package's OAuth library refuses plain HTTP otherwise; the sandbox is for loopback.
    os.environ.setdefault("AUTHLIB_INSECURE_TRANSPORT", "1")
    app = flask.Flask("services.sandbox.oidc")
    app.secret_key = secrets.token_bytes(16)
    oidc_provider_mock.init_app(
        app, require_client_registration=True, require_nonce=True, user_claims=_people()
    )
    app.debug = False
    app.wsgi_app = app.wsgi_app.app  # type: ignore[attr-defined,method-assign] # no debugger in the browser
    app.jinja_loader = jinja2.ChoiceLoader(
        [jinja2.DictLoader(TEMPLATES), jinja2.PackageLoader("oidc_provider_mock")]
    )
    names = {sub: {"name": f"{given} {family}", "groups": groups} for sub, given, family, groups in OPERATORS}
    app.jinja_env.globals["people"] = names
    app.request_class = _request_class(settings.public_url)
    _register_client(app, settings.oidc_client_secret)
    _check_pkce(app)
    return cast("ASGIApp", WSGIMiddleware(cast("Any", app.wsgi_app), workers=4))


def oidc_info(settings: SandboxSettings, base_url: str) -> dict[str, Any]:
    return {
        "issuer": f"{base_url}/oidc",
        "client_id": CLIENT_ID,
        "client_secret": settings.oidc_client_secret,
        "users": [
            {"sub": sub, "email": sub, "name": f"{given} {family}", "groups": list(groups)}
            for sub, given, family, groups in OPERATORS
        ],
    }


def _people() -> list[oidc_provider_mock.User]:
    return [
        oidc_provider_mock.User(
            sub=sub,
            claims={
                "email": sub,
                "email_verified": True,
                "name": f"{given} {family}",
                "given_name": given,
                "family_name": family,
                "preferred_username": sub,
                "groups": list(groups),
            },
        )
        for sub, given, family, groups in OPERATORS
    ]


def _request_class(public_url: str | None) -> type[flask.Request]:
    class PathRequest(flask.Request):
        @property
        def host_url(self) -> str:
            """Where the package reads its issuer from: here it has the path as well."""
            return f"{public_url}/oidc/" if public_url else self.root_url

    return PathRequest


def _register_client(app: flask.Flask, secret: str) -> None:
    client = _storage.Client(
        id=CLIENT_ID,
        secret=secret,
        redirect_uris=_storage.ClientAllowAny(),
        allowed_scopes=(*_storage.Client.SCOPES_SUPPORTED, "groups", "offline_access"),
        token_endpoint_auth_method=_storage.ClientAllowAny(),
    )

    @app.before_request
    def register() -> None:
        # The package calls what authlib has deprecated; where warnings are errors that would be a 500.
        warnings.filterwarnings(
            "ignore", category=DeprecationWarning, module=r"authlib\.|oidc_provider_mock\."
        )
        # The store is made by the package and shows only inside a request.
        if _storage.storage.get_client(CLIENT_ID) is None:
            _storage.storage.store_client(client)


def _check_pkce(app: flask.Flask) -> None:
    """Remember each code's challenge, and refuse the exchange whose verifier does not fit."""
    challenges: dict[str, tuple[str | None, str]] = {}

    @app.after_request
    def remember(response: flask.Response) -> flask.Response:
        challenge = flask.request.args.get("code_challenge")
        code = parse_qs(urlsplit(response.headers.get("Location", "")).query).get("code")
        if challenge and code and flask.request.path == "/oauth2/authorize":
            challenges[code[0]] = (challenge, flask.request.args.get("code_challenge_method", PLAIN))
        return response

    @app.before_request
    def check() -> flask.typing.ResponseReturnValue | None:
        if (
            flask.request.path != "/oauth2/token"
            or flask.request.form.get("grant_type") != "authorization_code"
        ):
            return None
        challenge, method = challenges.pop(flask.request.form.get("code", ""), (None, PLAIN))
        if verifier_fits(challenge, method, flask.request.form.get("code_verifier")):
            return None
        body = {
            "error": "invalid_grant",
            "error_description": "The code_verifier does not fit the code_challenge.",
        }
        return flask.jsonify(body), 400
