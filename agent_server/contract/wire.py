"""What all wire models share: nothing unknown passes, and every text has a limit."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MOST_TEXT = 4000

Text = Annotated[str, Field(max_length=MOST_TEXT)]
Sentence = Annotated[str, Field(max_length=1000)]
Short = Annotated[str, Field(max_length=256)]
RequestId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
TypeName = Annotated[str, Field(pattern=r"^[a-z0-9]+::[a-z0-9_]+$", max_length=64)]
Handle = Annotated[str, Field(pattern=r"^r[1-9][0-9]{0,5}$")]
OperationId = Annotated[str, Field(pattern=r"^[a-z]+(\.[a-z0-9_]+){2}$", max_length=128)]


class Wire(BaseModel):
    """Base of all wire models: nothing unknown passes."""

    model_config = ConfigDict(extra="forbid")


class Usage(Wire):
    """What an answer cost of a vendor's model, in tokens; zero when only rules were used.

    Attributes:
        input_tokens: Read by the model, cached ones included.
        output_tokens: Written by it.
    """

    input_tokens: Annotated[int, Field(ge=0)] = 0
    output_tokens: Annotated[int, Field(ge=0)] = 0
