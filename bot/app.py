"""The composition root of the runner: the one place of `bot` that names concrete implementations."""

from functools import partial
from zoneinfo import ZoneInfo

from agent_server.embedding.minilm import MiniLm
from blocks.components import Component, NoticeCard, line
from bot import people
from bot.accounts import accounts
from bot.backups import Backups
from bot.durations import seconds
from bot.filing import FilePlatform
from bot.inbox import Inbox
from bot.login import oidc_token
from bot.loopback import on_loopback
from bot.messages import Surface as SurfaceName
from bot.outbox import Outbox
from bot.reporting import Post, Reporting, channel
from bot.runner import Runner, Surface
from bot.settings import Loaded, SettingsError, environment
from bot.settings_desk import SettingsDesk
from engine.answering import Idle
from engine.backup.making import BackupMaker
from engine.clock import system_clock
from engine.core import Engine, Parts, open_engine
from engine.execution.executor import JournalPoint, no_point
from engine.planning.planner import HttpPlanner
from engine.planning.tokens import static
from engine.planning.wire import Token, no_token
from engine.playbooks.server import HttpPlaybooks
from engine.policy_source import PolicyFromFile
from engine.principal import Principal
from engine.reports.morning import Morning
from engine.schedule.daily import Daily
from engine.storage.master import MasterKey, master_key


def open_runner(loaded: Loaded, *, point: JournalPoint = no_point) -> Runner:
    """Open the engine and put a runner around it, without surfaces.

    Raises:
        SettingsError, PolicyError, MasterKeyError, StoreInUse, StorageUnavailable: As their names say.
    """
    engine = _engine(loaded, point)
    desk = SettingsDesk(loaded, record=engine.record, audit=engine.audit, policy=engine.workflow.policy)
    try:
        desk.begin()
    except SettingsError:
        engine.close()
        raise
    settings = loaded.settings
    engine.workflow.asking.budget = _budget(loaded)
    runner = Runner(
        engine=engine,
        inbox=Inbox(engine.record.inbox),
        outbox=Outbox(engine.record.outbox, engine.record.cards, {}, engine.clock),
        planner_name=settings.agent.url,
        sync_seconds=float(seconds(settings.sync.every)),
        desk=desk,
        backups=Backups(loaded, _maker(loaded, engine), engine.clock),
    )
    desk.apply = partial(_apply, loaded, runner)
    return runner


def _apply(loaded: Loaded, runner: Runner, root: str) -> None:
    """Let a changed setting take effect; called in the runner's loop."""
    settings = loaded.settings
    match root:
        case "sync.every":
            runner.sync_every(float(seconds(settings.sync.every)))
        case "report" | "budgets" if isinstance(runner.reporter, Reporting):
            runner.engine.workflow.asking.budget = _budget(loaded)
            runner.reporter.use(_morning(loaded, runner.engine), _posts(loaded))
        case _:
            pass


def surfaces(loaded: Loaded, runner: Runner) -> tuple[Surface, ...]:
    """Return the configured surfaces; only their SDKs are imported.

    Raises:
        SettingsError: A surface cannot work as configured.
    """
    settings = loaded.settings
    found: list[Surface] = []
    if settings.web.enabled:
        found.append(_web(loaded, runner))
    if settings.slack.enabled:
        found.append(_slack(loaded, runner))
    if settings.teams.enabled:
        found.append(_teams(loaded, runner))
    return tuple(found)


def reporter(loaded: Loaded, runner: Runner) -> Reporting:
    """Return what makes and posts the morning reports."""
    engine = runner.engine
    if any(post.channel.startswith("file:") for post in loaded.settings.report):
        runner.outbox.add(FilePlatform())
    return Reporting(
        morning=_morning(loaded, engine),
        posts=_posts(loaded),
        runs=engine.record.schedule_runs,
        outbox=runner.outbox,
        audit=engine.audit,
        delivered=engine.workflow.asking.delivered,
        clock=engine.clock,
    )


def _morning(loaded: Loaded, engine: Engine) -> Morning:
    return Morning(
        estate=engine.estate,
        accounts=engine.accounts,
        idle=Idle(engine.accounts, engine.clock),
        reports=engine.record.reports,
        ledger=engine.workflow.asking.ledger,
        budget=_budget(loaded),
        clock=engine.clock,
    )


def _posts(loaded: Loaded) -> list[Post]:
    return [
        Post(thread=channel(post.channel), daily=Daily(at=post.time, zone=post.zone)) for post in loaded.settings.report
    ]


def _maker(loaded: Loaded, engine: Engine) -> BackupMaker:
    return BackupMaker(record=engine.record, audit=engine.audit, master=_master(loaded), clock=engine.clock)


def _master(loaded: Loaded) -> MasterKey:
    settings = loaded.settings
    return master_key(settings.keys.master, environment=environment(), data_dir=settings.data.path)


def known_people(loaded: Loaded) -> tuple[Principal, ...]:
    """Return who may speak on this machine's own surfaces: its user, and in a try-out the personas."""
    return (people.own(), *(people.persona(one) for one in loaded.settings.local.personas))


def _zone(loaded: Loaded) -> ZoneInfo | None:
    """Return the time zone that people live in: that of the first report, which comes in their morning; None where no report is set."""
    return next((post.zone for post in loaded.settings.report), None)


def _budget(loaded: Loaded) -> float | None:
    """Return the monthly budget for everything."""
    return next((one.monthly for one in loaded.settings.budgets if one.scope == "all"), None)


def _engine(loaded: Loaded, point: JournalPoint) -> Engine:
    settings = loaded.settings
    token = _token(loaded)
    return open_engine(
        Parts(
            data_dir=settings.data.path,
            database_url=settings.data.database_url,
            qdrant_url=settings.data.qdrant_url,
            master=_master(loaded),
            accounts=accounts(loaded, system_clock),
            planner=HttpPlanner(settings.agent.url, token=token),
            playbooks=HttpPlaybooks(settings.agent.url, token=token),
            policy=PolicyFromFile(loaded.policy_path),
            embedder=MiniLm(),
            tag_keys=settings.privacy.tag_keys,
            clock=system_clock,
            point=point,
            zone=partial(_zone, loaded),
        )
    )


def _token(loaded: Loaded) -> Token:
    agent = loaded.settings.agent
    match agent.auth:
        case "none":
            return no_token
        case "static":
            return static(loaded.secret("agent.token", agent.token, endpoint=agent.url))
        case "oidc":
            return oidc_token(loaded)


def _slack(loaded: Loaded, runner: Runner) -> Surface:
    from bot.slack.client import SlackClient  # noqa: PLC0415 - SDKs only for configured surfaces
    from bot.slack.listener import SlackListener  # noqa: PLC0415 - likewise
    from bot.slack.options import SlackOptions  # noqa: PLC0415 - likewise

    slack = loaded.settings.slack

    def secret(name: str, value: str) -> str:
        return loaded.secret(f"slack.{name}", value, endpoint=slack.base_url)

    options = SlackOptions(
        bot_token=secret("bot_token", slack.bot_token),
        app_token=secret("app_token", slack.app_token),
        signing_secret=secret("signing_secret", slack.signing_secret),
        mode=slack.mode,
        base_url=slack.base_url,
        custom_endpoint=loaded.settings.allow_custom_endpoints,
        host=slack.host,
        port=slack.port,
    )

    async def home(principal: Principal) -> Component:
        if not runner.engine.workflow.policy().roles_of(principal):
            return NoticeCard(headline=line("The policy gives you no role. Ask the operator of Escher."))
        return await runner.status()

    def stored(where: str, message: str) -> Component | None:
        return runner.outbox.sent_plan(SurfaceName.SLACK, where, message)

    client = SlackClient(options, stored=stored)
    listener = SlackListener(options, client=client, inbox=runner.inbox, clock=runner.engine.clock, home=home)
    return Surface(name="Slack", platform=client, listener=listener, introduce=listener.introduce)


def _web(loaded: Loaded, runner: Runner) -> Surface:
    from bot.web.client import WebPlatform  # noqa: PLC0415 - only when the console is on
    from bot.web.listener import WebListener  # noqa: PLC0415 - likewise

    own, *personas = known_people(loaded)
    platform = WebPlatform(threads=runner.engine.record.threads, clock=runner.engine.clock)
    listener = WebListener(
        port=loaded.settings.web.port,
        platform=platform,
        inbox=runner.inbox,
        principal=own,
        personas=tuple(personas),
        clock=runner.engine.clock,
        demo_open=loaded.settings.local.open_console,
    )
    return Surface(name="Web console", platform=platform, listener=listener)


def _teams(loaded: Loaded, runner: Runner) -> Surface:
    from bot.teams.addresses import Addresses  # noqa: PLC0415 - SDKs only for configured surfaces
    from bot.teams.client import TeamsClient  # noqa: PLC0415 - likewise
    from bot.teams.listener import TeamsListener  # noqa: PLC0415 - likewise
    from bot.teams.options import TeamsOptions  # noqa: PLC0415 - likewise

    teams = loaded.settings.teams
    endpoint = f"http://{teams.host}:{teams.port}" if teams.playground else ""
    options = TeamsOptions(
        app_id=teams.app_id,
        app_password=loaded.secret("teams.app_password", teams.app_password, endpoint=endpoint),
        tenants=teams.tenants,
        host=teams.host,
        port=teams.port,
        playground=teams.playground and on_loopback(f"http://{teams.host}"),
    )
    client = TeamsClient(options, addresses=Addresses(runner.engine.record.cards))
    listener = TeamsListener(options, client=client, inbox=runner.inbox, clock=runner.engine.clock)
    return Surface(name="Teams", platform=client, listener=listener, introduce=listener.introduce)
