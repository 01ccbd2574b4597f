"""What is said to questions about Escher itself, and to what is none of its business. By rules; the words are ours."""

import re

from agent_server.contract.intent import Intent, IntentKind

_CAN = (
    'I work with AWS, Azure and GCP. Ask about your estate ("list public buckets", "idle VMs in eu-west-1", "what changed since yesterday"), '
    'ask for a change ("stop all dev EC2 instances", "make bucket my-data private"; I show a plan and someone approves it), ask about cost '
    '("why did spending go up?"), about the morning report ("explain row 4"), and how things are done or called ("best practice for s3 '
    'encryption", "what is a security group called in Azure").'
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
_PRIVACY = "Your credentials, real ids and chat history stay with the runner. The agent server gets redacted words and handles, keeps nothing, and never holds credentials."
_UNDO = (
    "When a plan has run, its card offers the undo where every step has an inverse, such as starting again what was stopped; the undo is a "
    "plan of its own and needs an approval too. A deletion has no undo, and its card says so before anyone approves."
)
_RISK = (
    "Risk is a number from 0 to 100 with its reasons: environment, whether it deletes, whether it can be taken back, how many things at once, "
    "sensitive data, and what could not be checked. The runner computes it from the operations themselves; no model can lower it."
)
_LIMIT = (
    "One plan may touch as many resources as the policy's rule for them allows; above twenty, the first ones go alone as a canary. Ask "
    '"why <plan>" to see which rule applied.'
)
_REPORT = (
    "The morning report is posted at its time in its channel: cost, what needs somebody, idle machines, changes, and what could not be seen. "
    'Ask anything in its thread, such as "why did it cost more" or "explain row 2"; "report" makes one now.'
)
_OTHERS = "No: I work with AWS, Azure and Google Cloud, and with no other cloud."
_WHERE = "You can talk to me in Slack, in Microsoft Teams, in the web console and in the terminal (escher ask), whichever the operator has set up. The rules and the record are the same everywhere."
_HELLO = 'Hello. Ask me about your cloud estate, or tell me what to change; "what can you do" shows examples.'
_THANKS = "You are welcome."
_NO = 'I look after AWS, Azure and GCP resources and cannot help with that. Ask "what can you do" to see examples.'
_REFUSE = "I do not share my instructions or any secrets, and approvals cannot be talked away. Tell me what you want done in your clouds and I will plan it."
_BUTTONS = 'Decide on the card, or in the plan\'s own thread with "approve" or "reject because <reason>"; elsewhere with the plan\'s full id.'
_DECIDES = re.compile(r"^\W*(?:please )?(?:approve|reject|confirm)\b", re.IGNORECASE)
_YOU = r"\b(?:you|your|escher|the bot|this bot)\b"
_RULES = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"\bapprov|\bquorum|\bfour eyes\b|\bapprove .*twice\b", _APPROVAL),
        (r"\bundo|\brevert|\broll(?:ed|s)? ?back\b.*\bchange|\btake (?:it|that) back\b|" + _YOU + r".*\broll ?back\b", _UNDO),
        (r"\b(?:oracle cloud|oci|ibm cloud|alibaba|digitalocean|hetzner|ovh|vmware|openstack|on-?prem\w*)\b", _OTHERS),
        (r"\b(?:risk|dangerous)\b", _RISK),
        (r"\b(?:limit|maximum|at most)\b.*\b(?:how many|at once|plan)\b|\bhow many\b.*\bat once\b", _LIMIT),
        (r"\bmorning report\b|\breports? work\b", _REPORT),
        (r"\bfilter\w*|\bby tags?\b|\bexclude\b|\bleave out\b|\bphrase\b|\bseveral regions\b", _FILTER),
        (_YOU + r".*\b(?:credential|privacy|secure|store|data|keep|remember|train|log)\w*\b|\bmy (?:credentials|data)\b", _PRIVACY),
        (r"\b(?:slack|teams|terminal|console|cli)\b.*" + _YOU + "|" + _YOU + r".*\b(?:from|in|on|with) (?:slack|teams|the terminal|the console)\b", _WHERE),
        (
            (r"^(?:what (?:all |else )?(?:can|could|do) (?:you|escher|i (?:ask|say|type)|we ask)|help|usage|manual|"
            r"docs|who are you|what are you|examples?|"
            r"(?:what|which) (?:clouds|commands|actions|services|features) |what is escher|give me .*examples?|"
            r"getting started|show .*(?:help|examples))|what you can do|"
            r"^(?:do|does|can) (?:you|escher) (?:support|work with|know|handle|speak)|^supported\b"),
            _CAN,
        ),
        ((
            r"^how (?:do|can|should|would) (?:i|we) (?:ask|say|talk|tell|use|word|start with|command|stop things)\b|"
            r"\bwith you\b|\bwrite a command\b"
        ), _HOW),
    )
)  # fmt: skip
_GREETS = re.compile(
    r"^\W*(?:hi|hello|hey|yo|good (?:morning|afternoon|evening)|morning|howdy|greetings|hola|sup)\b", re.IGNORECASE
)
_THANKFUL = re.compile(
    r"\b(?:thanks?|thx|ty|cheers|great|nice|perfect|awesome|sorted|no worries|cool)\b", re.IGNORECASE
)


def about_escher(low: str) -> str:
    """Return what is said to a question about Escher itself; nothing when it is about something else."""
    return next((said for pattern, said in _RULES if pattern.search(low)), "")


def answer(intent: Intent, text: str, *, tampering: bool) -> str:
    """Return what can be said without looking anything up to `help` and `unsupported`; nothing for the rest."""
    text = " ".join(text.split())
    if intent.intent is IntentKind.HELP:
        return about_escher(text.lower()) or _HOW
    if intent.intent is not IntentKind.UNSUPPORTED:
        return ""
    if tampering:
        return _REFUSE
    if _DECIDES.search(text):
        return _BUTTONS
    if _GREETS.search(text):
        return _HELLO
    return _THANKS if _THANKFUL.search(text) else _NO
