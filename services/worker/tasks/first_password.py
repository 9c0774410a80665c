"""The first password of the account that an action makes."""

from pydantic import SecretStr

from services.shared.domain.provisioning.work import ActionWork, ResultWork
from services.shared.kit.jobs.ledger import Claim
from services.worker.broker import Broker


class FirstPassword:
    """Create-or-fetch, noting that one was given."""

    def __init__(self, broker: Broker, claim: Claim, work: ResultWork, action: ActionWork) -> None:
        self._broker = broker
        self._claim = claim
        self._work = work
        self._action = action
        self.given = False

    async def __call__(self) -> SecretStr:
        password = await self._broker.first_password(
            tenant_id=self._claim.tenant_id,
            request_id=self._work.request_id,
            app=self._work.app,
            action_id=self._action.id,
            renew=not self._action.maybe_sent,
        )
        self.given = True
        return password
