"""Scripts from typed steps: what a playbook does, as bash, as Python and as a plain list of commands. Pure.

- `values`: what stands in a step: literals, and the playbook's parameters as variables of the environment.
- `calls`: each step as calls of the vendor's API, with every argument named; `catalogued` says how the runner's own parameters are called there; `waiting` which
  of AWS's waiters a call wants.
- `bash`, `python`: calls written down in a language; every value is quoted by the language's own rules, every comment is one line.

A language is left out where a step cannot be said in it by rule: a script that is nearly right is worse than none. Nothing is run here, and no
vendor's SDK is imported: command names come from the generated reference, argument names from the steps.
"""

from agent_server.agents.scripting import bash, python
from agent_server.agents.scripting.calls import calls_of
from agent_server.contract.playbook import MOST_SCRIPT, Language, Playbook


def scripts_of(playbook: Playbook) -> dict[Language, str]:
    """Return the script of each language in which every step can be said; none for a playbook without steps."""
    calls = calls_of(playbook)
    if not calls:
        return {}
    written = {
        Language.BASH: bash.script(playbook, calls),
        Language.PYTHON: python.script(playbook, calls),
        Language.CLI: bash.commands(calls),
    }
    return {language: text for language, text in written.items() if text and len(text) <= MOST_SCRIPT}
