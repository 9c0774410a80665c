"""First passwords on the wire."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field, SecretStr

from services.auth.first_password.service import State


class FirstPasswordStore(BaseModel):
    tenant_id: UUID
    request_id: UUID
    app: str = Field(min_length=1, max_length=64)
    password: SecretStr = Field(min_length=1, max_length=256)


class FirstPasswordReveal(BaseModel):
    tenant_id: UUID
    operator_id: UUID


class FirstPasswordRead(BaseModel):
    password: str


class FirstPasswordState(BaseModel):
    state: State
    expires_at: datetime
