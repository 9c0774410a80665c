"""The sign-in exchange on the wire."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, SecretStr

from services.auth.printable import printable


def local_path(value: str) -> str:
    """A path of our own site: `/people?q=a`.

    Raises:
        ValueError: another site, a scheme, or characters that browsers take for a slash.
    """
    if not value.startswith("/") or value.startswith("//") or "\\" in value:
        raise ValueError("must be a path of this site that begins with one slash")
    if " " in value:
        raise ValueError("must not hold spaces")
    return printable(value)


class SignInStart(BaseModel):
    return_to: Annotated[str, Field(max_length=2000), AfterValidator(local_path)] = "/"
    binding: str = Field(min_length=16, max_length=200)


class SignInStarted(BaseModel):
    authorize_url: str


class SignInFinish(BaseModel):
    code: SecretStr = Field(min_length=1, max_length=4000)
    state: str = Field(min_length=1, max_length=200)
    iss: str | None = Field(default=None, max_length=500)
    binding: str = Field(min_length=1, max_length=200)


class SignInFinished(BaseModel):
    session_token: str
    return_to: str
