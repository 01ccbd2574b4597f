"""Scripts from typed steps: they parse, their calls exist, and no value in them is ever read as code."""

import os
import re
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from agent_server.agents.scripting import scripts_of
from agent_server.agents.scripting.bash import option_name
from agent_server.contract.playbook import Language, Playbook
from agent_server.knowledge import library
from tests.fakes.playbooks import RESIZE, RESIZING, START, STOP, TAG, playbook, step

SESSION = botocore.session.get_session()
WRITTEN = {one.id: scripts_of(one) for one in library.playbooks().values() if one.steps}
EVIL = (
    "$(touch pwned)",
    "`touch pwned`",
    "'; touch pwned; '",
    '"; touch pwned; "',
    "\"}]' ; touch pwned #",
    "a b\tc",
    "${HOME}",
    "\\",
    '\\"$(touch pwned)',
    "x' || touch pwned || '",
    "!!",
    "*",
    "ä€😀",
)


def of(language: Language) -> list[Any]:
    """Every script of a language, by its playbook."""
    return [pytest.param(texts[language], id=name) for name, texts in WRITTEN.items() if language in texts]


def run_bash(text: str, folder: Path, **values: str) -> tuple[int, list[list[str]]]:
    """Run a script where `aws` only writes down its arguments; return the exit code and what it was given."""
    tools = folder / "bin"
    tools.mkdir()
    for name in ("aws", "az", "gcloud"):
        tool = tools / name
        tool.write_text('#!/bin/bash\nprintf "%s\\0" "$@" >> "$LOG"; printf "\\n\\0" >> "$LOG"\n', encoding="utf-8")
        tool.chmod(0o755)
    log = folder / "log"
    ended = subprocess.run(
        ["/bin/bash", "-c", text],
        env={"PATH": f"{tools}:/usr/bin:/bin", "LOG": str(log), **values},
        cwd=folder,
        capture_output=True,
        timeout=20,
        check=False,
    )
    calls: list[list[str]] = [[]]
    for word in log.read_text(encoding="utf-8").split("\0")[:-1] if log.exists() else ():
        if word == "\n":
            calls.append([])
        else:
            calls[-1].append(word)
    return ended.returncode, calls[:-1]


class TestTheLibrary:
    def test_most_of_it_can_be_said_as_a_script(self) -> None:
        """Nearly all of AWS in bash and Python, most of Azure and Google Cloud in Python; what cannot is left out, not guessed."""
        found = {
            (cloud, language): sum(language in texts for name, texts in WRITTEN.items() if name.startswith(cloud))
            for cloud in ("aws", "azure", "gcp")
            for language in Language
        }
        steps = {cloud: sum(name.startswith(cloud) for name in WRITTEN) for cloud in ("aws", "azure", "gcp")}
        assert found["aws", Language.BASH] >= 0.95 * steps["aws"]
        assert found["aws", Language.PYTHON] >= 0.95 * steps["aws"]
        assert found["azure", Language.PYTHON] >= 0.7 * steps["azure"]
        assert found["gcp", Language.PYTHON] >= 0.6 * steps["gcp"]

    @pytest.mark.parametrize("text", of(Language.BASH))
    def test_bash_parses_it_and_stops_at_the_first_failure(self, text: str) -> None:
        """`bash -n`, strict mode, and no variable outside double quotes."""
        assert (
            subprocess.run(["/bin/bash", "-n"], input=text.encode(), check=False, capture_output=True).returncode == 0
        )
        assert "\nset -euo pipefail\n" in text
        assert unquoted(text) == []

    @pytest.mark.parametrize("text", of(Language.PYTHON))
    def test_python_compiles_it(self, text: str) -> None:
        """Every script is a program."""
        compile(text, "script.py", "exec")

    @pytest.mark.parametrize("text", [one for one in of(Language.PYTHON) if "import boto3" in one.values[0]])
    def test_its_calls_to_aws_exist_and_take_these_arguments(self, text: str) -> None:
        """Method, argument names, types and required arguments, by botocore's own models; waiters, too."""
        for service, operation, arguments in ran(text):
            model = SESSION.get_service_model(service).operation_model(operation)
            report = ParamValidator().validate(arguments, model.input_shape) if model.input_shape else None
            assert report is None or not report.has_errors(), f"{operation}: {report.generate_report()}"

    @pytest.mark.parametrize("text", [one for one in of(Language.BASH) if "\naws " in one.values[0]])
    def test_its_aws_commands_have_options_of_their_operation(self, text: str, tmp_path: Path) -> None:
        """Each option is what botocore's rule makes of a member of the operation's input."""
        names = [line.split(":-}")[0].rpartition("{")[2] for line in text.splitlines() if line.startswith("[ -n ")]
        values = {
            name: "7" if f"{name} must be a whole" in text else "true" if f"{name} must be true" in text else "v"
            for name in names
        }
        code, calls = run_bash(text, tmp_path, **values)
        assert code == 0
        assert calls
        for service, method, *rest in calls:
            if method == "wait":
                continue
            known = SESSION.get_service_model({"s3api": "s3", "configservice": "config"}.get(service, service))
            operation = next(one for one in known.operation_names if xform_name(one, "-") == method)
            shape = known.operation_model(operation).input_shape
            options = {xform_name(one, "-") for one in (shape.members if shape else ())}
            given = {word[2:] for word in rest if word.startswith("--")}
            assert all(one in options or one.removeprefix("no-") in options for one in given), (method, given)


def ran(text: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Run a script over a boto3 that looks calls up in botocore's models; return what was called."""
    calls: list[tuple[str, str, dict[str, Any]]] = []

    class Client:
        def __init__(self, service: str) -> None:
            self.service = service

        def get_waiter(self, name: str) -> Any:
            names = SESSION.get_waiter_model(self.service).waiter_names
            assert name in {xform_name(one) for one in names}
            return types.SimpleNamespace(wait=lambda **_arguments: None)

        def __getattr__(self, method: str) -> Any:
            model = SESSION.get_service_model(self.service)
            operation = next(one for one in model.operation_names if xform_name(one) == method)
            return lambda **arguments: calls.append((self.service, operation, arguments))

    class Environment(dict[str, str]):
        def __missing__(self, key: str) -> str:
            return "true" if '{"true": True, "false": False}[os.environ[' + repr(key) in text else "7" * 20

        def get(self, key: str, default: Any = None) -> Any:
            return self[key] if default is None else default

    scope = {"__name__": "script", "print": lambda *_: None}
    boto3 = types.ModuleType("boto3")
    boto3.client = Client  # type: ignore[attr-defined]
    system = types.SimpleNamespace(environ=Environment())
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "boto3", boto3)
        patch.setitem(sys.modules, "os", system)
        exec(compile(text, "script.py", "exec"), scope)  # noqa: S102 - the program under test
    return calls


HELPED = re.compile(r'"\$\((?:json|flag [a-z0-9-]+ [a-z0-9-]+) (?:\'[^\']*\'|"\'"|"\$\{\w+\}"|[\w./:@%+=,-])+\)"')
"""A value that goes through one of the script's own functions: quoting begins anew inside the parentheses, and must be whole there."""


def unquoted(text: str) -> list[str]:
    """The lines in which a variable stands outside quotes: what shellcheck calls SC2086."""
    found = []
    for whole in text.splitlines():
        line = HELPED.sub("", whole)
        single = double = False
        escaped = False
        for at, letter in enumerate(line):
            if escaped:
                escaped = False
            elif letter == "\\" and not single:
                escaped = True
            elif letter == "'" and not double:
                single = not single
            elif letter == '"' and not single:
                double = not double
            elif letter == "#" and not single and not double and (at == 0 or line[at - 1] == " "):
                break
            elif (
                letter == "$"
                and line[at + 1 : at + 2] not in {"", " "}
                and not single
                and not double
                and not line.lstrip().startswith("local ")
            ):
                found.append(line)
                break
    return found


HOSTILE = playbook(
    step(TAG, params={"tags": {"owner": "{{owner}}", "note": "by {{owner}}, $(touch pwned) `touch pwned` \"'"}}),
    step("aws.ec2.describe_instances", target="InstanceIds", effect="read"),
    id="hostile-one",
    name="Nice\n touch pwned\n#",
    summary="x\u2028touch pwned\r\ntouch pwned",
    parameters=[
        {"name": "owner", "kind": "string", "description": "$(touch pwned) '; touch pwned; '`touch pwned`"},
        {"name": "path", "kind": "string", "description": "x", "default": "'; touch pwned; '"},
    ],
)


class TestHostileValues:
    @pytest.mark.parametrize("value", EVIL)
    def test_a_value_arrives_whole_and_is_never_run(self, tmp_path: Path, value: str) -> None:
        """As an argument and inside JSON, whatever is in it."""
        text = scripts_of(HOSTILE)[Language.BASH]
        code, calls = run_bash(text, tmp_path, OWNER=value.replace("\t", " "), EC2_INSTANCE="i-1")
        assert code == 0
        assert sorted(one.name for one in tmp_path.iterdir()) == ["bin", "log"]
        import json  # noqa: PLC0415 - beside its one use

        tags = json.loads(calls[0][calls[0].index("--tags") + 1])
        assert tags[0] == {"Key": "owner", "Value": value.replace("\t", " ")}
        assert tags[1]["Value"].startswith(f"by {value.replace(chr(9), ' ')}, $(touch pwned)")

    @pytest.mark.parametrize("value", ["two\nlines", "a\x1bb", "--profile", "-x", ""])
    def test_what_no_name_looks_like_stops_the_script_before_anything(self, tmp_path: Path, value: str) -> None:
        """Control characters, a leading dash, nothing at all."""
        code, calls = run_bash(scripts_of(HOSTILE)[Language.BASH], tmp_path, OWNER="ada", EC2_INSTANCE=value)
        assert (code, calls) == (2, [])

    def test_a_missing_value_is_said_without_reading_its_description_as_code(self, tmp_path: Path) -> None:
        """The description is a stranger's text, too."""
        code, calls = run_bash(scripts_of(HOSTILE)[Language.BASH], tmp_path, EC2_INSTANCE="i-1")
        assert (code, calls) == (2, [])
        assert not (tmp_path / "pwned").exists()

    @pytest.mark.parametrize("language", list(Language))
    def test_names_and_summaries_stay_in_their_comment(self, language: Language) -> None:
        """One line each, whatever line breaks they hold."""
        text = scripts_of(HOSTILE).get(language, "")
        for line in text.splitlines():
            if "touch pwned" in line:
                assert line.startswith(("#", "aws ", "[ -n ", "print("))

    @given(
        texts=st.lists(st.text(max_size=30), min_size=6, max_size=6),
        value=st.recursive(
            st.text(max_size=12) | st.integers(-(2**40), 2**40) | st.booleans(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
            max_leaves=6,
        ),
    )
    def test_any_texts_at_all_give_programs_that_parse(self, texts: list[str], value: Any) -> None:
        """Names, summaries, descriptions, defaults, tags and structures of any letters."""
        book = playbook(
            step(TAG, params={"tags": {texts[0]: texts[1], "a": "{{owner}}"}}, description=texts[2] or "x"),
            step("aws.ssm.send_command", target="InstanceIds", params={"Parameters": value, "DocumentName": texts[5]}),
            name=f"abc{texts[3]}",
            summary=texts[4],
            parameters=[{"name": "owner", "kind": "string", "description": texts[2], "default": texts[1] or None}],
        )
        written = scripts_of(book)
        for language, text in written.items():
            if language is Language.PYTHON:
                compile(text, "script.py", "exec")
        if Language.BASH in written:
            ended = subprocess.run(
                ["/bin/bash", "-n"], input=written[Language.BASH].encode(), check=False, capture_output=True
            )
            assert ended.returncode == 0, ended.stderr

    def test_names_that_mean_something_to_a_shell_are_not_taken(self) -> None:
        """A parameter called `path` does not become PATH, nor `aws_profile` a login."""
        book = playbook(
            step(TAG, params={"tags": {"a": "{{path}}", "b": "{{aws_profile}}", "c": "{{ifs}}"}}),
            parameters=[
                {"name": name, "kind": "string", "description": "x"} for name in ("path", "aws_profile", "ifs")
            ],
        )
        for text in scripts_of(book).values():
            assert "VALUE_PATH" in text
            assert "VALUE_AWS_PROFILE" in text
            assert "VALUE_IFS" in text
            assert "${PATH" not in text


class TestBooleans:
    @pytest.mark.parametrize(("value", "option"), [("true", "--multi-az"), ("false", "--no-multi-az")])
    def test_a_variable_that_is_yes_or_no_becomes_one_of_two_options(
        self, tmp_path: Path, value: str, option: str
    ) -> None:
        """The AWS command line has no values for these."""
        book = playbook(
            step("aws.rds.modify_db_instance", target="DBInstanceIdentifier", params={"MultiAZ": "{{copies}}"}),
            parameters=[{"name": "copies", "kind": "boolean", "description": "Whether there are two."}],
            resource_types=["rds::instance"],
        )
        code, calls = run_bash(scripts_of(book)[Language.BASH], tmp_path, COPIES=value, RDS_INSTANCE="db-1")
        assert (code, calls[0][2]) == (0, option)
        (tmp_path / "again").mkdir()
        again = run_bash(scripts_of(book)[Language.BASH], tmp_path / "again", RDS_INSTANCE="db-1", COPIES="maybe")
        assert again == (2, [])

    def test_of_a_negative_name_no_is_the_positive_one(self) -> None:
        """`NoReboot=False` is `--reboot`."""
        book = playbook(step("aws.ec2.create_image", target="InstanceId", params={"Name": "abc", "NoReboot": False}))
        assert " --reboot" in scripts_of(book)[Language.BASH]


class TestOrderAndWaiting:
    def test_steps_come_in_their_order_and_wait_for_what_they_need(self, tmp_path: Path) -> None:
        """A machine is resized once it is stopped, not while it is stopping."""
        _, calls = run_bash(scripts_of(RESIZING)[Language.BASH], tmp_path, SIZE="m5.large", EC2_INSTANCE="i-1")
        assert [call[:3] for call in calls] == [
            ["ec2", "stop-instances", "--instance-ids"],
            ["ec2", "wait", "instance-stopped"],
            ["ec2", "modify-instance-attribute", "--instance-id"],
            ["ec2", "start-instances", "--instance-ids"],
            ["ec2", "wait", "instance-running"],
        ]
        assert all(call[call.index("i-1") - 1] in {"--instance-ids", "--instance-id"} for call in calls)

    def test_a_step_without_a_rule_leaves_the_languages_out(self) -> None:
        """A script that is nearly right is worse than none: tags of a bucket are replaced as a whole."""
        assert scripts_of(playbook(step(STOP), step("escher.s3.tag", params={"tags": {"a": "b"}}))) == {}
        assert scripts_of(playbook(step("escher.nobody.knows"))) == {}

    def test_a_playbook_that_is_a_script_has_nothing_to_write(self) -> None:
        """No steps, no scripts of ours."""
        empty: Playbook = playbook(scripts={"bash": "true"})
        assert scripts_of(empty) == {}

    def test_parameters_of_the_catalogue_become_those_of_the_api(self) -> None:
        """`instance_type` of the runner is EC2's `InstanceType` with a `Value`."""
        book = playbook(step(RESIZE, params={"instance_type": "m5.large"}), step(START, depends_on=[0]))
        text = scripts_of(book)[Language.PYTHON]
        assert "modify_instance_attribute(InstanceId=EC2_INSTANCE, InstanceType={'Value': 'm5.large'})" in text

    def test_a_library_of_names_goes_by_botocores_rule(self) -> None:
        """For every member of every input of five large services."""
        for service in ("ec2", "rds", "s3", "iam", "elbv2"):
            model = SESSION.get_service_model(service)
            for operation in model.operation_names:
                shape = model.operation_model(operation).input_shape
                for member in shape.members if shape else ():
                    assert option_name(member) == xform_name(member, "-"), member


def test_the_environment_of_these_tests_runs_bash() -> None:
    """Where there is no bash, nothing above would mean anything."""
    assert os.access("/bin/bash", os.X_OK)
