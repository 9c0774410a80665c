"""First passwords on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, SecretStr

from services.auth.first_password.service import State
from services.auth.printable import printable


class FirstPasswordStore(BaseModel):
    tenant_id: UUID
    request_id: UUID
    app: Annotated[str, AfterValidator(printable)] = Field(min_length=1, max_length=64)
    password: SecretStr = Field(min_length=1, max_length=256)


class FirstPasswordReveal(BaseModel):
    tenant_id: UUID
    operator_id: UUID


class FirstPasswordRead(BaseModel):
    password: str


class FirstPasswordState(BaseModel):
    state: State
    expires_at: datetime
