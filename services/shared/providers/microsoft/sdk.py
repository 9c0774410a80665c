"""The vendor's SDK, loaded when it is first needed and never by the API process.

What we take from it is its request builders and their payload models: they know Graph's paths,
query options and property names. What we do not take is its way of sending and reading. Its
pipeline would follow redirects, retry POSTs and answer challenges by itself, so every request is
sent by the context's client; and reading one user into its model costs about 7 ms of processor time
(each parse runs a hundred imports), 60 times what the JSON costs, so replies are read by `wire.py`.

The modules are imported by name. Ordinary imports would make mypy read the SDK's 3,500 modules,
which takes minutes; the SDK's own checks at run time (unknown query options and properties raise
TypeError) are covered by the tests, which build every request.
"""

import warnings
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import httpx

from services.shared.kit.http import create_client

_GENERATED = "msgraph.generated"


@dataclass(frozen=True, slots=True)
class Sdk:
    """The pieces of the SDK that requests are built from."""

    client: Any
    """A `GraphServiceClient` that cannot send; its adapter serialises payloads."""
    configuration: Any
    user: Any
    password_profile: Any
    extension_attributes: Any
    assigned_license: Any
    assign_license_body: Any
    reference: Any


class _Unsendable(httpx.AsyncBaseTransport):
    """The SDK builds requests here and sends none."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise RuntimeError(f"The SDK tried to send {request.method} {request.url.path} by itself.")


@cache
def load_sdk() -> Sdk:
    """Import and set up, once in a process: about half a second and 30 MiB."""
    with warnings.catch_warnings():
        # The SDK's own modules import names that its own base library calls deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        anonymous = _named(
            "kiota_abstractions.authentication.anonymous_authentication_provider"
            ".AnonymousAuthenticationProvider"
        )
        adapter = _named("kiota_http.httpx_request_adapter.HttpxRequestAdapter")(
            anonymous(), http_client=create_client(transport=_Unsendable())
        )
        adapter.base_url = "https://graph.invalid/v1.0"
        client = _named("msgraph.graph_service_client.GraphServiceClient")(request_adapter=adapter)
        _import_builders(client)
        body = "users.item.assign_license.assign_license_post_request_body.AssignLicensePostRequestBody"
        return Sdk(
            client=client,
            configuration=_named("kiota_abstractions.base_request_configuration.RequestConfiguration"),
            user=_model("user.User"),
            password_profile=_model("password_profile.PasswordProfile"),
            extension_attributes=_model("on_premises_extension_attributes.OnPremisesExtensionAttributes"),
            assigned_license=_model("assigned_license.AssignedLicense"),
            assign_license_body=_named(f"{_GENERATED}.{body}"),
            reference=_model("reference_create.ReferenceCreate"),
        )


def _import_builders(client: Any) -> None:
    """Each attribute imports a module when it is first asked for: ask for every one that `requests.py` uses."""
    user, group = client.users.by_user_id("-"), client.groups.by_group_id("-")
    _ = (
        user.revoke_sign_in_sessions,
        user.manager.ref,
        user.assign_license,
        user.member_of.graph_group,
        group.members.ref,
        group.members.by_directory_object_id("-").ref,
        client.directory.deleted_items.graph_user,
        client.directory.deleted_items.by_directory_object_id("-"),
        client.subscribed_skus,
        client.organization,
    )


def _model(name: str) -> Any:
    return _named(f"{_GENERATED}.models.{name}")


def _named(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)
