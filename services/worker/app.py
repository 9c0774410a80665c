"""Puts the worker together."""

import asyncio
import gc
import signal
from contextlib import AsyncExitStack

import uvicorn
from fastapi import FastAPI
from redis.asyncio import Redis
from sqlalchemy import text

from services.shared.bell.arq_bell import ArqBell
from services.shared.domain.connection.testing import CONNECTION_TEST
from services.shared.domain.employee.service import TAGS_FOLLOW
from services.shared.domain.notification.states import (
    NOTIFICATION_PROCESS,
    SUBSCRIPTION_KEEP,
    SUBSCRIPTION_RESYNC,
    SUBSCRIPTION_WATCH,
)
from services.shared.domain.option.service import OPTIONS_REFRESH
from services.shared.domain.provisioning.requesting import PLAN_APPLY, PLAN_MAKE, RESULT_APPLY
from services.shared.domain.provisioning.waking import SCHEDULE_FIRE
from services.shared.kit.db import create_engine
from services.shared.kit.http import create_client, create_transport
from services.shared.kit.logging import get_logger
from services.shared.sdk.optional import Warms
from services.shared.sdk.registry import providers
from services.shared.web.health import health_router
from services.worker.broker import Broker
from services.worker.hearing import hear
from services.worker.limits.database_books import DatabaseBooks
from services.worker.limits.gates import Gates
from services.worker.runner import Pace, Runner, Task, Transactions
from services.worker.settings import WorkerSettings
from services.worker.tasks.connection import ConnectionTasks
from services.worker.tasks.employee import TagTasks
from services.worker.tasks.notification import NotificationTasks
from services.worker.tasks.options import OptionTasks
from services.worker.tasks.planning import PlanTasks
from services.worker.tasks.result import ResultTasks
from services.worker.tasks.schedule import ScheduleTasks
from services.worker.tasks.subscription import SubscriptionTasks
from services.worker.tasks.trouble import Patience
from services.worker.vendor import VendorDesk

log = get_logger(__name__)


def make_tasks(
    transactions: Transactions, desk: VendorDesk, patience: Patience, *, notifications_url: str | None = None
) -> dict[str, Task]:
    """Every kind of job that this worker knows. Others are left alone for a worker that does."""
    plans = PlanTasks(transactions, desk)
    results = ResultTasks(transactions, desk, patience)
    options = OptionTasks(transactions, desk)
    schedules = ScheduleTasks(transactions)
    tags = TagTasks(transactions)
    connections = ConnectionTasks(transactions, desk)
    subscriptions = SubscriptionTasks(transactions, desk, notifications_url, patience.backoff)
    notifications = NotificationTasks(transactions, desk, patience.backoff)
    return {
        PLAN_MAKE: Task(plans.make, plans.lost),
        PLAN_APPLY: Task(plans.apply, plans.lost),
        RESULT_APPLY: Task(results.apply, results.lost),
        OPTIONS_REFRESH: Task(options.refresh, options.lost),
        SCHEDULE_FIRE: Task(schedules.fire, schedules.lost),
        TAGS_FOLLOW: Task(tags.follow, tags.lost),
        CONNECTION_TEST: Task(connections.test, connections.lost),
        SUBSCRIPTION_KEEP: Task(subscriptions.keep, subscriptions.lost),
        SUBSCRIPTION_WATCH: Task(subscriptions.watch, subscriptions.watch_lost),
        SUBSCRIPTION_RESYNC: Task(notifications.resync, notifications.resync_lost),
        NOTIFICATION_PROCESS: Task(notifications.process, notifications.lost),
    }


async def work(settings: WorkerSettings, endpoints: dict[str, str]) -> None:
    """Run until SIGTERM or SIGINT."""
    async with AsyncExitStack() as stack:
        engine = create_engine(
            settings.database_url,
            name="oneclick-worker",
            pool_size=settings.database_pool_size,
            idle_seconds=settings.worker_idle_seconds,
            # Frozen in the middle of sending, a connection is not idle but in a statement; and one that waited
            # for another's lock begins to idle only when that one has been ended.
            statement_seconds=settings.worker_idle_seconds * 2,
            transaction_seconds=settings.worker_idle_seconds * 2,
        )
        stack.push_async_callback(engine.dispose)
        redis = Redis.from_url(str(settings.redis_url), socket_timeout=2, socket_connect_timeout=2)
        stack.push_async_callback(redis.aclose)
        bell = ArqBell(str(settings.redis_url))
        stack.push_async_callback(bell.close)
        auth = await stack.enter_async_context(create_client(timeout=10.0))
        vendors = create_transport(kind=settings.http_transport, connections=settings.worker_slots * 4)
        stack.push_async_callback(vendors.aclose)

        transactions = Transactions(engine, bell)
        books = DatabaseBooks(transactions.direct)
        gates = Gates(str(settings.redis_url), books, settings.worker_limits)
        await gates.start()
        stack.push_async_callback(gates.stop)
        desk = VendorDesk(Broker(auth, settings.auth_url, settings.service_token), vendors, endpoints, gates)
        patience = Patience(settings.worker_max_tries, settings.worker_backoff_seconds)
        tasks = make_tasks(transactions, desk, patience, notifications_url=settings.notifications_url)
        runner = Runner(
            transactions,
            tasks,
            Pace(
                slots=settings.worker_slots,
                lease=settings.worker_lease_seconds,
                poll=settings.worker_poll_seconds,
                stop=settings.worker_stop_seconds,
                backoff=settings.worker_backoff_seconds,
            ),
            gates.widths([provider.manifest for provider in providers().values()]),
        )
        for provider in providers().values():
            if isinstance(provider, Warms):
                await asyncio.to_thread(provider.warm)
        _settle_heap()
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, runner.stop)

        async def database() -> None:
            async with engine.connect() as connection:
                await connection.execute(text("SELECT 1"))

        async def ring() -> None:
            await redis.ping()

        server = _server(settings, database, ring)
        log.info("worker_started", worker=runner.name, kinds=sorted(tasks), providers=sorted(providers()))
        helpers = [
            asyncio.create_task(hear(str(settings.redis_url), tasks, runner.poke)),
            asyncio.create_task(server.serve()),
        ]
        try:
            await runner.run()
        finally:
            server.should_exit = True
            helpers[0].cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
        log.info("worker_stopped", worker=runner.name)


def _settle_heap() -> None:
    """Take what was loaded at start out of the collector's sight.

    The vendors' SDKs are some hundred thousand objects that stay for ever; walking them again and
    again cost a fifth of the worker's processor time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _server(settings: WorkerSettings, database: object, ring: object) -> uvicorn.Server:
    app = FastAPI(title="OneClick worker", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(health_router("worker", {"database": database}, degraded={"redis": ring}))  # type: ignore[dict-item]  # both are checks, nested functions lose their type
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # the runner decides when to stop
    return server
