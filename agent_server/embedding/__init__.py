"""Text to meaning, on this machine and never from the network: one embedding for both processes.

The runner compares descriptions with its estate, the agent server compares questions with what it knows. Both import this package; it
imports nothing of ours.

- `port`: `Embedder`, which turns texts into `Vectors` of `DIMENSIONS` numbers.
- `minilm`: all-MiniLM-L6-v2, loaded at first use; its tokenizer lies in `tokenizer/`, its weights in an installed package.
- `remembering`: an embedder that does each text once.

May not be here: what the texts are about, a file opened for writing, a socket.
"""
