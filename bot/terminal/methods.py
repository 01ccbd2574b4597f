"""What a terminal can ask of a runner: names and JSON parameters in, JSON out, progress as plain text on the way."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from blocks import text as plain
from blocks.components import Component, TargetState
from blocks.components.actions import ActionId
from bot.messages import Click, Mention, Surface, ThreadRef
from bot.runner import Runner
from bot.terminal import shapes
from bot.terminal.asked import Answer, BadRequest, Caller
from bot.terminal.client import TerminalPlatform
from bot.terminal.operating import Operating
from bot.turn import Turn
from engine.audit.export import export
from engine.audit.verify import NoAnchor, anchor_in, verify
from engine.estate.sync import NoSuchCells, Progress
from engine.playbooks.orders import Do, Order
from engine.principal import Principal
from engine.refusal import Refusal
from engine.replies import PlanView

_LOOK_SECONDS = 0.1


class Methods:
    """The methods of a runner.

    Args:
        runner: The runner.
        platform: The chat port of terminal threads.
        links: Makes a one-time link to the web console, when there is one.
    """

    def __init__(self, runner: Runner, platform: TerminalPlatform, *, links: Callable[[], str] | None = None) -> None:
        self._runner = runner
        self._platform = platform
        self._links = links
        self._methods: dict[str, Callable[[Caller, Mapping[str, Any]], Awaitable[Answer]]] = {
            "ask": self._ask,
            "decide": self._decide,
            "command": self._command,
            "sync": self._sync,
            "report": self._report,
            "audit_verify": self._audit_verify,
            "audit_export": self._audit_export,
            "policy_test": self._policy_test,
            "playbook": self._playbook,
            "console": self._console,
        }
        self._operating = Operating(runner).methods()

    async def call(self, name: str, params: Mapping[str, Any], caller: Caller) -> Answer:
        """Do one method.

        Raises:
            BadRequest: There is no such method, or a parameter is missing.
        """
        method, operating = self._methods.get(name), self._operating.get(name)
        try:
            if operating is not None:
                return await operating(caller, params)
            if method is not None:
                return await method(caller, params)
        except KeyError as error:
            raise BadRequest(f"{name} wants {error}") from None
        raise BadRequest(f"there is no method {name}")

    async def _ask(self, caller: Caller, params: Mapping[str, Any]) -> Answer:
        thread = _thread(params)
        said = await self._runner.conversation.say(self._mention(caller.principal, thread, str(params["text"])))
        said = await self._finished(said, thread, caller, wait=bool(params.get("wait", True)))
        return await self._told(said, thread)

    async def _decide(self, caller: Caller, params: Mapping[str, Any]) -> Answer:
        plan_id = str(params["plan_id"])
        thread = _thread(params)
        view = await self._runner.engine.workflow.view(plan_id)
        digest = str(params.get("digest") or "")
        if isinstance(view, PlanView) and not digest:
            digest = view.kept.admitted.plan.digest
        verdict = ActionId.APPROVE if params.get("approve", True) else ActionId.REJECT
        inputs = {key: str(params[key]) for key in ("reason", "confirm", "code") if params.get(key)}
        click = Click(
            event_id=_event_id(),
            principal=caller.principal,
            thread=thread,
            action=verdict,
            value={"plan_id": plan_id, "digest": digest},
            inputs=inputs,
            at=self._runner.engine.clock(),
        )
        said = await self._runner.conversation.press(click)
        await self._refresh(plan_id, said)
        said = await self._finished(said, thread, caller, wait=bool(params.get("wait", True)))
        seq = await asyncio.to_thread(self._last_audit, plan_id)
        return {"shape": shapes.decision(said, plan_id=plan_id, audit_seq=seq), "text": _text(said)}

    async def _command(self, caller: Caller, params: Mapping[str, Any]) -> Answer:
        """Say a text command (`pending`, `cancel p-…`) and answer with its turn."""
        thread = _thread(params)
        said = await self._runner.conversation.say(self._mention(caller.principal, thread, str(params["text"])))
        return await self._told(said, thread)

    async def _told(self, said: Turn, thread: ThreadRef) -> Answer:
        """Return what a turn prints; an execution with the place in the record where its newest entry stands."""
        shape = shapes.turn(said, thread.thread)
        if shape.get("execution") is not None:
            shape["execution"]["audit_seq"] = await asyncio.to_thread(self._last_audit, shape["plan_id"])
        return {"shape": shape, "text": _text(said)}

    async def _playbook(self, caller: Caller, params: Mapping[str, Any]) -> Answer:
        """Do an order about a playbook: `do`, `name`, `version`, `text`."""
        thread = _thread(params)
        try:
            do = Do(str(params["do"]))
        except ValueError:
            raise BadRequest(f"a playbook cannot be told to {params['do']}") from None
        order = Order(
            do=do,
            name=str(params.get("name") or ""),
            version=str(params.get("version") or ""),
            text=str(params.get("text") or ""),
        )
        said = await self._runner.conversation.order(self._mention(caller.principal, thread, ""), order)
        return {"shape": shapes.turn(said, thread.thread), "text": _text(said)}

    async def _sync(self, caller: Caller, params: Mapping[str, Any]) -> Answer:
        loop = asyncio.get_running_loop()

        def told(progress: Progress) -> None:
            cell = progress.cell
            where = f"{cell.cloud.value}/{cell.account[:8]}/{cell.region}/{cell.service}"
            words = (
                f"{progress.done}/{progress.total}  {where}  {progress.status.value}  {progress.resources:,} resources"
            )
            asyncio.run_coroutine_threadsafe(caller.say(words), loop)

        newer_than = datetime.fromisoformat(str(params["newer_than"])) if params.get("newer_than") else None
        try:
            report = await self._runner.sync(only=str(params.get("only") or ""), progress=told, newer_than=newer_than)
        except NoSuchCells as error:
            raise BadRequest(
                f"{error}; name a part such as aws/dev/us-east-1/ec2, `escher status` lists the accounts"
            ) from None
        return {"shape": report.as_json(), "text": ""}

    async def _report(self, caller: Caller, params: Mapping[str, Any]) -> Answer:
        await caller.say("asking the clouds for costs and metrics")
        component = await self._runner.report_card(_thread(params))
        shape = {"schema": shapes.SCHEMA, "kind": "answer", "components": [component.model_dump(mode="json")]}
        return {"shape": shape, "text": plain.render(component)}

    async def _audit_verify(self, caller: Caller, params: Mapping[str, Any]) -> Answer:
        del caller
        anchor = Path(str(params["anchor"])) if params.get("anchor") else None
        if anchor is not None:
            try:
                anchor_in(anchor)
            except NoAnchor as error:
                raise BadRequest(f"{error}; name a file that `escher audit export` wrote") from None
        record = self._runner.engine.record
        found = await asyncio.to_thread(verify, record.database, record.keys, anchor)
        shape = {
            "schema": shapes.SCHEMA,
            "ok": found.ok,
            "entries": found.entries,
            "first_broken": found.first_broken,
            "complete_up_to": found.complete_up_to,
        }
        return {"shape": shape, "text": found.sentence}

    async def _audit_export(self, caller: Caller, params: Mapping[str, Any]) -> Answer:
        del caller, params
        lines = await asyncio.to_thread(
            lambda: list(export(self._runner.engine.audit, self._runner.engine.record.keys))
        )
        return {"shape": {"schema": shapes.SCHEMA, "lines": len(lines)}, "text": "\n".join(map(_line, lines))}

    async def _policy_test(self, caller: Caller, params: Mapping[str, Any]) -> Answer:
        """Plan as somebody else would, keep nothing, and say who could approve."""
        del caller
        try:
            principal = Principal(id=str(params["as"]), display="")
        except ValueError:
            raise BadRequest(
                f"{params['as']} is nobody; write slack:TEAM:USER, teams:TENANT:OBJECT or local:USER"
            ) from None
        workflow = self._runner.engine.workflow
        said = await workflow.rehearse(principal, str(params["text"]))
        policy = workflow.policy()
        if isinstance(said, Refusal):
            return {
                "shape": {"schema": shapes.SCHEMA, "allowed": False, "code": said.code, "message": said.message},
                "text": said.message,
            }
        needs = said.admitted.requirement
        members = tuple(one for one in policy.members_of(needs.roles) if needs.self_allowed or one != principal.id)
        shape = {
            "schema": shapes.SCHEMA,
            "allowed": True,
            "rules": list(needs.rules),
            "roles": list(needs.roles),
            "quorum": needs.quorum,
            "self_allowed": needs.self_allowed,
            "confirm": needs.confirm,
            "who": list(members),
            "targets": len(said.admitted.plan.targets),
        }
        own = "may" if needs.self_allowed else "may not"
        who = ", ".join(members) or "nobody: add members to the role"
        words = (
            f"{len(said.admitted.plan.targets)} resources, rules {', '.join(needs.rules)}: needs {needs.quorum} of "
            f"{' or '.join(needs.roles)}; the requester {own} approve. Who could: {who}"
        )
        return {"shape": shape, "text": words}

    async def _console(self, caller: Caller, params: Mapping[str, Any]) -> Answer:
        del caller, params
        if self._links is None:
            why = "the web console is served by a runner; start `escher run` or `escher demo`"
            if self._runner.regular:
                why = "the web console is off; write enabled = true under [web] and start the runner again"
            return {"shape": {"schema": shapes.SCHEMA, "ok": False}, "text": why}
        link = self._links()
        return {"shape": {"schema": shapes.SCHEMA, "ok": True, "url": link}, "text": link}

    async def _finished(self, said: Turn, thread: ThreadRef, caller: Caller, *, wait: bool) -> Turn:
        """Follow an approved plan to its end, telling each change."""
        view = said.reply
        if not isinstance(view, PlanView) or view.state != "approved":
            return said
        plan_id = view.kept.admitted.plan.plan_id
        if wait:
            with self._platform.watching(ThreadRef.from_key(view.kept.admitted.plan.origin)) as cards:
                running = asyncio.ensure_future(self._runner.engine.workflow.running.wait(plan_id))
                while not running.done():
                    await self._tell_next(cards, caller)
                await running
        del thread
        done = await self._runner.engine.workflow.view(plan_id)
        if isinstance(done, Refusal):
            return said
        shown = self._runner.conversation.showing.shown(done)
        return Turn(shown=shown, reply=done)

    @staticmethod
    async def _tell_next(cards: asyncio.Queue[Component], caller: Caller) -> None:
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                card = await cards.get()
        except TimeoutError:
            return
        if card.kind == "progress":
            at_work = ", ".join(one.name for one in card.targets if one.state is TargetState.RUNNING)
            await caller.say(f"{card.done} of {card.total} done{f', {at_work} under way' if at_work else ''}")

    async def _refresh(self, plan_id: str, said: Turn) -> None:
        """Let the cards on other surfaces follow a decision made here."""
        if isinstance(said.reply, PlanView) and said.reply.execution is None:
            await self._runner.conversation.refresh(plan_id)

    def _mention(self, principal: Principal, thread: ThreadRef, text: str) -> Mention:
        return Mention(
            event_id=_event_id(), principal=principal, thread=thread, text=text, at=self._runner.engine.clock()
        )

    def _last_audit(self, plan_id: str) -> int | None:
        events = self._runner.engine.audit.of_plan(plan_id)
        return events[-1].seq if events else None


def _thread(params: Mapping[str, Any]) -> ThreadRef:
    return ThreadRef(surface=Surface.TERMINAL, channel="terminal", thread=str(params.get("thread") or "default"))


def _event_id() -> str:
    return f"terminal-{secrets.token_hex(12)}"


def _text(said: Turn) -> str:
    return "\n\n".join(plain.render(shown.component) for shown in said.shown)


def _line(entry: object) -> str:
    return entry if isinstance(entry, str) else str(entry)
