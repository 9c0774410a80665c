"""What the vendors' files work with: the way out, this installation's registrations, and the minter."""

import asyncio
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.auth.connection.models import Method, Vendor
from services.auth.environment.vendors import VendorSettings
from services.auth.grant.base import Minted, MintFailed, VendorAway
from services.auth.method.base import NotConfigured, VendorRefused, VendorUnreachable
from services.auth.method.http import VendorHttp
from services.auth.token.mint import Minter
from services.auth.vault.secret import Secret


@dataclass(frozen=True, slots=True)
class Desk:
    """One for the whole service; stateless."""

    http: VendorHttp
    minter: Minter
    known: VendorSettings
    private_addresses: bool
    """Whether addresses of this network may be typed in."""

    def client(self, vendor: Vendor) -> tuple[str, str]:
        """The installation's client id and secret.

        Raises:
            NotConfigured: there are none.
        """
        found = self.known.client_of(vendor)
        if found is None:
            raise NotConfigured("This installation of OneClick is not registered with the vendor.")
        return found

    async def mint(
        self,
        vendor: Vendor,
        method: Method,
        settings: Mapping[str, object],
        secrets: Mapping[str, Secret],
        *,
        blame: Mapping[str, str] | None = None,
        otherwise: str | None = None,
    ) -> Minted:
        """A first token, as the broker will ask for it later.

        `blame` says which field a refusal's code is about, `otherwise` the field for every other code.

        Raises:
            VendorUnreachable: no answer.
            VendorRefused: the vendor does not take the credentials.
        """
        try:
            return await self.minter.mint(vendor, method, settings, secrets)
        except VendorAway as error:
            raise VendorUnreachable(f"{error.reason} Try again in a moment.") from error
        except MintFailed as error:
            raise VendorRefused(error.reason, field=(blame or {}).get(error.code, otherwise)) from error

    async def public_address(self, url: str, field: str) -> str:
        """The address without a slash at its end, if credentials may be sent there.

        Raises:
            VendorRefused: it is none, leads into this network without leave, or is a public one without https.
        """
        parts = urlsplit(url)
        if (
            parts.scheme not in {"https", "http"}
            or not parts.hostname
            or parts.username
            or parts.query
            or parts.fragment
        ):
            raise VendorRefused("Enter an address that begins with https://.", field=field)
        places = await _places(parts.hostname, field)
        is_private = not all(place.is_global for place in places)
        if is_private and not self.private_addresses:
            raise VendorRefused(
                "This address leads into the network that OneClick runs in. Enter a public one, or ask whoever runs "
                "OneClick to allow it (CONNECT_PRIVATE_ADDRESSES).",
                field=field,
            )
        if parts.scheme != "https" and not is_private:
            raise VendorRefused("Enter an address that begins with https://.", field=field)
        return url.rstrip("/")


async def _places(host: str, field: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """Where a name leads.

    Raises:
        VendorRefused: nowhere.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise VendorRefused("There is no server of this name. Check the address.", field=field) from error
    return [ipaddress.ip_address(str(place[0]).partition("%")[0]) for *_, place in found]
