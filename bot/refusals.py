"""The sentences with which the conversation itself says no, apart from what the engine refuses."""

from bot.spoken import Verb
from engine.principal import Principal, Standing
from engine.refusal import Refusal

MOST_TEXT = 4000
_ABOUT = {
    Verb.DETAILS: "show the details of",
    Verb.LOG: "show the record of",
    Verb.WHY: "explain",
}


def too_long(length: int) -> Refusal:
    """A message is longer than what is understood."""
    return Refusal(
        code="message.too_long",
        message=f"That is {length:,} characters; I read at most {MOST_TEXT:,}. Say it shorter, or in two messages.",
    )


def which_plan(verb: Verb) -> Refusal:
    """A command names no plan, and the thread has none that it could mean."""
    return Refusal(
        code="plan.which",
        message=f"I see no plan in this thread that I could {_ABOUT.get(verb, verb.value)}. "
        f"Say its id, such as `{verb.value} p-7f3a9k2m`.",
        doors=("pending",),
    )


def no_such_id(named: str) -> Refusal:
    """What a command names cannot be a plan's id."""
    return Refusal(
        code="plan.id",
        message=f"{named} is no plan's id: that is p- with eight letters or digits, as it stands on the card. Nothing was done.",
        doors=("pending",),
    )


def say_why(plan_id: str) -> Refusal:
    """A rejection came without its reason."""
    return Refusal(code="reject.reason", message=f"Say why: reject {plan_id} <reason>.")


def how_to_change() -> Refusal:
    """How a waiting plan becomes another one."""
    return Refusal(
        code="plan.change",
        message="Say in this thread what should be different, such as “all but web-1” or “only the ones in us-east-1”; "
        "I will show a new plan. This one stays as it is.",
    )


def stranger(principal: Principal) -> Refusal:
    """Whoever the policy gives no role."""
    what = {
        Standing.GUEST: "Guests may not use Escher",
        Standing.EXTERNAL: "People of other organisations may not use Escher",
        Standing.BOT: "Bots may not use Escher",
        Standing.MEMBER: "The policy gives you no role",
    }[principal.standing]
    return Refusal(
        code="policy.stranger",
        message=f"{what}. You are {principal.id}.",
        doors=("ask the operator of Escher to add you to a role of the policy",),
    )
