"""Who posts what no vendor has signed is heard less and less: so many refused deliveries a minute per address.

Authentic deliveries are not counted, however many there are: a vendor may tell of a thousand people at once.
"""

from ipaddress import IPv6Address, ip_address

from fastapi import Request

from services.api.metrics import CALLS_REFUSED
from services.shared.kit.errors import TooMany
from services.shared.kit.throttle import Throttle

_NETWORK = 64
"""Bits of an IPv6 address that say whose it is; the rest is its owner's to choose, anew for each call."""


def caller_address(request: Request, proxies: int) -> str:
    """The address that a call came from: the one that the outermost of so many proxies of ours saw.

    What a caller itself writes into `X-Forwarded-For` stands further left and is not looked at.
    """
    peer = request.client.host if request.client else ""
    said = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    if proxies and len(said) >= proxies:
        peer = said[-proxies].strip()
    try:
        address = ip_address(peer)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return f"{IPv6Address(int(address) >> _NETWORK << _NETWORK)}/{_NETWORK}"
    return str(address)


class Strangers:
    """Counts refused deliveries by address."""

    def __init__(self, throttle: Throttle, *, per_minute: int, proxies: int) -> None:
        self._throttle = throttle
        self._per_minute = per_minute
        self._proxies = proxies

    async def admit(self, request: Request) -> None:
        """Pass.

        Raises:
            TooMany: too many deliveries from this address were refused.
        """
        wait = await self._throttle.look(self._name(request), self._per_minute)
        if wait:
            CALLS_REFUSED.labels("refused_deliveries").inc()
            raise TooMany("Too many deliveries from this address were refused.", retry_after=wait)

    async def note_refusal(self, request: Request) -> None:
        """This one was."""
        await self._throttle.take(self._name(request), self._per_minute)

    def _name(self, request: Request) -> str:
        return f"refused:{caller_address(request, self._proxies)}"
