"""Runs the sandbox in a process of its own, so that it and the service each have a core."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from dispatcher.sandbox.failures import Failures
from dispatcher.sandbox.twilio_server import ACCOUNT_SID

STOP_SECONDS = 5.0
INBOUND_PATH = "/providers/twilio/inbound"  # where the service takes what phones answer


class SandboxError(Exception):
    """The sandbox did not start, or refused what it was asked."""


class Sandbox:
    """A running sandbox: where it is, and its strings to pull.

    The calls block. Inside an event loop that also serves our webhooks use `asyncio.to_thread`, above all
    for `move_clock`, which comes back only after the webhooks that became due were answered.
    """

    def __init__(self, process: subprocess.Popen[bytes], startup_info: Mapping[str, Any]) -> None:
        self._process = process
        self.url: str = startup_info["url"]
        self.http_port: int = startup_info["http_port"]
        self.smtp_port: int = startup_info["smtp_port"]
        self.account_sid: str = startup_info["account_sid"]
        self.messaging_service_sid: str = startup_info["messaging_service_sid"]
        self.auth_token: str = startup_info["auth_token"]
        self.folder = Path(startup_info["folder"])
        self.pid: int = startup_info["pid"]

    @property
    def smtp_url(self) -> str:
        """The mail server, as DISPATCHER_SMTP_URL wants it."""
        return f"smtp://{self.url.removeprefix('http://').rpartition(':')[0]}:{self.smtp_port}"

    def environ(self) -> Mapping[str, str]:
        """Return the settings that point the dispatcher here."""
        return MappingProxyType(
            {
                "TWILIO_ACCOUNT_SID": self.account_sid,
                "TWILIO_AUTH_TOKEN": self.auth_token,
                "TWILIO_MESSAGING_SERVICE_SID": self.messaging_service_sid,
                "DISPATCHER_TWILIO_BASE_URL": self.url,
                "DISPATCHER_SMTP_URL": self.smtp_url,
            }
        )

    def summary(self) -> dict[str, Any]:
        """Count what was accepted, refused, called back, and what is still to come."""
        answer: dict[str, Any] = self._request("GET", "/sandbox/summary")
        return answer

    def move_clock(self, now: datetime, *, wait: bool = True) -> dict[str, Any]:
        """Make it `now` there; with `wait`, come back when every callback that became due was delivered.

        Return the summary; `next_due` in it is when the next callback falls due (ISO 8601), or None.
        """
        answer: dict[str, Any] = self._request(
            "POST", "/sandbox/clock", {"now": now.isoformat(), "wait": wait}
        )
        return answer

    def send_inbound(self, phone: str, body: str, *, url: str = "") -> dict[str, Any]:
        """Send us `body` from `phone`; return the SID and the HTTP status of our webhook (0: no answer)."""
        values = {"from": phone, "body": body, "url": url}
        answer: dict[str, Any] = self._request("POST", "/sandbox/inbound", values)
        return answer

    def set_failures(self, failures: Failures) -> None:
        """Fail like this from now on."""
        self._request("POST", "/sandbox/failures", failures.as_json())

    def messages(self, to: str) -> list[dict[str, Any]]:
        """List one phone's conversation, oldest first."""
        answer: list[dict[str, Any]] = self._request("GET", f"/sandbox/messages?to={quote(to, safe='')}")
        return answer

    def mails(self, to: str) -> list[dict[str, Any]]:
        """List one mailbox, oldest first."""
        answer: list[dict[str, Any]] = self._request("GET", f"/sandbox/mails?to={quote(to, safe='')}")
        return answer

    def kill(self) -> None:
        """End it without a warning, as a crash would."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Terminate it and wait."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        _close(self._process)

    def _request(self, method: str, path: str, values: object = None) -> Any:
        connection = HTTPConnection(self.url.removeprefix("http://"), timeout=120)
        try:
            body = None if values is None else json.dumps(values).encode()
            connection.request(method, path, body)
            response = connection.getresponse()
            answer = json.loads(response.read())
        except OSError as error:
            raise SandboxError(f"the sandbox at {self.url} does not answer: {error}") from error
        finally:
            connection.close()
        if response.status != 200:
            raise SandboxError(answer.get("problem", f"{method} {path}: {response.status}"))
        return answer


def _close(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()


def inbound_url(public_url: str) -> str:
    """Return where the service at `public_url` takes what phones answer."""
    return public_url + INBOUND_PATH


@contextmanager
def start(
    folder: Path,
    *,
    now: datetime | None = None,
    failures: Failures | None = None,
    account_sid: str = ACCOUNT_SID,
    auth_token: str = "",
    inbound_url: str = "",
    webhooks_to: str = "",
    keep_mail: bool = True,
    http_port: int = 0,
    smtp_port: int = 0,
    arguments: Sequence[str] = (),
) -> Iterator[Sandbox]:
    """Start a sandbox that keeps its logs in `folder`, wait until it listens, and end it afterwards.

    With `now` its clock stands still until `move_clock`. `arguments` are further ones of
    `python -m dispatcher.sandbox`. It ends with this process, however that ends. SandboxError when it does
    not start.
    """
    command = [
        sys.executable, "-m", "dispatcher.sandbox", str(folder), "--with-parent",
        f"--account-sid={account_sid}", f"--inbound-url={inbound_url}",
        f"--webhooks-to={webhooks_to}", f"--http-port={http_port}", f"--smtp-port={smtp_port}",
        f"--failures={json.dumps((failures or Failures()).as_json())}",
        *([f"--now={now.isoformat()}"] if now is not None else []),
        *([] if keep_mail else ["--no-mail-texts"]),
        *arguments,
    ]  # fmt: skip
    # In a session of its own: Ctrl-C is for us, who end it when everything is settled.
    environ = {**os.environ, **({"SANDBOX_AUTH_TOKEN": auth_token} if auth_token else {})}
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, env=environ
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        _close(process)
        raise SandboxError(f"the sandbox ended at once, with exit code {process.wait()}")
    sandbox = Sandbox(process, json.loads(line))
    try:
        yield sandbox
    finally:
        sandbox.stop()
