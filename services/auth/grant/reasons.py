"""Why a vendor refused a token, in plain words with the next step.

Microsoft's numbers: learn.microsoft.com/entra/identity-platform/reference-error-codes. They may change, so what
happens next is decided by the OAuth error word; the number only makes the sentence better.
"""

import re
from collections.abc import Mapping

from services.auth.connection.models import Vendor
from services.auth.connection.vendors import TITLES

NEEDS_REAUTH = frozenset(
    {"invalid_grant", "invalid_client", "unauthorized_client", "consent_required", "interaction_required"}
)
"""Words after which only a person can help. Everything else is our request or the vendor's day."""

AADSTS: Mapping[str, str] = {
    "7000215": "The client secret is wrong (perhaps its id was copied instead of its value). Enter the value of a valid secret.",
    "7000222": "The client secret has expired. Make a new one in the app registration and enter it.",
    "7000218": "The app registration expects a client secret or certificate. Enter one.",
    "700016": "The app registration is not known in this directory. Check the application id, and consent as an administrator.",
    "700027": "The certificate of the app registration is not valid. Upload it again.",
    "90002": "The directory (tenant) id is not known. Check it.",
    "900023": "The directory (tenant) id is not valid. Check it.",
    "65001": "Nobody has consented to the app's permissions. Grant admin consent in the Entra admin centre.",
    "650051": "The app could not be added to this directory. Grant admin consent again.",
    "70008": "The consent has expired. Connect again.",
    "700082": "The consent expired because it was not used. Connect again.",
    "50173": "The consent was revoked by a changed password or a sign-out everywhere. Connect again.",
    "50057": "The account that gave the consent is disabled. Connect with another administrator.",
    "50076": "The account that gave the consent must use multi-factor authentication. Connect again.",
    "50079": "The account that gave the consent must enrol in multi-factor authentication. Connect again.",
    "53003": "A conditional access policy blocks this app. Ask for an exception for it.",
    "54005": "The code was used twice. Connect again.",
    "70011": "The app asks for a permission that does not exist. This is our mistake: tell your OneClick administrator.",
    "9002313": "Microsoft does not understand the request. This is our mistake: tell your OneClick administrator.",
}

_WORDS: Mapping[tuple[Vendor, str], str] = {
    (
        Vendor.MICROSOFT,
        "invalid_client",
    ): "Microsoft does not accept the app's credentials. Enter a valid client secret.",
    (
        Vendor.MICROSOFT,
        "unauthorized_client",
    ): "The app may not sign in to this directory. Grant admin consent.",
    (Vendor.MICROSOFT, "invalid_grant"): "Microsoft has withdrawn the consent. Connect again.",
    (Vendor.ATLASSIAN, "invalid_grant"): (
        "Atlassian has ended the consent: somebody withdrew it, it was not used for 90 days, or the account that gave "
        "it changed its password. Reconnect this account."
    ),
    (Vendor.GOOGLE, "invalid_client"): "Google does not know the service account. Check its JSON file.",
    (Vendor.GOOGLE, "unauthorized_client"): (
        "Domain-wide delegation is not set up for this service account. In the Google Admin console under "
        "Security > API controls, add its client id with all the scopes that OneClick lists."
    ),
    (Vendor.GOOGLE, "invalid_grant"): (
        "Google refuses the service account. Its key was deleted, the account is disabled, or the administrator "
        "to act as does not exist or is suspended. Check all three."
    ),
    (Vendor.GOOGLE, "access_denied"): (
        "Google refuses the scopes. In the Google Admin console under Security > API controls, delegate all the "
        "scopes that OneClick lists."
    ),
}
_GOOGLE_DETAILS: Mapping[str, str] = {
    "invalid email or user id": "The administrator to act as does not exist in this Google Workspace. Check the address.",
    "invalid jwt signature": "The service account's key was deleted or replaced. Make a new key and enter its JSON file.",
    "account not found": "The service account does not exist any more. Make a new one and enter its JSON file.",
    "expired or revoked": "The consent was revoked or has expired. Connect again.",
}
_NUMBER = re.compile(r"AADSTS(\d{4,8})")


def explain(vendor: Vendor, error: str, description: str, numbers: tuple[str, ...] = ()) -> tuple[str, str]:
    """(code, sentence) for a refusal. The vendor's own text is used to choose, and never repeated."""
    for number in (*numbers, *_NUMBER.findall(description)):
        if vendor is Vendor.MICROSOFT and number in AADSTS:
            return f"AADSTS{number}", AADSTS[number]
    if vendor is Vendor.GOOGLE:
        for part, sentence in _GOOGLE_DETAILS.items():
            if part in description.lower():
                return error, sentence
    unknown = f"{TITLES[vendor]} refuses the credentials ({error}). Check them and connect again."
    return error, _WORDS.get((vendor, error), unknown)
