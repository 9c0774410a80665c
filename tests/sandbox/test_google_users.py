"""Directory v1 users, oddity by oddity."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox

NEW = {
    "primaryEmail": "new.hire@acme.example",
    "name": {"givenName": "New", "familyName": "Hire"},
    "password": "correct-horse-1",
}


def reason(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]["errors"][0]["reason"]


def message(reply: httpx.Response) -> str:
    return str(reply.json()["error"]["message"])


async def test_a_created_user_can_be_found_by_address_alias_and_id(
    google: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    reply = await google.post("users", json=NEW | {"orgUnitPath": "/Engineering/Platform"})
    assert reply.status_code == 200
    created = reply.json()
    assert created["kind"] == "admin#directory#user"
    assert created["orgUnitPath"] == "/Engineering/Platform"
    assert created["customerId"] == "C0acme01"
    assert (await google.get(f"users/{created['id']}")).json()["primaryEmail"] == "new.hire@acme.example"
    assert (await google.get("users/NEW.HIRE%40acme.example")).json()["id"] == created["id"]
    await google.post("users/new.hire@acme.example/aliases", json={"alias": "newbie@acme.example"})
    by_alias = (await google.get("users/newbie@acme.example")).json()
    assert by_alias["primaryEmail"] == "new.hire@acme.example"
    assert by_alias["aliases"] == ["newbie@acme.example"]


async def test_the_password_is_kept_and_never_shown(google: httpx.AsyncClient, sandbox: Sandbox) -> None:
    replies = [
        await google.post("users", json=NEW),
        await google.get("users/new.hire@acme.example?projection=full"),
    ]
    replies.append(await google.put("users/new.hire@acme.example", json={"password": "battery-staple-2"}))
    assert not any("password" in reply.json() or "staple" in reply.text for reply in replies)
    assert sandbox.has_password("google", "new.hire@acme.example", "battery-staple-2")
    assert not sandbox.has_password("google", "new.hire@acme.example", "correct-horse-1")
    assert "staple" not in str(sandbox.state("google"))


@pytest.mark.parametrize(
    ("change", "status", "word", "text"),
    [
        ({"primaryEmail": None}, 400, "required", "primaryEmail"),
        ({"primaryEmail": "no address"}, 400, "invalid", "primary_user_email"),
        ({"primaryEmail": "x@elsewhere.example"}, 404, "notFound", "Domain not found."),
        ({"name": None}, 400, "invalid", "Invalid Given/Family Name"),
        ({"name": {"givenName": "New"}}, 400, "invalid", "FamilyName"),
        ({"password": None}, 400, "invalid", "Invalid Password"),
        ({"password": "short"}, 400, "invalid", "Invalid Password"),
        ({"password": "x" * 101}, 400, "invalid", "Invalid Password"),
        ({"password": "passwörter-1"}, 400, "invalid", "Invalid Password"),
        ({"password": "x", "hashFunction": "MD5"}, 400, "invalid", "Invalid Password"),
        ({"password": "x" * 40, "hashFunction": "SHA-512"}, 400, "invalid", "hash_function"),
        ({"orgUnitPath": "/Nowhere"}, 400, "invalid", "INVALID_OU_ID"),
        ({"suspended": "yes"}, 400, "invalid", "TYPE_BOOL"),
        ({"phones": ["123"]}, 400, "invalid", "phones[0]"),
        ({"primary_email": "x@acme.example"}, 400, "invalid", 'Unknown name "primary_email"'),
        (
            {"name": {"givenName": "a", "familyName": "b", "middle": "c"}},
            400,
            "invalid",
            'Unknown name "middle"',
        ),
    ],
)
async def test_a_body_that_google_refuses_creates_nothing(
    google: httpx.AsyncClient, sandbox: Sandbox, change: dict[str, Any], status: int, word: str, text: str
) -> None:
    reply = await google.post("users", json=NEW | change)
    assert reason(reply) == (status, word)
    assert text in message(reply)
    assert sandbox.effects("google") == []


async def test_read_only_members_are_ignored_without_a_word(google: httpx.AsyncClient) -> None:
    reply = await google.post("users", json=NEW | {"isAdmin": True, "id": "1", "creationTime": "x"})
    assert reply.status_code == 200
    assert reply.json()["isAdmin"] is False
    assert reply.json()["id"] != "1"


@pytest.mark.parametrize(
    "address", ["taken@acme.example", "TAKEN@acme.example", "priya@acme.example", "engineering@acme.example"]
)
async def test_an_address_taken_by_user_alias_or_group_is_a_409_duplicate(
    google: httpx.AsyncClient, address: str
) -> None:
    reply = await google.post("users", json=NEW | {"primaryEmail": address})
    assert reason(reply) == (409, "duplicate")
    assert message(reply) == "Entity already exists."


async def test_an_unmanaged_account_is_a_duplicate_or_is_invited(
    google: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    body = NEW | {"primaryEmail": "personal@acme.example"}
    assert reason(await google.post("users", json=body)) == (409, "duplicate")
    reply = await google.post("users?resolveConflictAccount=true", json=body)
    assert reply.status_code == 202
    assert [one["kind"] for one in sandbox.effects("google")] == ["user.invite"]
    assert (await google.get("users/personal@acme.example")).status_code == 404


async def test_put_keeps_what_is_omitted_clears_null_and_replaces_lists(
    google: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    await google.post(
        "users",
        json=NEW
        | {
            "phones": [{"value": "1", "type": "work"}, {"value": "2", "type": "home"}],
            "recoveryEmail": "a@b.example",
        },
    )
    reply = await google.put(
        "users/new.hire@acme.example",
        json={"phones": [{"value": "3", "type": "work"}], "recoveryEmail": None},
    )
    body = reply.json()
    assert body["name"]["familyName"] == "Hire"
    assert body["phones"] == [{"value": "3", "type": "work"}]
    assert "recoveryEmail" not in body
    partly = await google.put("users/new.hire@acme.example", json={"name": {"familyName": "Changed"}})
    assert partly.json()["name"]["fullName"] == "New Changed"


async def test_patch_cannot_empty_a_list_but_put_can(google: httpx.AsyncClient) -> None:
    await google.post("users", json=NEW | {"phones": [{"value": "1"}]})
    assert (await google.patch("users/new.hire@acme.example", json={"phones": []})).json()["phones"] == [
        {"value": "1"}
    ]
    assert (await google.put("users/new.hire@acme.example", json={"phones": []})).json()["phones"] == []


async def test_suspending_says_why_and_stays_visible(google: httpx.AsyncClient, sandbox: Sandbox) -> None:
    reply = await google.put("users/lena.fischer@acme.example", json={"suspended": True})
    assert reply.json()["suspensionReason"] == "ADMIN"
    assert sandbox.user("google", "lena.fischer@acme.example")["enabled"] is False


async def test_a_renamed_user_keeps_the_old_address_as_an_alias(
    google: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    sandbox.configure("google", rename_settle_seconds=30)
    await google.post("users", json=NEW)
    reply = await google.put("users/new.hire@acme.example", json={"primaryEmail": "renamed@acme.example"})
    assert reply.json()["aliases"] == ["new.hire@acme.example"]
    assert (await google.get("users/new.hire@acme.example")).json()["primaryEmail"] == "renamed@acme.example"
    assert (await google.put("users/renamed@acme.example", json={"suspended": True})).status_code == 409
    assert reason(
        await google.put("users/taken@acme.example", json={"primaryEmail": "renamed@acme.example"})
    ) == (
        409,
        "duplicate",
    )


async def test_an_unknown_user_is_404_and_a_foreign_domain_403(google: httpx.AsyncClient) -> None:
    missing = await google.get("users/nobody@acme.example")
    assert reason(missing) == (404, "notFound")
    assert message(missing) == "Resource Not Found: userKey"
    assert reason(await google.get("users/nobody@elsewhere.example")) == (403, "forbidden")


async def test_delete_answers_204_or_200_and_frees_everything(
    google: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    assert (await google.delete("users/lena.fischer@acme.example")).status_code == 204
    sandbox.configure("google", delete_status=200)
    assert (await google.delete("users/tomas.novak@acme.example")).status_code == 200
    assert (await google.get("users/lena.fischer@acme.example")).status_code == 404
    state = sandbox.user("google", "lena.fischer@acme.example")
    assert (state["deleted"], state["licenses"], state["groups"]) == (True, [], [])


async def test_undelete_takes_the_id_and_never_the_address(google: httpx.AsyncClient) -> None:
    user_id = (await google.get("users/lena.fischer@acme.example")).json()["id"]
    await google.delete(f"users/{user_id}")
    by_address = await google.post("users/lena.fischer@acme.example/undelete", json={"orgUnitPath": "/"})
    assert reason(by_address) == (400, "invalid")
    assert (await google.post(f"users/{user_id}/undelete", json={"orgUnitPath": "/IT"})).status_code == 204
    assert (await google.get(f"users/{user_id}")).json()["orgUnitPath"] == "/IT"
    assert (await google.post(f"users/{user_id}/undelete", json={})).status_code == 404


async def test_undelete_meets_the_new_owner_of_the_address(google: httpx.AsyncClient) -> None:
    user_id = (await google.get("users/taken@acme.example")).json()["id"]
    await google.delete(f"users/{user_id}")
    assert (await google.post("users", json=NEW | {"primaryEmail": "taken@acme.example"})).status_code == 200
    assert reason(await google.post(f"users/{user_id}/undelete", json={})) == (409, "duplicate")


async def test_make_admin_and_the_administrator_cannot_delete_herself(
    google: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    assert (
        await google.post("users/lena.fischer@acme.example/makeAdmin", json={"status": True})
    ).status_code == 204
    assert sandbox.user("google", "lena.fischer@acme.example")["admin"] is True
    assert reason(await google.delete("users/admin@acme.example")) == (403, "forbidden")


async def test_lists_filter_page_and_show_the_recycle_bin(google: httpx.AsyncClient) -> None:
    first = (await google.get("users?customer=my_customer&maxResults=3&orderBy=email")).json()
    assert first["users"][0]["primaryEmail"] == "admin@acme.example"
    names, token = len(first["users"]), first["nextPageToken"]
    while token:
        page = (
            await google.get(f"users?customer=C0acme01&maxResults=3&orderBy=email&pageToken={token}")
        ).json()
        names, token = names + len(page["users"]), page.get("nextPageToken")
    assert names == 8
    await google.delete("users/lena.fischer@acme.example")
    deleted = (await google.get("users?domain=acme.example&showDeleted=true")).json()["users"]
    assert [user["primaryEmail"] for user in deleted] == ["lena.fischer@acme.example"]
    assert "deletionTime" in deleted[0]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("email:priya*", ["priya.raman@acme.example"]),
        ("email=priya@acme.example", ["priya.raman@acme.example"]),
        ("familyName:'Oyelaran'", ["marcus.oyelaran@acme.example"]),
        ("name:'lena fischer' isSuspended=false", ["lena.fischer@acme.example"]),
        (
            "orgUnitPath='/Engineering' isAdmin=false",
            ["lena.fischer@acme.example", "priya.raman@acme.example"],
        ),
        ("externalId=nothing", []),
        ("orgDepartment=Finance", ["auditor@acme.example"]),
    ],
)
async def test_queries_find_what_google_would(
    google: httpx.AsyncClient, query: str, found: list[str]
) -> None:
    body = (
        await google.get("users", params={"customer": "my_customer", "query": query, "orderBy": "email"})
    ).json()
    assert [user["primaryEmail"] for user in body.get("users", [])] == found


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", (400, "badRequest")),
        ("customer=my_customer&query=shoeSize=44", (400, "invalid")),
        ("customer=my_customer&maxResults=501", (400, "invalid")),
        ("customer=my_customer&orderBy=age", (400, "invalid")),
        ("customer=my_customer&pageToken=made-up", (400, "invalid")),
        ("customer=my_customer&showdeleted=true", (400, "invalid")),
        ("customer=C0globex1", (403, "forbidden")),
        ("domain=globex.example", (404, "notFound")),
    ],
)
async def test_a_list_that_google_refuses(
    google: httpx.AsyncClient, query: str, expected: tuple[int, str]
) -> None:
    assert reason(await google.get(f"users?{query}")) == expected


async def test_an_external_id_can_be_searched(google: httpx.AsyncClient) -> None:
    mark = {"externalIds": [{"type": "custom", "customType": "oneclick", "value": "emp-1"}]}
    await google.post("users", json=NEW | mark)
    found = (await google.get("users?customer=my_customer&query=externalId=emp-1")).json()["users"]
    assert found[0]["externalIds"] == mark["externalIds"]


async def test_a_partial_response_holds_the_fields_asked_for(google: httpx.AsyncClient) -> None:
    reply = await google.get(
        "users/priya.raman@acme.example?fields=primaryEmail,name(familyName),emails/address"
    )
    body = reply.json()
    assert set(body) == {"primaryEmail", "name", "emails"}
    assert body["name"] == {"familyName": "Raman"}
    assert all(set(email) == {"address"} for email in body["emails"])
    assert (await google.get("users/priya.raman@acme.example?fields=name(")).status_code == 400


async def test_custom_schemas_come_with_the_full_projection_only(google: httpx.AsyncClient) -> None:
    await google.post("users", json=NEW | {"customSchemas": {"Badge": {"number": "7"}}})
    assert "customSchemas" not in (await google.get("users/new.hire@acme.example")).json()
    full = (await google.get("users/new.hire@acme.example?projection=full")).json()
    assert full["customSchemas"] == {"Badge": {"number": "7"}}


async def test_sign_out_tokens_app_passwords_and_codes(google: httpx.AsyncClient, sandbox: Sandbox) -> None:
    user = "users/lena.fischer@acme.example"
    assert (await google.post(f"{user}/signOut")).status_code == 204
    client = (await google.get(f"{user}/tokens")).json()["items"][0]["clientId"]
    assert (await google.get(f"{user}/tokens/{client}")).json()["displayText"] == "Team Calendar"
    assert (await google.delete(f"{user}/tokens/{client}")).status_code == 204
    assert (await google.delete(f"{user}/tokens/{client}")).status_code == 404
    code = (await google.get(f"{user}/asps")).json()["items"][0]["codeId"]
    assert (await google.get(f"{user}/asps/{code}")).status_code == 200
    assert (await google.delete(f"{user}/asps/{code}")).status_code == 204
    assert "items" not in (await google.get(f"{user}/asps")).json()
    assert len((await google.get(f"{user}/verificationCodes")).json()["items"]) == 2
    assert (await google.post(f"{user}/verificationCodes/invalidate")).status_code == 204
    assert "items" not in (await google.get(f"{user}/verificationCodes")).json()
    assert (await google.post(f"{user}/verificationCodes/generate")).status_code == 204
    assert (await google.post(f"{user}/twoStepVerification/turnOff")).status_code == 204
    kinds = [one["kind"] for one in sandbox.effects("google", "lena.fischer@acme.example")]
    assert kinds == [
        "sessions.revoke",
        "token.delete",
        "asp.delete",
        "codes.invalidate",
        "codes.generate",
        "two_step.off",
    ]


async def test_an_alias_is_added_once_listed_and_removed_once(google: httpx.AsyncClient) -> None:
    aliases = "users/lena.fischer@acme.example/aliases"
    added = await google.post(aliases, json={"alias": "lena@acme.example"})
    assert added.json()["primaryEmail"] == "lena.fischer@acme.example"
    assert reason(await google.post(aliases, json={"alias": "lena@acme.example"})) == (409, "duplicate")
    assert reason(await google.post(aliases, json={"alias": "priya@acme.example"})) == (409, "duplicate")
    listed = (await google.get(aliases)).json()["aliases"]
    assert [one["alias"] for one in listed] == ["lena@acme.example"]
    assert (await google.delete(f"{aliases}/lena@acme.example")).status_code == 204
    assert reason(await google.delete(f"{aliases}/lena@acme.example")) == (404, "notFound")
