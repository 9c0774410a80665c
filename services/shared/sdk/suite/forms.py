"""What a provider says about itself is complete, and true."""

from typing import Any

from services.shared.sdk.contract import Known, Option
from services.shared.sdk.manifest import DESTRUCTIVE, ActionKind
from services.shared.sdk.optional import OffersOptions
from services.shared.sdk.suite.driver import require
from services.shared.sdk.suite.harness import Harness

_SECRET_WORDS = ("secret", "token", "private_key", "api_key", "client_key")
_MOST_OPTIONS = 200


def _properties(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every property of the schema and of the models inside it, by dotted name."""
    found = dict(schema.get("properties", {}))
    for name, inner in schema.get("$defs", {}).items():
        found |= {f"{name}.{key}": value for key, value in inner.get("properties", {}).items()}
    return found


async def every_field_has_a_title_and_help(harness: Harness) -> None:
    """Titles and descriptions, on the form and on the settings."""
    manifest = harness.provider.manifest
    for model in (manifest.form, manifest.settings):
        for name, field in _properties(model.model_json_schema(by_alias=False)).items():
            require(field.get("title"), f"{model.__name__}.{name} has no title.")
            require(field.get("description"), f"{model.__name__}.{name} has no description.")


async def secret_fields_are_write_only(harness: Harness) -> None:
    """A field that looks secret is a SecretStr."""
    manifest = harness.provider.manifest
    for model in (manifest.form, manifest.settings):
        for name, field in _properties(model.model_json_schema(by_alias=False)).items():
            looks_secret = any(word in name for word in _SECRET_WORDS)
            looks_secret = looks_secret or name in {"password", "first_password"}
            require(not looks_secret or field.get("writeOnly"), f"{model.__name__}.{name} is not write-only.")


async def the_manifest_is_whole(harness: Harness) -> None:
    """Capabilities, limits with a source, a noop, and destruction declared where there is any."""
    manifest = harness.provider.manifest
    require(manifest.capabilities, "No capability is declared.")
    require(manifest.limits.source.strip(), "The limits name no source.")
    require(
        manifest.limits.calls_per_second > 0 and manifest.limits.concurrency > 0, "The limits allow nothing."
    )
    require(ActionKind.NOOP in manifest.actions, "Every provider can plan a noop.")
    require(len(set(manifest.actions)) == len(manifest.actions), "An action kind is listed twice.")
    require(manifest.endpoints or manifest.base_urls, "No base URL is named.")
    destroys = bool(DESTRUCTIVE & set(manifest.actions))
    says_so = any(capability.destructive for capability in manifest.capabilities)
    require(destroys == says_so, "Destructive actions and destructive capabilities do not agree.")
    require(all(capability.scopes for capability in manifest.capabilities), "A capability names no scope.")


async def the_form_refuses_what_it_does_not_know(harness: Harness) -> None:
    """Unknown fields are errors, the wish is valid, and parsing it again changes nothing."""
    form = harness.provider.manifest.form
    parsed = form.model_validate(dict(harness.wish))
    again = form.model_validate(parsed.model_dump(mode="json"))
    require(again == parsed, "A parsed form does not survive being parsed again.")
    try:
        form.model_validate({**harness.wish, "no_such_field": 1})
    except ValueError:
        return
    require(condition=False, sentence="The form accepts a field that it does not have.")


async def declared_options_work(harness: Harness) -> None:
    """Each declared name answers, the form's `x-options` are declared, other names are a KeyError."""
    manifest, provider = harness.provider.manifest, harness.provider
    fields = _properties(manifest.form.model_json_schema(by_alias=False)).values()
    used = {field["x-options"] for field in fields if "x-options" in field}
    require(used <= set(manifest.options), f"The form uses options that are not declared: {used}")
    if not manifest.options:
        return
    require(isinstance(provider, OffersOptions), "Options are declared, but the provider offers none.")
    if not isinstance(provider, OffersOptions):
        return
    context = harness.context(Known(), reading=True)
    for name in manifest.options:
        options = await provider.options(context, name, "")
        require(options, f"The options {name} are empty.")
        require(len(options) <= _MOST_OPTIONS, f"The options {name} are more than {_MOST_OPTIONS}.")
        require(
            all(isinstance(one, Option) and one.value and one.label for one in options), f"{name}: no label"
        )
        values = [one.value for one in options]
        require(len(set(values)) == len(values), f"The options {name} name one value twice.")
        found = await provider.options(context, name, options[-1].label)
        require(
            any(one.value == options[-1].value for one in found),
            f"Searching the options {name} for {options[-1].label!r} does not find it.",
        )
    try:
        await provider.options(context, "no_such_options", "")
    except KeyError:
        return
    require(condition=False, sentence="Undeclared options are a KeyError.")


async def a_healthy_connection_is_valid(harness: Harness) -> None:
    """`validate` reads only and finds nothing to say."""
    issues = await harness.provider.validate(harness.context(Known(), reading=True))
    require(not issues, f"A healthy connection has issues: {issues}")
    require(not await harness.effects(), "Validating changed something.")


CHECKS = (
    every_field_has_a_title_and_help,
    secret_fields_are_write_only,
    the_manifest_is_whole,
    the_form_refuses_what_it_does_not_know,
    declared_options_work,
    a_healthy_connection_is_valid,
)
