"""`python -m dispatcher.sandbox`: serves until terminated; its first line says where it listens."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from threading import Thread

from dispatcher.sandbox.failures import Failures
from dispatcher.sandbox.server import RunningSandbox, SandboxOptions, serve
from dispatcher.sandbox.twilio_server import ACCOUNT_SID, SERVICE_SID

# Arguments stand in the list of processes, for everybody on the machine to read.
AUTH_TOKEN_VARIABLE = "SANDBOX_AUTH_TOKEN"  # noqa: S105 - the name of one


def main() -> None:
    """Read the arguments and serve."""
    parser = _parser()
    arguments = vars(parser.parse_args())
    with_parent = arguments.pop("with_parent")
    if auth_token := os.environ.get(AUTH_TOKEN_VARIABLE):
        arguments["auth_token"] = auth_token
    try:
        options = SandboxOptions(**arguments)
    except ValueError as error:
        parser.error(str(error))
    gc.set_threshold(50_000, 20, 100)  # messages live long; looking at them all again and again is waste
    if sys.platform == "win32":
        asyncio.run(_serve(options, with_parent=with_parent))
    else:
        import uvloop

        uvloop.run(_serve(options, with_parent=with_parent))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m dispatcher.sandbox", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the logs and mails are kept")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--http-port", type=int, default=0)
    parser.add_argument("--smtp-port", type=int, default=0)
    parser.add_argument("--now", type=datetime.fromisoformat, help="start with a clock that others move")
    parser.add_argument("--failures", type=_failures, default=Failures(), help="JSON, or a file of it")
    parser.add_argument("--account-sid", default=ACCOUNT_SID)
    parser.add_argument("--inbound-url", default="")
    parser.add_argument("--webhooks-to", default="", help="host:port that takes all webhooks")
    parser.add_argument("--no-mail-texts", dest="keep_mail", action="store_false")
    parser.add_argument("--smtp-user", default="")
    parser.add_argument("--smtp-password", default="")
    parser.add_argument("--tls-certificate", type=Path, help="PEM with key: offers STARTTLS")
    parser.add_argument("--require-tls", action="store_true")
    parser.add_argument("--with-parent", action="store_true", help="end when stdin is closed")
    return parser


def _failures(text: str) -> Failures:
    return Failures.from_json(json.loads(text if text.lstrip().startswith("{") else Path(text).read_text()))


async def _serve(options: SandboxOptions, *, with_parent: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    if sys.platform != "win32":
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
    if with_parent:
        Thread(target=_stop_on_eof, args=(loop, stop), daemon=True).start()
    async with serve(options) as running:
        sys.stdout.write(json.dumps(_startup_info(options, running)) + "\n")
        sys.stdout.flush()
        await stop.wait()


def _stop_on_eof(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(0, 4096):
        pass
    loop.call_soon_threadsafe(stop.set)


def _startup_info(options: SandboxOptions, running: RunningSandbox) -> dict[str, object]:
    return {
        "url": f"http://{f'[{options.host}]' if ':' in options.host else options.host}:{running.http_port}",
        "http_port": running.http_port,
        "smtp_port": running.smtp_port,
        "account_sid": options.account_sid,
        "auth_token": options.auth_token,
        "messaging_service_sid": SERVICE_SID,
        "folder": str(options.folder.resolve()),
        "pid": os.getpid(),
    }


if __name__ == "__main__":
    main()
