"""Words that try to get around the rules: bypassed approval, injected instructions, secrets fished for.

The patterns look at words only and are shared by every model: what a message tries does not depend on who reads it. A hit
never stops a request by itself; it makes it dangerous, and the words take no part in understanding what is asked.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Attempt(StrEnum):
    """What the words try to do."""

    BYPASS = "bypass"
    INJECT = "inject"
    EXTRACT = "extract"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tampering:
    """One attempt, and where in the text it stands."""

    attempt: Attempt
    start: int
    end: int


_RULES_WORD = r"(?:instructions?|rules?|guidelines?|guardrails?|prompts?|polic(?:y|ies)|restrictions?|directives?|constraints?|programming|training|safety|safeguards?|limits|limitations|filters)"
_APPROVAL = r"(?:approvals?|approvers?|approval (?:step|flow|process|gate|check)s?|confirmations?|reviews?|policy|policies|guardrails?|validation|safety checks?|checks|risk (?:assessment|checks?)|permission checks?|sign-?offs?)"
_RULES: tuple[tuple[Attempt, str], ...] = (
    (Attempt.INJECT, rf"(?:ignore|disregard|forget|override|overrule|bypass|drop|discard|skip|neglect|violate|unlearn|erase|void)(?: (?:all|any|of|your|the|my|previous|prior|earlier|above|preceding|those|these|every|everything|system|and|safety|former|existing|other|own|security|original|initial))* {_RULES_WORD}"),
    (Attempt.INJECT, r"(?:ignore|forget|disregard)(?: (?:all|everything|anything|whatever|what)){1,2}(?: (?:you (?:were|have been|are) told|i said|above|before|previous(?:ly)?|you know|said))"),
    (Attempt.INJECT, r"(?:^|[\s\[(<#*\"'])(?:system|sys|admin|administrator|developer|root|sudo|debug|maintenance|god|dan|assistant|agent|ai|bot|model|operator|supervisor|policy engine|approval service)(?: (?:override|mode|prompt|message|instruction|note|notice|directive|command|update|broadcast|alert))? ?(?:mode)?(?: ?\]| ?>| ?\)|\*\*)? ?:(?!//)"),
    (Attempt.INJECT, r"<\/?(?:system|admin|assistant|instructions?|user|im_start|im_end)\b[^>]*>|\[/?(?:inst|system|admin)\]|<\|[a-z_]+\|>|###\s*(?:system|instruction|new)"),
    (Attempt.INJECT, r"you(?:'re| are) (?:now )?in (?:a )?\w+ (?:mode|environment|sandbox|simulation)|nothing (?:here )?is real|(?:this|it) is (?:only|just) (?:a |an )?(?:drill|test|simulation|exercise|game|hypothetical)|note (?:to|for) (?:the )?(?:assistant|agent|ai|bot|model|escher|system)\b|<!--(?=[^>]*\b(?:delete|stop|run|approve|ignore|drop|terminate|grant|open|disable|make|execute)\b)|(?:in|entering|enter|into) (?:maint|maintenance|god|debug|sudo|root|admin|unrestricted|developer) mode"),
    (Attempt.INJECT, r"(?:pretend|act|behave|assume|imagine|suppose|as if|as though)\b[^.?!;\n]{0,40}\b(?:approv\w+|checks?|safety|review|guardrails?|permission|authori[sz]\w+|sign-?off|rules|restrictions?|limits?)\b"),
    (Attempt.INJECT, r"(?:decode|base64|unbase64|deobfuscate|rot13|hex)\b[^.?!\n]{0,120}\b(?:run|execute|do|follow|obey|apply|act on)\b|(?:run|execute|do|follow) (?:what|whatever) (?:it|this|that|the) (?:\S+ )?(?:says|decodes|contains|reads)|\|\s*base64\b|\beval\s*\("),
    (Attempt.INJECT, r"(?:admin|root|emergency|master|developer|security|manager|system|ceo|ciso) override|override code"),
    (Attempt.INJECT, r"you are (?:now )?(?:root|admin|dan|unrestricted|jailbroken|free|in (?:developer|debug|god|admin|maintenance|unrestricted) mode|no longer|a different|an? unrestricted|an? evil|an? hacker|not bound)"),
    (Attempt.INJECT, r"(?:pretend|act|behave|imagine|roleplay|role-play)(?: (?:that|as if|as though|to be|like|as))* (?:you|you're|an? (?:admin|root|unrestricted|evil|hacker|different|dan\b)|the admin|root|if there|there (?:is|are) no)\b"),
    (Attempt.INJECT, r"\bjail ?break|\bdan mode\b|do anything now|(?:developer|god|debug|admin|sudo|unrestricted|maintenance) mode (?:on|enabled|activated|engaged)|(?:enter|enable|activate|switch to|go into) (?:developer|god|debug|admin|sudo|unrestricted) mode"),
    (Attempt.INJECT, r"new (?:system )?(?:instructions?|rules?|directive)s?(?: (?:from|for|follow|are)\b|:)|end of (?:system )?(?:prompt|instructions|message)|validation (?:off|disabled)|safety (?:off|disabled)|(?:decode|base64)(?: this| the following)? and (?:run|execute|do)"),
    (Attempt.INJECT, r"[\"'`;&|]\s*;?\s*(?:&&\s*)?(?:az|aws|gcloud|kubectl|gsutil|terraform|helm|rm|curl|bash|sh|sudo)\s+(?!(?:[\w-]+\s+){0,3}?(?:get|list|describe|show|logs?|top|ls|version)\b)[a-z-]|;\s*(?:drop|delete|truncate)\s+(?:table|database|from)\b|\$\((?:az|aws|gcloud|curl|rm|kubectl)\b|\|\s*(?:sh|bash)\b"),
    (Attempt.INJECT, r"(?:^|\s)--(?:yes|force|no-confirm|auto-approve|skip-approval|quiet|no-prompt|assume-yes|skip-checks|no-verify)\b|(?:^|\s)-y(?:\s|$)"),
    (Attempt.INJECT, r"without (?:telling|notifying|informing|alerting|letting) (?:anyone|anybody|the|them|my|our|him|her|security|people)|(?:don't|dont|do not) (?:log|record|audit|tell anyone|tell anybody|mention|notify|inform|tell the|leave (?:a|any) trace)|(?:no|without) (?:audit|trace|logging it|log entry|record)(?: trail)?\b|off the record|cover (?:your|my|our|the) tracks"),
    (Attempt.BYPASS, rf"(?:skip(?:ping)?|bypass(?:ing)?|circumvent(?:ing)?|avoid(?:ing)?|evad(?:e|ing)|get(?:ting)? around|work(?:ing)? around|ignor(?:e|ing)|forgo|forget|sidestep|dodg(?:e|ing)|omit(?:ting)?|override|overrid(?:e|ing)|suppress)(?: (?:all|any|of|your|the|my|this|that|usual|normal|two-person|two person|second|manager|human|our|every|about|security|needing|for|asking|waiting|required|standard))* {_APPROVAL}"),
    (Attempt.BYPASS, r"(?:without|no need (?:for|of)|no|w/o|needs? no|requires? no|(?:don't|dont|do not)(?: (?:need|wait for|ask for|require|bother with))|not? (?:needing|asking for|waiting for))(?: (?:any|an?|the|further|asking|asking for|waiting|waiting for|getting|my|more|additional|manager|human|second|requiring|needing|to wait for|to ask for))* (?:approvals?|approver|confirmation|confirming|sign-?off|review|permission)(?:s)?(?: (?:needed|required|necessary|this time|please))?(?! (?:rules?|settings?|policy|polic|group|list))"),
    (Attempt.BYPASS, r"(?:already|pre-?|fully|been|is|was|has been|have been|consider (?:it|this)|it's|its|i am|i'm|this is|you (?:already )?have)(?: (?:already|been|got|have|has|the|my|full|an?|all|pre-?))* ?(?:approved|approval|authorized|authorised|authorization|pre-?approved|greenlit|okayed|cleared)(?: (?:by|from|granted|given))?(?= |\b)(?!.*\?)"),
    (Attempt.BYPASS, r"(?:approvals?|checks?|confirmations?|reviews?|safeguards?|guardrails?|safety|policy|policies|restrictions?|limits?|approval (?:workflow|process|step|flow|gate)|rules?|protections?)(?: (?:are|is|has been|have been|been|was|were|now|all|currently|temporarily|hereby))* (?:off|disabled|suspended|not (?:needed|required)|waived|lifted|paused|void|bypassed|(?:switched|turned) off)"),
    (Attempt.BYPASS, r"(?:don't|dont|do not|never|without|no need to)(?: (?:show(?:ing)?|post(?:ing)?|send(?:ing)?|creat(?:e|ing)|mak(?:e|ing)|open(?:ing)?|display(?:ing)?|rais(?:e|ing)|us(?:e|ing)|even))+(?: (?:an?|any|the|me))* (?:approval|approve|confirmation|plan|review|card|dialog|prompt)|approve (?:\S+ ){1,4}?(?:on behalf of|in the name of|instead of|posing as|pretending to be)|already(?: (?:just|long|been|fully))* signed(?: (?:it|this|that|the change|the plan))? off|signed (?:it|this|that|the change|the plan) off|(?:this|it|that|change|plan|request)(?: (?:has been|is|was|already|got))+ signed off|(?:treat|count|regard|see|mark|take)(?: (?:this|it|that|the \S+))? as (?:already )?(?:approved|authori[sz]ed|confirmed|signed off|reviewed)|(?:change|request|plan|ticket|cab|chg-?\d+|inc-?\d+)\b[^.?!\n]{0,20} (?:pre-?approved|already covers (?:it|this))(?: by \w+)?|(?:get|ask for|do|file|sort)(?: the)? (?:approval|paperwork|ticket|review)s? (?:later|afterwards|after|tomorrow)|approve (?:it |this )?(?:later|afterwards|after the fact)|no time (?:for|to)(?: \S+){0,3} (?:approv\w+|review\w*|wait)|rubber[- ]?stamp|four[- ]eyes (?:is|are)? ?(?:off|not needed)|i(?:'ll| will) (?:take|assume) (?:full )?responsibility|(?:i|we|you)(?: hereby)? (?:authori[sz]e|permit|allow) you to (?:skip|bypass|ignore|override)"),
    (Attempt.BYPASS, r"(?:approval|authorization|permission|clearance|sign-?off)(?: (?:is|was|has been|already|have been))* (?:granted|given|obtained|received|not (?:needed|required|necessary)|waived|optional|unnecessary)"),
    (Attempt.BYPASS, r"(?:(?:self|auto)[- ]?approve|approve)(?: (?:it|this|that|them|everything|all|the plan|your own|your))(?: (?:yourself|automatically|for me|on my behalf|as admin|right away|immediately))|(?:instructions|rules|prompt|guidelines) and approve\b|approve (?:and|then) (?:run|execute)|mark (?:it|this|the plan) (?:as )?approved|auto-?approve (?:it|this|yourself|the)"),
    (Attempt.BYPASS, r"(?:my|our|the) (?:manager|boss|ceo|cto|ciso|director|vp|lead|admin|owner|security team|head of \w+|team lead)(?: (?:has|have|already|just|had))* (?:said|says|approved|ok'?d|okayed|signed|authorized|authorised|told me|gave|confirmed|wants it done|cleared)(?! me to (?:ask|check|report))"),
    (Attempt.BYPASS, r"(?:don't|dont|do not|no need to|never|stop)(?: (?:you|even|bother|need))* (?:ask(?:ing)?(?: (?:me|anyone|for|any|questions))?(?: (?:for )?(?:approval|confirmation|permission|questions))?|confirm(?:ing)?|seek(?:ing)? approval|wait(?:ing)? for (?:approval|confirmation|anyone|me))(?!.*\?)(?=$|[\s,.;!])|no questions asked|just do it\b(?!.*\?)|(?:run|execute|do) (?:it|this|that) (?:as (?:root|admin)|now without)"),
    (Attempt.BYPASS, r"(?:on behalf of|as if you were|impersonat\w+|use|using|with) (?:the )?(?:admin|root|ceo|owner|another user|someone else)(?:'s)? (?:account|credentials|identity|role|rights|token)|i(?:'m| am) (?:the |an? |your )?(?:ceo|cto|ciso|admin(?:istrator)?|root|developer|creator|owner of escher|super ?user)\b[^?]*\b(?:so|just|do|run|delete|open|stop|give|grant|now)\b"),
    (Attempt.EXTRACT, r"(?:reveal|show|print|tell|give|leak|dump|expose|share|display|output|send|echo|list|what(?:'s| is| are)|paste|repeat|read|export|post|return|write out|exfiltrate|disclose|spit out)(?: (?:me|us|out|back|it|all|any|of|your|the|its|to me|here|full|entire|exact|hidden|complete|internal|secret|stored|saved|raw|own|my|our|plain ?text|current|everything|in|verbatim|actual|and))* (?:system prompt|prompt|initial instructions|system message|api[- ]?keys?|hidden instructions|(?:your|system|internal|secret) (?:instructions|configuration|config|rules|secrets?|tokens?|credentials|passwords?|keys?|env(?:ironment)?(?: vars| variables)?)|bot tokens?|master key|(?:private|signing) keys?(?! (?:pairs?|older|vault|rotation))|slack tokens?|any tokens|tokens you hold|credentials you|(?:plain ?text|clear ?text|decrypted values?|raw values?|contents?|values?) (?:of|from|for) (?:\S+ ){0,6}?(?:secrets?|passwords?|credentials?|private keys?|tokens?|key ?vaults?|secrets ?manager)\b|(?:aws|azure|gcp|cloud|bot|slack|api|access|your) (?:keys?|credentials|tokens?|secrets?) (?:you|that you|escher|which you)|(?:stored|saved|plain ?text|aws|azure|gcp|cloud|admin|root|database|db) (?:credentials|passwords?|secret keys?)|secret access keys?|secret values?|values? of (?:the |all )?(?:secret|password)s?|passwords?\b(?! (?:polic|rotation|age|expir|last)))"),
    (Attempt.EXTRACT, r"(?:environment variables?|env vars?|process environment|memory|config(?:uration)?|settings file|secrets?|logs?|source code) (?:of|in|inside|from) (?:your|escher's|the bot's) (?:process|container|server|environment|own|runtime|memory|host|config\w*|prompt)|(?:secrets?|tokens?|keys?|passwords?|credentials)(?: (?:are|is|do|does|that|which|did))* (?:you|escher|the bot)(?: (?:have|has|hold|holds|store|stores|know|knows|use|uses|remember|were|got|run|work|operate|authenticate|log in|start|are running|can see))|what (?:were|are|was) you (?:told|given|instructed|fed|loaded)\b[^.?!\n]{0,40}(?:first|initial|start|begin|message|prompt|before|system)|your (?:very )?(?:first|initial|original|opening|hidden) (?:message|prompt|instructions?)|loaded with(?: \S+){0,2}$|(?:secrets?|tokens?|keys?|passwords?|credentials|instructions)(?: (?:are|is|that are|stored|kept|saved|held|hidden))* (?:in|inside|within) your (?:memory|context|prompt|config\w*|environment|instructions|system|brain|head|env)"),
    (Attempt.EXTRACT, r"(?:repeat|print|output|echo|say|copy)(?: (?:back|out|me))? (?:everything|all|the text|the words|the above|what(?:ever)?|your)(?: (?:is|was|text|words|content|lines|written|stands|you were told|i|came|comes))* ?(?:above|before|verbatim|so far|prior|initial)"),
    (Attempt.EXTRACT, r"(?:post|send|upload|exfiltrate|forward|email|curl|ship)\b[^.?!]{0,60}\b(?:secrets?|credentials|tokens?|passwords?|api keys?|private keys?|access keys?|env(?:ironment)? variables)\b[^.?!]{0,40}\b(?:to|at|on|via)\b"),
    (Attempt.INJECT, r"write (?:me )?(?:an? )?(?:malware|virus|ransomware|exploit|keylogger|phishing)|(?:help|how) (?:me )?(?:to )?hack\b|hack into"),
    (Attempt.INJECT, r"<![a-z]+>[^.]{0,40}\b(?:ignore|approve|delete|execute|disregard)\b"),
)  # fmt: skip
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"'})


_SHORT = {"your": "ur", "you": "u", "previous": "prev", "message": "msg"}


def _any_gap(pattern: str) -> str:
    """Let every space of a pattern stand for any white space, as much as there is."""
    return re.sub(r" (\??)", lambda match: r"\s*" if match[1] else r"\s+", pattern)


def _chatty(pattern: str) -> str:
    """Let words be written as they are in chats: "ur" for "your"."""
    return re.sub(
        r"(?<![\w\\])(?:your|you|previous|message)(?![\w?])", lambda word: f"(?:{word[0]}|{_SHORT[word[0]]})", pattern
    )


_COMPILED = tuple(
    (attempt, re.compile(rf"(?:(?<!\w)(?=\w)|(?=\W|^))(?:{_any_gap(_chatty(pattern))})")) for attempt, pattern in _RULES
)


def visible(text: str) -> str:
    """Return a text without characters that cannot be seen but part words: zero-width, soft hyphen, direction marks."""
    return _INVISIBLE.sub("", text)


def attempts(text: str) -> Iterator[Tampering]:
    """Yield every attempt in a text, in no particular order; positions are those of the text, which should be `visible`."""
    plain = text.lower() if text.isascii() else "".join(map(_folded, text.translate(_QUOTES)))
    for attempt, pattern in _COMPILED:
        for match in pattern.finditer(plain):
            if match[0].strip():
                yield Tampering(attempt=attempt, start=match.start(), end=match.end())


def tampers(text: str) -> bool:
    """Whether a text tries anything at all."""
    return next(attempts(visible(text)), None) is not None


def _folded(char: str) -> str:
    """Return the plain lower-case form of a letter in disguise (full width, circled, …) where that is one letter too."""
    plain = unicodedata.normalize("NFKC", char).lower()
    return plain if len(plain) == 1 else char
