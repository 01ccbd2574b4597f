"""How-to, concept and capability questions: nothing is to be done now."""

import re

from agent_server.contract.intent import Action, IntentKind
from agent_server.models.offline.entities.names import is_shaped
from agent_server.models.offline.steps import WATCHERS
from agent_server.models.offline.topics.money import spends
from agent_server.models.offline.view import Topic, View, rule

_HOW = rule(
    r"(?:how (?:do|can|would|should|could|might) (?:i|we|you|one|people|someone)|"
    r"how (?:i|we|one) (?:can|could|should|must|may|do)|how to|"
    r"how does (?:one|escher|the|an?|this|it|approv\w*|your)|"
    r"how do (?:approv\w*|playbooks?|alerts?|reports?|the|your|those)|"
    r"how (?:are|is) (?:plans?|approvals?|risk|a plan|the risk|costs?) (?:calculated|computed|decided|made|approved|"
    r"scored|handled|stored)|hows (?:the|does)|what(?: 's| is) the (?:process|procedure|way|routine) (?:to|for|of)|"
    r"what(?: 's| is) the (?:best|right|easiest|correct|recommended|proper|syntax|command|way|format|safest) (?:way|"
    r"practice|approach|for|to|command|syntax)?)(?: .*)?"
)
_WHAT = rule(
    r"(?:what (?:is|are|'s|does|do|means?)|whats|what exactly is|define|explain(?: to me)?(?: what)?|describe what|"
    r"tell me what|what 's the meaning of|meaning of|eli5)(?: (?:an?|the|is|are|concept of|difference|"
    r"exactly))* (?P<rest>.+)"
)
_CONCEPT = rule(
    r"(?:what (?:is|'s) an? |whats an? |what are |what does (?:an? |the )?|what do |"
    r"what (?:is|'s) the (?:difference|point|purpose|meaning|idea|concept)|define |explain what |explain how |"
    r"explain the (?:difference|concept)|difference between |what (?:is|'s) meant by|"
    r"what (?:is|are|'s) (?:\S+ ){1,4}?(?:good|used|meant|useful) for|"
    r"what (?:does|do|happens (?:if|when)|is the effect of) (?:\S+ing|you) |when should i use|"
    r"when (?:do|would|to) (?:i|you|we)? ?use|why (?:would|should) (?:i|one|we|you) (?!not\b)\S+|pros and cons|"
    r"best practices?|good practice|what (?:is|'s) (?=\S+(?: \S+)? ?\??$))(?:.*)"
)
_CAPABILITY = rule(
    r"(?:what (?:all )?(?:can|could|do|else can) (?:you|escher|this bot|the bot|i ask|i say|i do|it|we ask|i type)|"
    r"(?:which|what) (?:\S+ ){0,4}?(?:do|can|are|does) (?:you|escher|this|the bot)(?: able to)? (?:support\w*|work|"
    r"handle|know|manage|understand|speak|do|help|cover\w*|integrate|run|offer|deal|scan|see|talk|read|execute|"
    r"perform)|"
    r"do(?:es)? (?:you|escher|this|it|this bot|the bot)(?: (?:also|even|actually))? (?:support|work|handle|know|"
    r"manage|understand|have|store|keep|need|speak|integrate|remember|do|log|run|send|see|train|use|cover|offer|read|"
    r"scan|ask|require)|"
    r"are you (?:able|capable|allowed|an?|going to|secure|safe|human|connected|only)|is escher(?: .*)?|"
    r"is it possible(?: .*)?|can (?:escher|this bot|the bot|it)|"
    r"what (?:commands|features|actions|permissions|operations|clouds|services|languages|happens|are your|"
    r"are the (?:commands|options|limits|supported))|"
    r"who (?:are you|made you|built you)|what are you|how (?:secure|safe|accurate) (?:are|is)|"
    r"where (?:do|does|are|is) (?:you|escher|my credentials|my data|credentials|the audit|your)(?: .*)?|"
    r"what (?:is|'s) escher|who (?:is|are) escher|help|usage|manual|docs|documentation|tutorial|examples?|"
    r"show (?:me )?(?:the )?(?:help|examples?|commands|what you can do)|give me (?:an? |some )?examples?|"
    r"getting started|help me(?: please)?|i need help|tell me what you can do|what(?: 's| is) supported|"
    r"supported (?:clouds|services|operations))(?: .*)?"
)
_ESCHER = re.compile(
    r"(?:can|does|is|will) (?:escher|this bot|the bot)\b|"
    r"do(?:es)? (?:you|it) (?:also |even |actually )?(?:support|handle|know|understand|offer|cover)\b"
)
_POLITE = re.compile(r"^(?:(?:please|pls|hey|hi|hello|ok|so|escher|@escher|kindly|well|quick question|:|,) )+")
_AT_ALL = rule(
    r"(?:can|could|do|will|would) (?:you|escher|this bot|the bot|it) .*(?:at all|or (?:just|only)(?: .*)?|or not|"
    r"by yourself|in general|in principle|on your own|without a human)(?: \?)*"
)
_EXPLAINED = re.compile(
    r"(?:explain (?:what|how|the|why)|define|what does|what (?:is|'s) the difference|difference between)\b"
)
_ONLY_HELP = re.compile(
    r"^(?:please |hi |hey |escher )*(?:help|\?+|usage|manual|man|docs|examples?|commands?)(?: me)?(?: please)?[ ?!.]*$"
)
_CAN_YOU = rule(r"(?:can|could) you(?: (?:also|even|actually|only))* (?P<verb>\S+)(?: (?P<rest>.*))?")
_IF = rule(
    r"what (?:would|does|will) it take(?: .*)?|what (?:would |will )?happens?(?: .*)? (?:if|when)(?: .*)?|"
    r"what if(?: .*)?|what (?:would|will) (?:happen|you do|break)(?: .*)?"
)
_WHY_RULES = rule(
    r"is there (?:like )?an? (?:limit|maximum|max|cap|restriction|rule)(?: .*)?|"
    r"(?:which|what) (?:kinds? of |sort of )?(?:actions?|operations?|changes?|things?|requests?|commands?) (?:need|"
    r"needs|require|requires|must|can|are)(?: .*)?|can (?:i|we|my team|others|people) (?:use|talk to|reach|add|"
    r"invite|install|trust|run|ask|call|have) (?:you|escher|this|the bot)(?: .*)?|"
    r"why (?:do|does|did|is|are|must) (?:i|we|you|escher|the bot|it|this|an?|my)? ?(?:need|needs|have to|require|"
    r"ask\w*|refuse\w*|approv\w*|must)(?: .*)?"
)
_SAFE = rule(r"is it (?:safe|ok|okay|fine|a good idea|bad|recommended|worth)(?: .*)?|should (?:i|we)(?: .*)?")
_IS_IT_SAFE = rule(
    r"is it (?:safe|a good idea|bad|recommended|wise|dangerous|risky|bad practice) to (?!delete the|stop the|remove the|terminate the)\S+(?: .*)?"
)
_CONCRETE = (
    "name",
    "region",
    "tags",
    "period",
    "age_days",
    "zone",
    "container",
    "idle",
    "state",
    "metric",
    "unused_days",
    "limit",
    "attached",
    "about",
    "public",
    "encrypted",
    "tagged",
    "everything",
    "recurring",
    "once",
    "kind_id",
    "port",
    "cidr",
)
_FACTS = rule(
    r"(?:status|state|ip|type|size|owner|region|config\w*|tags|cpu|memory|name|version|bill|cost|policy|wrong|"
    r"going on|running|happening|changed|new|my|our|idle|public|open|left|up|down)"
)


def helping(view: View) -> Topic | None:
    """Recognise a question that wants explaining rather than looking up."""
    if _ONLY_HELP.match(view.line):
        return _help()
    if spends(view):
        return None
    if view.has(_IF) or view.has(_WHY_RULES):
        return _help()
    start = _POLITE.sub("", view.line)
    if _AT_ALL.fullmatch(start) and not _has_facts(view):
        return _help()
    if _HOW.match(start) or _HOW.search(start):
        return None if _asks_facts(view) else _help()
    if (
        _CAPABILITY.match(start)
        and not (view.verbs and not view.question)
        and not (_has_facts(view) if not _ESCHER.match(start) else view.of("name"))
    ):
        return _help()
    if (
        _CONCEPT.match(start)
        and not (
            _has_facts(view) if not _EXPLAINED.match(start) else any(is_shaped(token) for token in view.reading.tokens)
        )
        and not _possessive(view)
    ):
        return _help()
    if _IS_IT_SAFE.match(start) and not view.of("name", "kind_id", "container", "region", "tags", "everything"):
        return _help()
    can = _CAN_YOU.match(start)
    if can and _is_capability(view, can):
        return _help()
    return None


def _help() -> Topic:
    return Topic(intent=IntentKind.HELP, action=Action.HELP, keep=frozenset())


def _asks_facts(view: View) -> bool:
    """'How do we cut our azure bill' asks for savings, "how does cpu look on web-1" for a figure."""
    money = rule(r"(?:cut|save|reduce|lower|spend|bill|savings)(?: .*)?").search(view.line)
    ours = rule(r"(?:our|my|we)(?: .*)?").search(view.line)
    return bool(money and ours and rule(r"(?:bill|cost|costs|spend|spending|money)").search(view.line)) or bool(
        rule(r"how (?:do|does|did) (?:\S+ ){1,4}(?:look|looking|doing|perform|behave)(?: .*)?").search(view.line)
    )


def _has_facts(view: View) -> bool:
    said = [span for span in view.of(*_CONCRETE) if span.value != "deleted"]
    return bool(said) or any(is_shaped(token) for token in view.reading.tokens)


def _possessive(view: View) -> bool:
    """'What are our public buckets' is about things that exist; "what is a public bucket" is not."""
    if rule(
        r"(?:our|my|their|its|them|it|the (?:status|state|ip|size|owner|region|cpu|latest|current|biggest|oldest|"
        r"most)|all the|running|idle|public|unused|unattached|open|these|those|this|that)(?: .*)?"
    ).search(view.line) and not rule(
        r"what (?:is|'s|are|does) (?:an? |the )?(?:difference|public (?:ip|bucket|subnet|access)|private|idle|open)(?: .*)?"
    ).match(view.line):
        return True
    return bool(
        rule(
            r"what (?:are|is|'s) (?:\S+ )?(?:alerts?|alarms?|running|idle|open|wrong|up|new|going|happening|changed|"
            r"the|on|in|left|using|costing)(?: .*)?"
        ).match(view.line)
    ) and not rule(r"what (?:is|'s|are) the (?:difference|point|purpose|meaning|idea|concept|best)(?: .*)?").match(
        view.line
    )


def _is_capability(view: View, can: re.Match[str]) -> bool:
    """'Can you restore deleted buckets?' asks what is possible; "can you stop web-1" is an order."""
    if view.has(rule(r"please|pls|kindly|asap")):
        return False
    if (
        _has_facts(view)
        or view.of("cloud", "account")
        or rule(
            r"(?:please|pls|now|for me|the|all|every|this|that|these|those|my|our|it|them|me|us|your|how many|which|"
            r"whether|if|who|what|why|everything)(?: .*)?"
        ).search(can["rest"] or "")
    ):
        return bool(
            rule(
                r"(?:can|could) you (?:also |even )?(?:work|talk|speak|connect|integrate|understand|manage|handle|support|help)(?: .*)?"
            ).match(view.line)
        ) and not any(is_shaped(token) for token in view.reading.tokens)
    watches = {kind for span in view.of("kind") for _, kind in span.value} & WATCHERS
    return not (watches and view.verbs) and can["verb"] not in {
        "show",
        "list",
        "find",
        "check",
        "tell",
        "give",
        "describe",
        "get",
        "look",
        "count",
    }
