"""The quality scale: what a provider has to show before it is merged, offered and called complete.

Each provider folder holds a `quality.yaml`:

    provider: google-workspace        # or [jira, confluence] where apps share a folder: each fulfils the rules
    owner: Directory integrations
    level: silver
    rules:
      contract_suite: done
      live_options: {exempt: "The vendor has nothing to choose from."}

`level` is the highest whose rules, with those of the levels below, are all done or exempt.
"""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field

from services.shared.sdk.manifest import Frozen


class Level(StrEnum):
    """Bronze to be merged, silver to be offered, gold when nothing is missing."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"


RULES: Mapping[Level, Mapping[str, str]] = {
    Level.BRONZE: {
        "contract_suite": "The contract suite passes over a twin of the vendor with an effect ledger.",
        "titles_and_help": "Every field of the form and the settings has a title and a description.",
        "validate_probes": "`validate` reads what each scope permits and names what is missing.",
        "errors_mapped": "Every documented refusal becomes a catalogue code; unknown ones become `unknown`.",
        "ownership_mark": "Accounts carry our mark, and an account without it is never taken silently.",
        "remote_tenant_named": "The settings name the vendor's tenant, so that it cannot be connected twice.",
        "documented": "A page under docs/vendors tells how to connect, what happens, and how to disconnect.",
    },
    Level.SILVER: {
        "lost_replies_found": "`confirm` finds the effect of every action that leaves a trace.",
        "reads_back": "Success is told after the vendor showed it.",
        "retry_after_honoured": "The vendor's waiting times are passed on in each of their forms.",
        "settling_waited_for": "What the vendor shows late is settling, not failure.",
        "least_scopes": "Each capability names the scopes it needs, and the suite passes with these alone.",
        "keeps_what_others_gave": "Only what OneClick gave is taken away, and the plan tells what stays.",
        "reconnect_tested": "Reconnecting another tenant of the vendor in place is refused.",
    },
    Level.GOLD: {
        "live_options": "Fields whose values live at the vendor offer them, searchable.",
        "own_remedies": "What people must do at this vendor is said in its words, with a link.",
        "plan_readable": "Titles and before/after can be read by somebody who does not know the API.",
        "oddities_tested": "Each documented oddity of the vendor has a test of its own.",
        "request_cost_measured": "What a call costs beside the bare HTTP call is measured and written down.",
        "checked_at_the_vendor": "The provider was run against a real tenant of the vendor.",
    },
}


class Exempt(Frozen):
    """Why a rule does not apply."""

    exempt: Annotated[str, Field(min_length=10)]


class Todo(Frozen):
    """Why a rule is not fulfilled yet: a level that has one is not reached."""

    missing: Annotated[str, Field(min_length=10)]


class Quality(Frozen):
    """One provider's `quality.yaml`."""

    provider: str | tuple[str, ...]
    owner: Annotated[str, Field(min_length=2)]
    level: Level | Literal["none"]
    rules: Mapping[str, Literal["done"] | Exempt | Todo]

    @property
    def apps(self) -> frozenset[str]:
        """The keys of the apps that it speaks for."""
        return frozenset({self.provider} if isinstance(self.provider, str) else self.provider)

    @property
    def reached(self) -> Level | Literal["none"]:
        """The level that the rules add up to."""
        reached: Level | Literal["none"] = "none"
        for level, rules in RULES.items():
            if any(isinstance(self.rules.get(rule, Todo(missing="not mentioned")), Todo) for rule in rules):
                break
            reached = level
        return reached


def read_quality(path: Path) -> Quality:
    """Read a `quality.yaml`.

    Raises:
        ValueError: a rule is unknown or left out, a reason is missing, or the level is not the one reached.
    """
    data: Any = yaml.safe_load(path.read_text())
    quality = Quality.model_validate(data)
    known = {rule for rules in RULES.values() for rule in rules}
    if unknown := quality.rules.keys() - known:
        raise ValueError(f"{path}: no such rules: {', '.join(sorted(unknown))}")
    if left_out := known - quality.rules.keys():
        raise ValueError(f"{path}: rules are not mentioned: {', '.join(sorted(left_out))}")
    if quality.level != quality.reached:
        raise ValueError(f"{path}: the level is {quality.reached}, not {quality.level}.")
    return quality
