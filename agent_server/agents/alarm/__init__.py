"""The alarm: a second look at the words alone, whatever was understood of them.

What a message asks is understood by a parser or a model, and either may be wrong. The alarm asks one thing only: does an alarming word
stand where an order can stand, in a sentence that is no question, and not taken back? Then the message is dangerous. It would rather ring
once too often: the price is one more look by a person.

- `orders.tsv`, `wishes.tsv`, `tongues.tsv`, `table`: the words, and how their rows become patterns.
- `slips`: typing slips in those words, put right.
- `standing`: where an order, a wish or a bare phrase stands, and what takes it back.
- `ringing`: `rings`, which looks at every sentence of a text.
- `ear.bin`, `ear`: `hears`, learned from labelled messages, for what no row foresaw; asked only where no order was understood.

May not be here: what the parser or a model made of the message.
"""

from agent_server.agents.alarm.ear import hears
from agent_server.agents.alarm.ringing import asks, rings

__all__ = ["asks", "hears", "rings"]
