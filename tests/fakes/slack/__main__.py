"""Run the fake Slack by itself: `python -m tests.fakes.slack --port 3300`."""

import argparse
import asyncio
import sys

from tests.fakes.slack.server import FakeSlack


async def _run(port: int, request_url: str) -> None:
    async with FakeSlack(port=port, request_url=request_url) as slack:
        sys.stdout.write(
            f"slack: {slack.api_url}\n"
            f"bot token: {slack.bot_token}\napp token: {slack.app_token}\nsigning secret: {slack.signing_secret}\n"
        )
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=3300)
    parser.add_argument("--request-url", default="", help="where the app listens in HTTP mode; empty: Socket Mode")
    options = parser.parse_args()
    try:
        asyncio.run(_run(options.port, options.request_url))
    except KeyboardInterrupt:
        sys.exit(0)


main()
