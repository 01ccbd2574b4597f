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
    (Attempt.INJECT, rf"(?:ignore|disregard|forget|override|overrule|bypass|drop|discard|skip|neglect|violate)(?: (?:all|any|of|your|the|my|previous|prior|earlier|above|preceding|those|these|every|everything|system|and|safety|former|existing|other|own|security|original|initial))* {_RULES_WORD}"),
    (Attempt.INJECT, r"(?:ignore|forget|disregard)(?: (?:all|everything|anything|whatever|what)){1,2}(?: (?:you (?:were|have been|are) told|i said|above|before|previous(?:ly)?|you know|said))"),
    (Attempt.INJECT, r"(?:^|[\s\[(<#*\"'])(?:system|admin|developer|root|sudo|debug|maintenance|god|dan)(?: (?:override|mode|prompt|message|instruction|note|notice|directive|command|update))? ?(?:mode)?(?: ?\]| ?>| ?\)|\*\*)? ?:(?!//)"),
    (Attempt.INJECT, r"<\/?(?:system|admin|assistant|instructions?|user|im_start|im_end)\b[^>]*>|\[/?(?:inst|system|admin)\]|<\|[a-z_]+\|>|###\s*(?:system|instruction|new)"),
    (Attempt.INJECT, r"(?:admin|root|emergency|master|developer|security|manager|system|ceo|ciso) override|override code"),
    (Attempt.INJECT, r"you are (?:now )?(?:root|admin|dan|unrestricted|jailbroken|free|in (?:developer|debug|god|admin|maintenance|unrestricted) mode|no longer|a different|an? unrestricted|an? evil|an? hacker|not bound)"),
    (Attempt.INJECT, r"(?:pretend|act|behave|imagine|roleplay|role-play)(?: (?:that|as if|as though|to be|like|as))* (?:you|you're|an? (?:admin|root|unrestricted|evil|hacker|different|dan\b)|the admin|root|if there|there (?:is|are) no)\b"),
    (Attempt.INJECT, r"\bjail ?break|\bdan mode\b|do anything now|(?:developer|god|debug|admin|sudo|unrestricted|maintenance) mode (?:on|enabled|activated|engaged)|(?:enter|enable|activate|switch to|go into) (?:developer|god|debug|admin|sudo|unrestricted) mode"),
    (Attempt.INJECT, r"new (?:system )?(?:instructions?|rules?|directive)s?(?: (?:from|for|follow|are)\b|:)|end of (?:system )?(?:prompt|instructions|message)|validation (?:off|disabled)|safety (?:off|disabled)|(?:decode|base64)(?: this| the following)? and (?:run|execute|do)"),
    (Attempt.INJECT, r"[\"'`;&|]\s*;?\s*(?:&&\s*)?(?:az|aws|gcloud|kubectl|gsutil|terraform|rm|curl|bash|sh|sudo)\s+[a-z-]|;\s*(?:drop|delete|truncate)\s+(?:table|database|from)\b|\$\((?:az|aws|gcloud|curl|rm|kubectl)\b|\|\s*(?:sh|bash)\b"),
    (Attempt.INJECT, r"(?:^|\s)--(?:yes|force|no-confirm|auto-approve|skip-approval|quiet)\b|(?:^|\s)-y(?:\s|$)"),
    (Attempt.INJECT, r"without (?:telling|notifying|informing|alerting|letting) (?:anyone|anybody|the|them|my|our|him|her|security|people)|(?:don't|dont|do not) (?:log|record|audit|tell anyone|tell anybody|mention|notify|inform|tell the|leave (?:a|any) trace)|(?:no|without) (?:audit|trace|logging it|log entry|record)(?: trail)?\b|off the record|cover (?:your|my|our|the) tracks"),
    (Attempt.BYPASS, rf"(?:skip(?:ping)?|bypass(?:ing)?|circumvent(?:ing)?|avoid(?:ing)?|evad(?:e|ing)|get(?:ting)? around|work(?:ing)? around|ignor(?:e|ing)|forgo|forget|sidestep|dodg(?:e|ing)|omit(?:ting)?|override|overrid(?:e|ing)|suppress)(?: (?:all|any|of|your|the|my|this|that|usual|normal|two-person|two person|second|manager|human|our|every|about|security|needing|for|asking|waiting|required|standard))* {_APPROVAL}"),
    (Attempt.BYPASS, r"(?:without|no need (?:for|of)|no|w/o|needs? no|requires? no|(?:don't|dont|do not)(?: (?:need|wait for|ask for|require|bother with))|not? (?:needing|asking for|waiting for))(?: (?:any|an?|the|further|asking|asking for|waiting|waiting for|getting|my|more|additional|manager|human|second|requiring|needing|to wait for|to ask for))* (?:approvals?|approver|confirmation|confirming|sign-?off|review|permission)(?:s)?(?: (?:needed|required|necessary|this time|please))?(?! (?:rules?|settings?|policy|polic|group|list))"),
    (Attempt.BYPASS, r"(?:already|pre-?|fully|been|is|was|has been|have been|consider (?:it|this)|it's|its|i am|i'm|this is|you (?:already )?have)(?: (?:already|been|got|have|has|the|my|full|an?|all|pre-?))* ?(?:approved|approval|authorized|authorised|authorization|signed off|pre-?approved)(?: (?:by|from|granted|given))?(?= |\b)(?!.*\?)"),
    (Attempt.BYPASS, r"(?:approvals?|checks?|confirmations?|reviews?|safeguards?|guardrails?) (?:are|is) (?:now |all )?(?:off|disabled|suspended|not (?:needed|required)|waived)"),
    (Attempt.BYPASS, r"(?:approval|authorization|permission|clearance|sign-?off)(?: (?:is|was|has been|already|have been))* (?:granted|given|obtained|received|not (?:needed|required|necessary)|waived|optional|unnecessary)"),
    (Attempt.BYPASS, r"(?:(?:self|auto)[- ]?approve|approve)(?: (?:it|this|that|them|everything|all|the plan|your own|your))(?: (?:yourself|automatically|for me|on my behalf|as admin|right away|immediately))|(?:instructions|rules|prompt|guidelines) and approve\b|approve (?:and|then) (?:run|execute)|mark (?:it|this|the plan) (?:as )?approved|auto-?approve (?:it|this|yourself|the)"),
    (Attempt.BYPASS, r"(?:my|our|the) (?:manager|boss|ceo|cto|ciso|director|vp|lead|admin|owner|security team|head of \w+|team lead)(?: (?:has|have|already|just|had))* (?:said|says|approved|ok'?d|okayed|signed|authorized|authorised|told me|gave|confirmed|wants it done|cleared)(?! me to (?:ask|check|report))"),
    (Attempt.BYPASS, r"(?:don't|dont|do not|no need to|never|stop)(?: (?:you|even|bother|need))* (?:ask(?:ing)?(?: (?:me|anyone|for|any|questions))?(?: (?:for )?(?:approval|confirmation|permission|questions))?|confirm(?:ing)?|seek(?:ing)? approval|wait(?:ing)? for (?:approval|confirmation|anyone|me))(?!.*\?)(?=$|[\s,.;!])|no questions asked|just do it\b(?!.*\?)|(?:run|execute|do) (?:it|this|that) (?:as (?:root|admin)|now without)"),
    (Attempt.BYPASS, r"(?:on behalf of|as if you were|impersonat\w+|use|using|with) (?:the )?(?:admin|root|ceo|owner|another user|someone else)(?:'s)? (?:account|credentials|identity|role|rights|token)|i(?:'m| am) (?:the |an? |your )?(?:ceo|cto|ciso|admin(?:istrator)?|root|developer|creator|owner of escher|super ?user)\b[^?]*\b(?:so|just|do|run|delete|open|stop|give|grant|now)\b"),
    (Attempt.EXTRACT, r"(?:reveal|show|print|tell|give|leak|dump|expose|share|display|output|send|echo|list|what(?:'s| is| are)|paste|repeat|read|export|post|return|write out|exfiltrate|disclose|spit out)(?: (?:me|us|out|back|it|all|any|of|your|the|its|to me|here|full|entire|exact|hidden|complete|internal|secret|stored|saved|raw|own|my|our|plain ?text|current|everything|in|verbatim|actual|and))* (?:system prompt|prompt|initial instructions|system message|api[- ]?keys?|hidden instructions|(?:your|system|internal|secret) (?:instructions|configuration|config|rules|secrets?|tokens?|credentials|passwords?|keys?|env(?:ironment)?(?: vars| variables)?)|bot tokens?|master key|(?:private|signing) keys?(?! (?:pairs?|older|vault|rotation))|slack tokens?|any tokens|tokens you hold|credentials you|(?:stored|saved|plain ?text|aws|azure|gcp|cloud|admin|root|database|db) (?:credentials|passwords?|secret keys?)|secret access keys?|secret values?|values? of (?:the |all )?(?:secret|password)s?|passwords?\b(?! (?:polic|rotation|age|expir|last)))"),
    (Attempt.EXTRACT, r"(?:secrets?|tokens?|keys?|passwords?|credentials)(?: (?:are|is|do|does|that|which|did))* (?:you|escher|the bot)(?: (?:have|has|hold|holds|store|stores|know|knows|use|uses|remember))|(?:secrets?|tokens?|keys?|passwords?|credentials|instructions)(?: (?:are|is|that are|stored|kept|saved|held|hidden))* (?:in|inside|within) your (?:memory|context|prompt|config\w*|environment|instructions|system|brain|head|env)"),
    (Attempt.EXTRACT, r"(?:repeat|print|output|echo|say|copy)(?: (?:back|out|me))? (?:everything|all|the text|the words|the above|what(?:ever)?|your)(?: (?:is|was|text|words|content|lines|written|stands|you were told|i|came|comes))* ?(?:above|before|verbatim|so far|prior|initial)"),
    (Attempt.EXTRACT, r"(?:post|send|upload|exfiltrate|forward|email|curl|ship)\b[^.?!]{0,60}\b(?:secrets?|credentials|tokens?|passwords?|api keys?|private keys?|access keys?|env(?:ironment)? variables)\b[^.?!]{0,40}\b(?:to|at|on|via)\b"),
    (Attempt.INJECT, r"write (?:me )?(?:an? )?(?:malware|virus|ransomware|exploit|keylogger|phishing)|(?:help|how) (?:me )?(?:to )?hack\b|hack into"),
    (Attempt.INJECT, r"<![a-z]+>[^.]{0,40}\b(?:ignore|approve|delete|execute|disregard)\b"),
)  # fmt: skip
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"'})


def _any_gap(pattern: str) -> str:
    """Let every space of a pattern stand for any white space, as much as there is."""
    return re.sub(r" (\??)", lambda match: r"\s*" if match[1] else r"\s+", pattern)


_COMPILED = tuple(
    (attempt, re.compile(rf"(?:(?<!\w)(?=\w)|(?=\W|^))(?:{_any_gap(pattern)})")) for attempt, pattern in _RULES
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
