"""The bootstrap file: who there is at first.

    tenants:
      - slug: acme                       # 1 to 63 of a-z 0-9 -, stays for ever
        name: Acme
        id: 01936f3e-0000-7000-8000-000000000001   # optional, for a fixed id
        operators:                       # by the e-mail address that the identity provider vouches for
          - {email: ada@acme.example, name: Ada Admin, role: admin}
        groups:                          # members of these groups of the identity provider
          oneclick-helpdesk: helpdesk
    platform_admins: [root@provider.example]

Roles are admin, helpdesk and auditor. It is applied at every start: who is taken out of it loses what it gave. What an
administrator decides in the product (an operator's role, who is disabled, the groups) counts instead of the file.
"""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, ValidationError, model_validator

from services.shared.web.principal import Role


def _of_a_tenant(role: Role) -> Role:
    if role is Role.PLATFORM_ADMIN:
        raise ValueError("platform administrators are listed under platform_admins")
    return role


TenantRoleName = Annotated[Role, AfterValidator(_of_a_tenant)]
LowerEmail = Annotated[EmailStr, AfterValidator(str.lower)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OperatorEntry(_Strict):
    email: LowerEmail
    name: str = Field(min_length=1, max_length=200)
    role: TenantRoleName


class TenantEntry(_Strict):
    slug: str = Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
    name: str = Field(min_length=1, max_length=200)
    id: UUID | None = None
    operators: list[OperatorEntry] = []
    groups: dict[str, TenantRoleName] = {}


class BootstrapFile(_Strict):
    tenants: list[TenantEntry] = []
    platform_admins: list[LowerEmail] = []

    @model_validator(mode="after")
    def _once(self) -> "BootstrapFile":
        slugs = [tenant.slug for tenant in self.tenants]
        if len(set(slugs)) != len(slugs):
            raise ValueError("a tenant's slug is there twice")
        for tenant in self.tenants:
            emails = [operator.email for operator in tenant.operators]
            if len(set(emails)) != len(emails):
                raise ValueError(f"an operator is there twice in {tenant.slug}")
        return self


class BadBootstrapFile(ValueError):
    """The file cannot be read or is not of this form; the message says where."""


def read_bootstrap(path: Path) -> BootstrapFile:
    """Read and check the file.

    Raises:
        BadBootstrapFile: what is wrong with it.
    """
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
        return BootstrapFile.model_validate(read or {})
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadBootstrapFile(f"{path} cannot be read: {error}") from error
    except ValidationError as error:
        found = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']) or 'file'}: {item['msg']}"
            for item in error.errors()
        )
        raise BadBootstrapFile(f"{path}: {found}") from error
