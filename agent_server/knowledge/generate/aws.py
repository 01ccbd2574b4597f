"""Every AWS operation, from botocore's service models."""

from collections.abc import Iterator

import botocore.session
from botocore import xform_name

from agent_server.knowledge.commands import Command
from agent_server.knowledge.effects import effect_of
from agent_server.knowledge.generate.sentences import first_sentence

_CLI_NAMES = {"s3": "s3api", "codedeploy": "deploy", "config": "configservice"}
"""Services whose name on the command line is another than the SDK's; see `aws help` of AWS CLI 2."""


def commands() -> Iterator[Command]:
    """Yield every operation of every service, service by service."""
    session = botocore.session.get_session()
    for service in sorted(session.get_available_services()):
        model = session.get_service_model(service)
        title = str(model.metadata.get("serviceId", service))
        for name in model.operation_names:
            operation = model.operation_model(name)
            method = xform_name(name)
            members = operation.input_shape.required_members if operation.input_shape else ()
            yield Command(
                id=f"aws.{service.replace('-', '_')}.{method}",
                service=title,
                summary=first_sentence(operation.documentation or ""),
                cli=f"aws {_CLI_NAMES.get(service, service)} {xform_name(name, '-')}",
                required=tuple(members),
                effect=effect_of(method),
            )
