"""Questions that what the server knows can answer: what a thing is called elsewhere, which command does it, how it is done well."""

from agent_server.contract.intent import Action, IntentKind
from agent_server.models.offline.view import Topic, View, rule

_CLOUD = r"(?:aws|amazon|azure|gcp|google|google cloud)"
_CALLED = rule(
    rf"(?:.* )?(?:equivalents?|counterparts?|analogs?|analogues?) (?:of|to|for|in|on)(?: .*)?|"
    rf"(?:what|whats|how)(?: .*)? called (?:in|on|at|by) {_CLOUD}(?: .*)?|"
    rf"(?:.* )?{_CLOUD}(?: 's)? (?:name|term|word|version|equivalent|counterpart|alternative) (?:of|for|to)(?: .*)?|(?:.* )?in {_CLOUD} terms(?: .*)?"
)
_COMMAND = rule(
    r"(?:which|what|whats|what 's|what is)(?: the| an?)?(?: \S+)? (?:commands?|api calls?|cli commands?|"
    r"operations?)(?: \S+){0,8}?(?: (?:lists?|shows?|gets?|describes?|creates?|deletes?|removes?|starts?|stops?|"
    r"restarts?|attaches|detaches|enables?|disables?|for|to|that))(?: .*)?"
)
_ADVICE = rule(r"(?:.* )?(?:best|good) practices?(?: .*)?")


def knowing(view: View) -> Topic | None:
    """Recognise a question for knowledge, in which nothing is to be looked up in the estate and nothing done."""
    if view.of("name") or not (_CALLED.match(view.line) or _COMMAND.match(view.line) or _ADVICE.match(view.line)):
        return None
    return Topic(intent=IntentKind.HELP, action=Action.HELP, keep=frozenset())
