"""Answers of the Slack twin against the samples that Slack's Java SDK publishes, and the Web API's file."""

from __future__ import annotations

from typing import Any

from tests.sandbox.judge import specs

_WEB_API = "slack/slack-web-api-admin.swagger2.json"
_ERROR = {"schemas", "detail", "status"}


def judge_scim(method: str, path: str, status: int, body: Any) -> list[str]:
    """Every member must appear in the sample of its resource; `path` is below `/scim/v2/`."""
    if status >= 400:
        return [] if isinstance(body, dict) and set(body) == _ERROR else [f"no error of Slack's: {body}"]
    sample = _sample(f"{path}/new" if method == "POST" else path)
    return [] if sample is None or body is None else _compare(body, sample, path)


def _sample(path: str) -> Any:
    kind, _, rest = path.partition("?")[0].partition("/")
    match kind, bool(rest):
        case "ServiceProviderConfig" | "ServiceProviderConfigs", False:
            return specs.load("slack/scim-sample_v2_ServiceProviderConfigs.json")
        case "ResourceTypes", False:
            return {**specs.load("slack/scim-sample_v2_ResourceTypes.json"), "totalResults": 0}
        case "Users" | "Groups", single:
            whole = specs.load(f"slack/scim-sample_v2_{kind}.json")
            return _merged(whole["Resources"]) if single else whole
    return None


def _merged(items: list[Any]) -> Any:
    """One object with the members of all of them: the samples show each sub-attribute somewhere."""
    if items and all(isinstance(item, dict) for item in items):
        return {name: one for item in items for name, one in item.items()}
    return items[0] if items else None


def _compare(value: Any, sample: Any, where: str) -> list[str]:
    if isinstance(value, dict) and isinstance(sample, dict):
        faults = [f"{where}.{name} is not in the sample" for name in value if not _known(name, sample)]
        for name, one in value.items():
            if name in sample:
                faults += _compare(one, sample[name], f"{where}.{name}")
        return faults
    if isinstance(value, list) and isinstance(sample, list):
        merged = _merged(sample)
        return [fault for item in value for fault in _compare(item, merged, f"{where}[]")]
    if value is None or not sample:  # an empty sample says nothing
        return []
    same = isinstance(value, bool) == isinstance(sample, bool) and type(value) is type(sample)
    return [] if same else [f"{where} is {type(value).__name__}, the sample has {type(sample).__name__}"]


def _known(name: str, sample: dict[str, Any]) -> bool:
    if set(sample) == {"manager"}:  # the enterprise extension, of which the samples show the manager alone
        published = specs.load("scim/rfc7643-enterprise-user.schema.json")["attributes"]
        return name in {one["name"] for one in published}
    return name in sample or not sample


def judge_web(method: str, verb: str, body: Any) -> list[str]:
    """A published method, its verb, and answer members that the published schema names."""
    spec = specs.load(_WEB_API)
    item = spec["paths"].get(f"/{method}")
    if item is None:
        return []
    operation = item.get(verb.lower()) or next(iter(item.values()))
    if body.get("ok") is not True:
        return [] if isinstance(body.get("error"), str) else ["a refusal names its error"]
    schema = operation["responses"]["200"]["schema"]
    faults = [f"{method} lacks {name}" for name in schema.get("required", ()) if name not in body]
    if not schema.get("additionalProperties", True):
        faults += [f"{method} does not have {name}" for name in body if name not in schema["properties"]]
    return faults


def published_arguments(method: str) -> set[str] | None:
    """The parameters of a method, without the token; None for a method that the cut leaves out."""
    item = specs.load(_WEB_API)["paths"].get(f"/{method}")
    if item is None:
        return None
    operation = next(iter(item.values()))
    return {one["name"] for one in operation["parameters"]} - {"token"}
