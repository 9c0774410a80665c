"""Typed-in credentials are checked with the vendor before they are stored; a wrong one is named, and nothing changes."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.auth.conftest import Auth, Running
from tests.auth.connects import Operator, operator, registered
from tests.fixtures.postgres import Database
from tests.fixtures.sandbox import Sandbox

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")
TenantId = Callable[..., UUID]
Fields = dict[str, str]


@pytest.fixture
async def replica(running: Running, sandbox: Sandbox) -> AsyncIterator[Auth]:
    sandbox.reset(tokens=True)
    async with running(**registered(sandbox)) as auth:
        yield auth


@pytest.fixture
async def acme(replica: Auth, tenant_id: TenantId) -> Operator:
    return await operator(replica, tenant_id)


def right(sandbox: Sandbox) -> dict[tuple[str, str], Fields]:
    """Everything that an administrator of acme would type in."""
    info = sandbox.info()
    mine = {
        name: next(one for one in about[key] if one["domain"] == "acme.example")
        for name, about in info.items()
        if isinstance(about, dict)
        for key in ("tenants", "customers")
        if key in about
    }
    site = {name: str(mine["atlassian"][name]) for name in ("site_url", "email", "api_token")}
    scim = {"base_url": mine["scim"]["base_url"], "title": "Wiki"}
    return {
        ("microsoft", "client_credentials"): {
            "directory_id": mine["microsoft"]["directory_id"],
            "client_id": info["microsoft"]["client_id"],
            "client_secret": info["microsoft"]["client_secret"],
        },
        ("google", "service_account"): {
            "service_account_json": json.dumps(info["google"]["service_account"]),
            "admin_subject": "admin@acme.example",
        },
        ("slack", "token"): {"token": mine["slack"]["token"]},
        ("atlassian", "token"): {
            **site,
            **{
                name: str(mine["atlassian"][name])
                for name in ("org_id", "directory_id", "scim_key", "admin_key")
            },
        },
        ("github", "own_app"): {
            "app_id": str(info["github"]["app_id"]),
            "app_private_key": info["github"]["private_key"],
            "installation_id": str(mine["github"]["installation_id"]),
        },
        ("github", "token"): {
            "enterprise": mine["github"]["enterprise"],
            "org": mine["github"]["org"],
            "token": mine["github"]["scim_token"],
        },
        ("clickup", "token"): {"token": mine["clickup"]["token"]},
        ("zoom", "account_credentials"): {
            "account_id": mine["zoom"]["account_id"],
            "client_id": mine["zoom"]["client_id"],
            "client_secret": mine["zoom"]["client_secret"],
            "on_delete": "disassociate",
        },
        ("hubspot", "token"): {"token": mine["hubspot"]["access_token"]},
        ("scim", "token"): {**scim, "token": mine["scim"]["token"], "keeps_external_id": "no"},
        ("scim", "client_credentials"): {
            **scim,
            "token_url": info["scim"]["token_url"],
            "client_id": mine["scim"]["client_id"],
            "client_secret": mine["scim"]["client_secret"],
        },
    }


PROVIDERS = {"microsoft": "microsoft-365", "google": "google-workspace", "atlassian": "jira"}


async def test_every_vendor_is_connected_by_what_is_typed_in(
    acme: Operator, sandbox: Sandbox, database: Database
) -> None:
    for (vendor, method), fields in right(sandbox).items():
        if (vendor, method) == ("github", "token"):
            sandbox.configure("github", modes={"accounts": "managed_users"})
        made = await acme.type_in(vendor, method, fields, title=f"Our {vendor}")
        assert made.status_code == 201, (vendor, method, made.text)
        body = made.json()
        assert (body["state"], body["method"], body["title"]) == ("active", method, f"Our {vendor}")
        for value in fields.values():
            if len(value) > 20 and not value.startswith("http") and value not in json.dumps(body["settings"]):
                assert value not in made.text
        if vendor == "github":
            sandbox.configure("github", modes={"accounts": "organization"})
        token = await acme.token(PROVIDERS.get(vendor, vendor), force_refresh=True)
        assert token.status_code == 200, (vendor, method, token.text)
        assert (await acme.disconnect(body["id"])).status_code == 200
    assert database.psql("SELECT count(*) FROM auth.connection_secrets") == "0"


async def test_what_was_chosen_reaches_the_worker(acme: Operator, sandbox: Sandbox) -> None:
    typed = right(sandbox)
    await acme.type_in("zoom", "account_credentials", typed["zoom", "account_credentials"])
    assert (await acme.token("zoom")).json()["settings"]["on_delete"] == "disassociate"
    mapping = [{"person": "work_email", "path": "userName"}]
    fields = {**typed["scim", "token"], "attributes": json.dumps(mapping)}
    await acme.type_in("scim", "token", fields)
    settings = (await acme.token("scim")).json()["settings"]
    assert (settings["keeps_external_id"], settings["attributes"]) == (False, mapping)


WRONG: list[tuple[tuple[str, str], Fields, str, str]] = [
    (
        ("microsoft", "client_credentials"),
        {"client_secret": "wrong"},
        "client_secret",
        "client secret is wrong",
    ),
    (("microsoft", "client_credentials"), {"client_id": "0"}, "client_id", "not known in this directory"),
    (("microsoft", "client_credentials"), {"directory_id": "nowhere"}, "directory_id", "not known"),
    (("microsoft", "client_credentials"), {"domain": "other.example"}, "domain", "not a verified domain"),
    (("google", "service_account"), {"service_account_json": "{"}, "service_account_json", "not JSON"),
    (("google", "service_account"), {"service_account_json": "[]"}, "service_account_json", "not a service"),
    (
        ("google", "service_account"),
        {"service_account_json": '{"type": "service_account"}'},
        "service_account_json",
        "has no client_email",
    ),
    (("google", "service_account"), {"admin_subject": "nobody"}, "admin_subject", "address"),
    (("google", "service_account"), {"admin_subject": "x@nowhere.example"}, "admin_subject", ""),
    (("google", "service_account"), {"customer_id": "C0other"}, "customer_id", "belongs to the customer"),
    (("slack", "token"), {"token": "xoxp-wrong"}, "token", "does not accept"),
    (("slack", "token"), {"team_id": "T0GLOBEX"}, "team_id", "belongs to the workspace"),
    (("atlassian", "token"), {"scim_key": "wrong"}, "scim_key", "SCIM key"),
    (("atlassian", "token"), {"api_token": "wrong"}, "api_token", "site"),
    (("atlassian", "token"), {"admin_key": "wrong"}, "admin_key", "API key"),
    (("atlassian", "token"), {"email": ""}, "email", "Needed"),
    (("github", "own_app"), {"app_private_key": "no key"}, "app_private_key", "PEM"),
    (("github", "own_app"), {"installation_id": "1"}, "installation_id", "no such installation"),
    (("github", "token"), {"token": "ghp_wrong"}, "token", ""),
    (("clickup", "token"), {"token": "pk_wrong"}, "token", "does not accept"),
    (("clickup", "token"), {"team_id": "1"}, "team_id", "does not open"),
    (("zoom", "account_credentials"), {"client_secret": "wrong"}, "client_secret", ""),
    (("zoom", "account_credentials"), {"on_delete": "burn"}, "on_delete", "delete or disassociate"),
    (("hubspot", "token"), {"token": "pat-wrong"}, "token", "does not accept"),
    (("hubspot", "token"), {"users_path": "/elsewhere"}, "users_path", "path"),
    (("scim", "token"), {"token": "wrong"}, "token", "does not accept"),
    (("scim", "token"), {"base_url": "ftp://x.example"}, "base_url", "https"),
    (("scim", "token"), {"base_url": "http://8.8.8.8/scim"}, "base_url", "https"),
    (("scim", "token"), {"attributes": "{}"}, "attributes", "list"),
    (("scim", "token"), {"keeps_external_id": "perhaps"}, "keeps_external_id", "yes or no"),
    (("scim", "client_credentials"), {"client_secret": "wrong"}, "client_secret", ""),
]


async def test_each_wrong_value_is_named_with_the_next_step_and_nothing_changes(
    acme: Operator, sandbox: Sandbox, database: Database
) -> None:
    typed = right(sandbox)
    for (vendor, method), wrong, field, words in WRONG:
        answer = await acme.type_in(vendor, method, {**typed[vendor, method], **wrong})
        case = (vendor, method, wrong, answer.text)
        assert answer.status_code == 422, case
        (error,) = answer.json()["errors"]
        assert error["field"] == f"fields.{field}", case
        assert words.lower() in error["message"].lower(), case
        assert len(error["message"]) > 10, case
    assert await acme.list() == []
    assert database.psql("SELECT count(*) FROM auth.connection_secrets") == "0"
    refused = database.psql("SELECT count(*) FROM auth.audit_entries WHERE action = 'connection.refused'")
    assert int(refused) == len([one for one in WRONG if one[1] != {}])


NOT_WHOLE: list[tuple[dict[str, Any], list[str]]] = [
    ({"method": "nothing"}, ["method"]),
    ({"method": "authorization_code"}, ["method"]),
    ({"fields": {}}, ["fields.token"]),
    ({"fields": {"token": "  "}}, ["fields.token"]),
    ({"fields": {"token": "a\nb"}}, ["fields.token"]),
    ({"fields": {"token": "x", "more": "y"}}, ["fields.more"]),
    ({"vendor": "nobody"}, ["vendor"]),
    ({"title": "\x07"}, ["title"]),
    ({"fields": {"token": "x" * 40_000}}, ["fields.token"]),
]


async def test_a_form_that_is_not_whole_is_refused_without_asking_the_vendor(
    acme: Operator, sandbox: Sandbox
) -> None:
    before = len(sandbox.requests("hubspot"))
    for changes, fields in NOT_WHOLE:
        body = {"vendor": "hubspot", "method": "token", "fields": {"token": "x"}, **changes}
        answer = await acme.type_in(body.pop("vendor"), body.pop("method"), body.pop("fields"), **body)
        assert answer.status_code == 422, answer.text
        assert [error["field"] for error in answer.json()["errors"]] == fields
    assert len(sandbox.requests("hubspot")) == before


async def test_reconnecting_by_typing_in_keeps_the_id_and_refuses_another_company(
    acme: Operator, sandbox: Sandbox
) -> None:
    typed = right(sandbox)["scim", "token"]
    made = (await acme.type_in("scim", "token", typed)).json()
    again = await acme.type_in("scim", "token", typed, connection_id=made["id"])
    assert (again.status_code, again.json()["id"]) == (201, made["id"])
    other = next(one for one in sandbox.info()["scim"]["tenants"] if one["name"] == "globex")
    foreign = {**typed, "base_url": other["base_url"], "token": other["token"]}
    refused = await acme.type_in("scim", "token", foreign, connection_id=made["id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "other_account")
    unknown = await acme.type_in("scim", "token", typed, connection_id=str(uuid4()))
    assert unknown.status_code in {404, 409}


async def test_atlassians_consent_and_its_keys_stand_side_by_side(acme: Operator, sandbox: Sandbox) -> None:
    made = await acme.connect("atlassian")
    mine = next(one for one in sandbox.info()["atlassian"]["tenants"] if one["domain"] == "acme.example")
    keys = {name: mine[name] for name in ("directory_id", "scim_key", "org_id", "admin_key")}
    answer = await acme.type_in("atlassian", "token", keys, connection_id=made["id"])
    assert answer.status_code == 201, answer.text
    assert sorted(answer.json()["settings"]["credentials"]) == ["admin", "scim", "site"]
    schemes = {}
    for door in ("scim", "admin", "site"):
        token = await acme.token("jira", credential=door, force_refresh=True)
        assert token.status_code == 200, token.text
        schemes[door] = token.json()["token_type"]
    assert set(schemes.values()) == {"Bearer"}
    again = await acme.connect("atlassian", connection_id=made["id"])
    assert sorted(again["settings"]["credentials"]) == ["admin", "scim", "site"]
    assert (await acme.token("jira", credential="scim")).json()["access_token"] == mine["scim_key"]


async def test_an_address_of_this_network_is_refused_unless_allowed(
    running: Running, sandbox: Sandbox, tenant_id: TenantId
) -> None:
    typed = right(sandbox)["scim", "token"]
    async with running(**registered(sandbox) | {"connect_private_addresses": False}) as auth:
        acme = await operator(auth, tenant_id)
        for address in (
            typed["base_url"],
            "https://127.0.0.1/scim",
            "https://localhost/scim",
            "https://10.0.0.1",
            "https://[::1]/",
        ):
            refused = await acme.type_in("scim", "token", {**typed, "base_url": address})
            assert refused.status_code == 422, refused.text
            assert refused.json()["errors"][0]["field"] == "fields.base_url"


async def test_a_vendor_that_is_away_is_said_so(
    running: Running, sandbox: Sandbox, tenant_id: TenantId
) -> None:
    async with running(**registered(sandbox)) as auth:
        person = await operator(auth, tenant_id)
    away = httpx.MockTransport(lambda _request: httpx.Response(503))
    async with running(**registered(sandbox), transport=away) as cut_off:
        acme = Operator(cut_off, person.session_token, person.tenant_id)
        answer = await acme.type_in("hubspot", "token", {"token": "x"})
    assert (answer.status_code, answer.json()["code"]) == (503, "vendor_unreachable")
