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

_GENERATED = "msgraph.generated"


@dataclass(frozen=True, slots=True)
class Sdk:
    """The pieces of the SDK that requests are built from."""

    client: Any
    """The SDK's client over a `_Builder`."""
    configuration: Any
    user: Any
    password_profile: Any
    extension_attributes: Any
    assigned_license: Any
    assign_license_body: Any
    reference: Any


class _Builder:
    """What the SDK's builders ask of a request adapter, without a way to send."""

    base_url = "https://graph.invalid/v1.0"

    def __init__(self, writers: Any) -> None:
        self._writers = writers

    def get_serialization_writer_factory(self) -> Any:
        """Serialises payloads."""
        return self._writers

    def enable_backing_store(self, _: Any) -> None:
        """Payloads are built once and written whole: nobody asks what changed in between."""

    async def _refuse(self, *_: Any, **__: Any) -> None:
        raise RuntimeError("The SDK tried to send a request by itself.")

    send_async = send_primitive_async = send_no_response_content_async = _refuse
    send_collection_async = send_collection_of_primitive_async = _refuse


@cache
def load_sdk() -> Sdk:
    """Import and set up, once in a process: about half a second and 25 MiB."""
    with warnings.catch_warnings():
        # The SDK's own modules import names that its own base library calls deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        writers = _named("kiota_abstractions.serialization.SerializationWriterFactoryRegistry")()
        client = _named(f"{_GENERATED}.base_graph_service_client.BaseGraphServiceClient")(_Builder(writers))
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
        user.member_of,
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
