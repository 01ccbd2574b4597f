"""Money: bills, spend, forecasts, savings, budgets, rightsizing."""

import re

from agent_server.contract.intent import Action, IntentKind
from agent_server.models.offline.view import Topic, View, rule

_MONEY = rule(
    r"costs?|costing|costed|costliest|costly|spend|spends|spending|spent|bills?|billed|billing|invoices?|"
    r"pric(?:e|es|ing|ey|iest)|expens\w+|budgets?|savings?|cheap\w*|forecast\w*|burn rate|run rate|burn|money|"
    r"dollars?|usd|euros?|eur|"
    r"rightsiz\w*|right-siz\w*|oversized|over-sized|overprovisioned|over-provisioned|overpowered|overpaying|"
    r"wast(?:e|ing|ed|eful)|finops|chargeback|showback|reserved instances?|savings plans?|ris?|commitments?|paying|"
    r"pay|paid|charges|charged|[$€£]\d\S*|"
    r"save(?: \S+){0,4}? (?:if|by|on|money|with|us|a month|per month|from|when|in)|"
    r"(?:can|could|would|do|did|will) (?:we|i) (?:save|claw back|recoup|recover|shave off|get back (?:from|by))|"
    r"too big|amortized"
)
_NOT_MONEY = rule(
    r"(?:save (?:\S+ ){0,6}?(?:as|playbook)|(?:budget|cost|billing) (?:tags?|labels?)|"
    r"billing (?:db|database|vm|service|server|team|app|api|cluster|account)|cost[- ]?center(?:=\S+)?|costcenter|"
    r"price of freedom|pay-\S+)"
)
_STRONG = rule(
    r"(?:claw back|recoup|cost|costs|spend|spending|spent|bill|expensive|budget|savings|forecast|save|rightsizing|oversized|invoice|how much)"
)
_OPTIMIZE = rule(
    r"(?:spend|pay) less|sav(?:e|es|ing|ings)|cut|cuts|trim|reduc\w+|lower|optimi[sz]\w*|cheap(?:er|ly|en)?|"
    r"rightsiz\w*|right-siz\w*|oversized|over-sized|overprovisioned|over-provisioned|overpowered|overpaying|wast\w+|"
    r"shrink|bring down|too big|get (?:\S+ ){1,4}down|slash|shave|recommend\w*|commitments?|reserved instances?|"
    r"savings plans?|too much|claw back|recoup|recover"
)
_COMPARE = rule(
    r"vs|versus|compare\w*|comparison|against|compared|(?:more|less|higher|lower|cheaper) than(?: .*)?|difference|"
    r"(?:month|week|year|day)[- ](?:over|on|to)[- ](?:month|week|year|day)|mom|yoy|wow|delta|"
    r"(?:more|most|less) expensive(?:,)? (?:aws|azure|gcp)(?: .*)?"
)
_FORECAST = rule(
    r"forecast\w*|project(?:ed|ion|ions)|predict\w*|estimat\w+|expected|"
    r"will (?:we|it|i|our|the|aws|azure|gcp)(?: .*)?|will (?:\S+ ){1,4}?(?:cost|spend|bill)(?: .*)?|"
    r"(?:going|on track|on course|set) to(?: .*)?|next (?:month|quarter|year|week)|"
    r"end of (?:the )?(?:month|year|quarter)|by (?:the )?end of|run rate|outlook|trajectory|on pace|eom|eoy|heading|"
    r"trending to"
)
_EXPLAIN = rule(
    r"why|explain|what (?:drove|caused|is driving|made|happened|led|explains|'s driving|'s behind|'s causing|changed|"
    r"pushed)(?: .*)?|whats (?:driving|behind|causing)(?: .*)?|drivers?|reasons?|cause|caused|"
    r"(?:spike|jump|increase|surge|anomal\w+|rise|bump)(?:s|d)?|how come|went up|root cause|blame|anomaly|anomalies|"
    r"unusual|where (?:is|does|did) (?:the|that|this|all) (?:\S+ ){0,3}?(?:come|coming|money)(?: .*)?|"
    r"what (?:is|are) (?:all )?(?:the|this|that|these) (?:\S+ )?charges?"
)
_PERCENT = re.compile(r"(?<!\S)(\d+(?:\.\d+)?) ?(?:%|percent)(?!\S)")
_BUDGET = rule(r"budgets?")
_CREATES = rule(r"(?:create|launch|provision|spin up)(?: .*)?")
_MOST = rule(r"(?:most expensive|costliest|priciest|biggest (?:cost|spend|bill)\w*|top)(?: .*)?")
_INCREASE = rule(
    r"(?:what (?:drove|is driving|caused|explains|'s driving|'s behind)|whats driving|why (?:is|did|was|has|are)|"
    r"explain (?:the|this|that|our))(?: \S+){0,6}? (?:increase|jump|spike|spiked|jumped|surge|rise|up so much|go up|"
    r"gone up|went up|going up|higher)(?: .*)?"
)
_WHICH_MOST = rule(
    r"(?:most expensive|costliest|priciest|cheapest) (?P<by>region|service|account|team|project|subscription|"
    r"resource group|environment|cloud)(?P<many>s)?"
)
_BY = r"region|service|account|team|project|subscription|resource group|environment|cloud|owner|department|product|day|resource type|cost center"
_WHOSE = rule(rf"(?:which|what|whose|top(?: \d+)?) (?P<by>{_BY})(?P<many>s)?(?: 's)?(?: .*)?")
_RANKS = rule(r"(?:most|least|expensive|costliest|priciest|cheapest|highest|lowest|biggest|largest|top)(?: .*)?")
_NAMED = {"environment": "env", "resource type": "type"}
_WHO = rule(r"who (?:spends|spent|is spending|costs|pays)(?: .*)?")
_GREW = rule(
    r"(?:grew|grown|growing|grows|growth|rose|risen|rising|increased|increasing|climbed|went up|gone up|"
    r"going up)(?: \S+){0,3}? (?:the )?(?:most|fastest|quickest|sharpest)(?: .*)?|"
    r"(?:biggest|largest|highest|fastest|sharpest) (?:growth|increase|rise|grower|jump)(?: .*)?"
)
_GREW_MOST = rule(
    rf"(?:which|what|whose) (?:{_BY})s?(?: 's)?(?: (?:spend|spending|costs?|bill))?(?: (?:is|are|has|have))? (?:grew|"
    rf"grown|growing|grows|rose|risen|rising|increased|increasing|climbed)(?: .*)? (?:most|fastest|quickest)(?: .*)?"
)
_TOP_SERVICES = rule(r"(?:top|biggest|largest) (?:\d+ )?(?:services|products|cost drivers)(?: .*)?")
_UNTAGGED = rule(
    r"how much(?: of (?:it|that|this|our|the|my|all)(?: \S+){0,2}?)? (?:is|was|goes|went|are|has|"
    r"have)(?: \S+){0,2}? ?(?:untagged|not tagged|unallocated|unattributed|"
    r"(?:without|with no|no) (?:a |an |the |any )?(?:\S+ )?(?:tags?|owner|team))(?: .*)?"
)
_NOBODYS = rule(r"unallocated|unattributed")
_SPENDS = rule(r"what (?:does|do|did|is|are) (?:\S+ ){1,5}?(?:spend|spending|paying|pay)(?: .*)?")
_IMPROVES = rule(
    r"(?:how|where|what|which|can|could|any|find|show|give|suggest|recommend\w*|list|cut|reduce|lower|save|savings?|"
    r"rightsiz\w*|optimi[sz]\w*|identify|trim|ways?|help|tips|potential|are|is|do|would|most|i)(?: .*)?"
)
_SAVES = rule(r"sav\w+|cut|reduce|optimi[sz]\w*|oversized|rightsiz\w*|wast\w+")
_SERVICES = rule(r"(?:services?|products?)")
_KEPT = frozenset({
    "period", "group_by", "tags", "region", "account", "subscription", "project", "resource_group", "limit", "name", "exclude", "idle", "namespace", "cluster", "missing_tags", "tagged", "zone", "attached", "unused_days", "age_days", "state", "engine", "instance_type", "tags_present", "os",
})  # fmt: skip


def money(view: View) -> Topic | None:
    """Recognise a question about money; a change that only mentions it ("tag … costcenter=9") is not one."""
    stripped = _NOT_MONEY.sub(" ", view.plain)
    if not _is_money(view) or (view.verbs and not _only_asks(view)):
        return None
    if not _STRONG.search(stripped) and view.has(rule(r"ri|ris|pay|paid|burn|charged")) and not view.question:
        return None
    filters: dict[str, object] = {}
    action = _action(view)
    percent = _PERCENT.search(view.line)
    if percent and action is Action.COST_EXPLAIN:
        value = float(percent[1])
        filters["percent"] = int(value) if value.is_integer() else value
    if view.has(_BUDGET) and action is Action.COST_REPORT:
        filters["budget"] = True
    return Topic(intent=IntentKind.COST, action=action, filters=filters | _grouping(view, action), keep=_KEPT)


def spends(view: View) -> bool:
    """Whether it asks what somebody spends, which nobody wants explained as a notion."""
    return view.has(_SPENDS) and bool(view.of("tags", "period", "name", "kind"))


def _is_money(view: View) -> bool:
    """Whether money is spoken of, or something of which only money is told that way: what grew the most, the top services."""
    said = _MONEY.search(_NOT_MONEY.sub(" ", view.plain)) or _is_bare_increase(view)
    return bool(said) or any(view.has(one) for one in (_GREW_MOST, _TOP_SERVICES, _UNTAGGED))


def _grouping(view: View, action: Action) -> dict[str, object]:
    """Return by what a question wants spending told, where its words say so in another way than "by region"."""
    if action not in {Action.COST_REPORT, Action.COST_EXPLAIN}:
        return {}
    said: dict[str, object] = {}
    if view.has(_GREW):
        said["sort"] = "growth"
    if view.has(_NOBODYS):
        said["tagged"] = False
    if view.of("group_by"):
        return said
    which = _WHICH_MOST.search(view.line) or (_WHOSE.search(view.line) if view.has(_RANKS) or said else None)
    if which:
        word = _NAMED.get(which["by"], which["by"].replace(" ", "_"))
        one = {} if which["many"] or view.of("limit") or said else {"limit": 1}
        return {**said, "group_by": word, **one}
    if view.has(_WHO):
        return {**said, "group_by": "team"}
    if action is Action.COST_REPORT and view.has(_MOST) and view.has(_SERVICES):
        return {**said, "group_by": "service"}
    return said


def _is_bare_increase(view: View) -> bool:
    """'What drove the ec2 increase': with no metric named, what goes up is money."""
    return bool(_INCREASE.search(view.line)) and not view.of("metric", "name") and not view.verbs


def _only_asks(view: View) -> bool:
    """'How much would we save if we stopped …', "how do we cut our bill", "reduce our azure spend": money is the object."""
    if view.question and not rule(r"(?:and|then|,|;) (?:stop|delete|resize|terminate|remove|shut)(?: .*)?").search(
        view.line
    ):
        return True
    objects = rule(
        r"(?:reduce|cut|lower|trim|shrink|optimi[sz]e|bring down|slash|rightsize|raise|change|set|update|compare|"
        r"increase) (?:\S+ ){0,5}?(?:bills?|costs?|spend|spending|budget|waste)(?: .*)?"
    ).search(view.line)
    return bool(objects)


def _action(view: View) -> Action:
    line = view.line
    if _OPTIMIZE.search(line) and _IMPROVES.search(line) and not line.startswith("why ") and not _compares_only(line):
        return Action.COST_OPTIMIZE
    if _EXPLAIN.search(line):
        return Action.COST_EXPLAIN
    if _FORECAST.search(line) and not rule(r"compare|vs|versus").search(line):
        return Action.COST_FORECAST
    if _COMPARE.search(line):
        return Action.COST_COMPARE
    return Action.COST_REPORT


def _compares_only(line: str) -> bool:
    """Whether a word such as "cheaper" stands in a comparison: "is aws cheaper than azure"."""
    return bool(_COMPARE.search(line)) and not _SAVES.search(line)
