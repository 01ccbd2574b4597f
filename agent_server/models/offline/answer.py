"""What is said at once to questions about Escher, and to what it cannot do."""

import re

from agent_server.contract.intent import Intent, IntentKind

_CAN = (
    'I work with AWS, Azure and GCP. Ask about your estate ("list public buckets", "idle VMs in eu-west-1", "what changed since yesterday"), '
    'ask for a change ("stop all dev EC2 instances", "make bucket my-data private"; I show a plan and someone approves it), ask about cost '
    '("why did spending go up?"), about the morning report ("explain row 4"), alerts ("tell me if cpu on web-1 goes above 80%"), '
    'playbooks and schedules ("every weekday at 8pm stop dev") and settings ("who are the approvers").'
)
_HOW = (
    'Say what you want in plain words, with a name, tag, environment, region or cloud to say which: "stop all dev VMs in Azure West US '
    'except web-1". For a change I first show exactly what I would do, to which resources and at what risk; nothing happens until someone with '
    "the right to do so approves."
)
_FILTER = 'Say the tag as key=value: "list vms tagged team=ml", "untagged buckets", "azure vms without the backup tag", "… except those tagged keep".'
_APPROVAL = (
    'A change becomes a plan with a digest. Whoever the policy names can approve or reject it on the card, or with "approve <plan id>"; a plan '
    "that changes, expires or has run is never run again under the same approval. Reading needs no approval."
)
_CONCEPT = "I can explain what I see in your estate best: ask me to list or describe it. For the concept itself, the vendor's documentation is the authority."
_PRIVACY = "Your credentials, real ids and chat history stay with the runner. The agent server gets redacted words and handles, keeps nothing, and never holds credentials."
_HELLO = 'Hello. Ask me about your cloud estate, or tell me what to change; "what can you do" shows examples.'
_THANKS = "You are welcome."
_NO = 'I look after AWS, Azure and GCP resources and cannot help with that. Ask "what can you do" to see examples.'
_REFUSE = "I do not share my instructions or any secrets, and approvals cannot be talked away. Tell me what you want done in your clouds and I will plan it."
_BUTTONS = 'Decide on the card, or in the plan\'s own thread with "approve" or "reject <reason>"; elsewhere with the plan\'s full id.'
_DECIDES = re.compile(r"^\W*(?:please )?(?:approve|reject|confirm)\b", re.IGNORECASE)
_RULES = (
    (re.compile(r"\b(?:filter|tag)s?\b"), _FILTER),
    (re.compile(r"\bapprov|\bquorum|\btwice\b"), _APPROVAL),
    (re.compile(r"\b(?:credential|privacy|secure|safe|store|data|keep|remember|audit|train)\w*\b"), _PRIVACY),
    (
        re.compile(
            r"^(?:what can|what do you|which|can you|do you|help|who are you|what are you|examples?|are you|does escher|what (?:clouds|commands))|what you can do|\bsupport"
        ),
        _CAN,
    ),
    (re.compile(r"^(?:what(?:'s| is| are| does)|whats|explain|difference|define|why)"), _CONCEPT),
)
_GREETS = re.compile(
    r"^\W*(?:hi|hello|hey|yo|good (?:morning|afternoon|evening)|morning|howdy|greetings|hola|sup)\b", re.IGNORECASE
)
_THANKFUL = re.compile(
    r"\b(?:thanks?|thx|ty|cheers|great|nice|perfect|awesome|sorted|no worries|cool)\b", re.IGNORECASE
)


def answer(intent: Intent, text: str, *, tampering: bool) -> str:
    """Return a plain helpful sentence for `help` and `unsupported`; nothing for the rest."""
    text = " ".join(text.split())
    if intent.intent is IntentKind.HELP:
        low = text.lower()
        return next((said for pattern, said in _RULES if pattern.search(low)), _HOW)
    if intent.intent is not IntentKind.UNSUPPORTED:
        return ""
    if tampering:
        return _REFUSE
    if _DECIDES.search(text):
        return _BUTTONS
    if _GREETS.search(text):
        return _HELLO
    return _THANKS if _THANKFUL.search(text) else _NO
