"""Nothing goes wrong: one account in each app, and nothing left to do."""

from tests.fixtures.engine import Engine

APPS = {"google": True, "microsoft": {"usage_location": "DE"}}


async def test_a_new_hire_gets_both_accounts(workers: Engine) -> None:
    workers.start_worker()
    email = workers.new_address()
    request = await workers.request(APPS, email=email)
    assert await workers.wait_ended(request) == "completed", await workers.picture(request)
    assert workers.sandbox.user("google", email)
    assert workers.sandbox.user("microsoft", email)
