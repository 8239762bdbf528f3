"""The sandbox as a process: it ends with its parent, and a kill leaves every answered line on disk."""

import http.client
import os
import signal
import smtplib
import subprocess
import sys
import threading
import time
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from twilio.rest import Client

from dispatcher.sandbox import process, provider_log
from dispatcher.sandbox.process import Sandbox, SandboxError

START = datetime(2025, 10, 11, 1, 0, tzinfo=UTC)
MAIL = b"Subject: x\r\nMessage-ID: <m1@example.vn>\r\n\r\nhi\r\n"
PARENT = """
import pathlib, sys, time
from dispatcher.sandbox import process
with process.start(pathlib.Path(sys.argv[1])) as sandbox:
    print(sandbox.pid, flush=True)
    time.sleep(60)
"""


def client_of(sandbox: Sandbox) -> Client:
    client = Client(sandbox.account_sid, sandbox.auth_token)
    client.api.base_url = sandbox.url
    return client


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_alive(pid)


def test_it_says_where_it_is(tmp_path: Path):
    with process.start(tmp_path / "new" / "folder", now=START) as sandbox:
        assert sandbox.url == f"http://127.0.0.1:{sandbox.http_port}"
        assert sandbox.environ() == {
            "TWILIO_ACCOUNT_SID": sandbox.account_sid,
            "TWILIO_AUTH_TOKEN": sandbox.auth_token,
            "TWILIO_MESSAGING_SERVICE_SID": sandbox.messaging_service_sid,
            "DISPATCHER_TWILIO_BASE_URL": sandbox.url,
            "DISPATCHER_SMTP_URL": f"smtp://127.0.0.1:{sandbox.smtp_port}",
        }
        assert sandbox.summary()["now"] == "2025-10-11T01:00:00.000Z"
        pid = sandbox.pid
        assert is_alive(pid)
    assert gone(pid)


def test_it_ends_with_its_parent_however_that_ends(tmp_path: Path):
    parent = subprocess.Popen([sys.executable, "-c", PARENT, tmp_path], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert gone(pid)


def test_it_ends_when_told(tmp_path: Path):
    with process.start(tmp_path) as sandbox:
        os.kill(sandbox.pid, signal.SIGTERM)
        assert gone(sandbox.pid)
        with pytest.raises(SandboxError, match="does not answer"):
            sandbox.summary()


@pytest.mark.parametrize(
    "arguments", [["--host=192.0.2.1"], ["--webhooks-to=example.com:80"], ["--failures={"]]
)
def test_what_it_cannot_be_it_refuses(tmp_path: Path, arguments, capfd):
    with pytest.raises(SandboxError, match="exit code"), process.start(tmp_path, arguments=arguments):
        pass
    assert capfd.readouterr().err


def test_another_life_remembers(tmp_path: Path):
    with process.start(tmp_path, now=START) as sandbox:
        first = client_of(sandbox).messages.create(to="+84912000001", from_="UBND HA TAY", body="một")
        with smtplib.SMTP("127.0.0.1", sandbox.smtp_port, timeout=5) as server:
            server.sendmail("a@example.vn", ["an+greylist@example.vn", "an@example.vn"], MAIL)
    with process.start(tmp_path, now=START) as sandbox:
        client = client_of(sandbox)
        assert client.messages(first.sid).fetch().body == "một"
        client.messages.create(to="+84912000001", from_="UBND HA TAY", body="hai")
        assert [message.body for message in client.messages.list(to="+84912000001")] == ["hai", "một"]
        assert sandbox.summary()["accepted"] == {"sms": 2, "email": 1}
        (shown,) = sandbox.mails("an@example.vn")
        assert shown["text"] == "hi\n"
    assert [line.n for line in provider_log.read_texts(tmp_path)] == [1, 2]


def hammer(sandbox: Sandbox, answered: list[str], number: int) -> None:
    """Create messages until the connection breaks; what was answered 201 is noted."""
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.http_port, timeout=5)
    authorization = b64encode(f"{sandbox.account_sid}:{sandbox.auth_token}".encode()).decode()
    path = f"/2010-04-01/Accounts/{sandbox.account_sid}/Messages.json"
    try:
        for n in range(100_000):
            body = f"{number}-{n}"
            fields = {"To": "+84912000001", "From": "UBND HA TAY", "Body": body}
            connection.request("POST", path, urlencode(fields), {"Authorization": f"Basic {authorization}"})
            response = connection.getresponse()
            response.read()
            assert response.status == 201
            answered.append(body)
    except (http.client.HTTPException, OSError):
        pass
    finally:
        connection.close()


def hammer_mail(sandbox: Sandbox, answered: list[str], number: int) -> None:
    """Send mails until the connection breaks; what was answered 250 is noted."""
    try:
        with smtplib.SMTP("127.0.0.1", sandbox.smtp_port, local_hostname="test", timeout=5) as server:
            for n in range(100_000):
                name = f"{number}-{n}"
                server.sendmail("a@x.vn", ["b@x.vn"], MAIL.replace(b"m1@example.vn", name.encode()))
                answered.append(name)
    except (smtplib.SMTPException, OSError):
        pass


def test_a_kill_loses_no_line_that_was_answered(tmp_path: Path):
    texts: list[str] = []
    mails: list[str] = []
    with process.start(tmp_path, now=START) as sandbox:
        threads = [threading.Thread(target=hammer, args=(sandbox, texts, n)) for n in range(3)]
        threads += [threading.Thread(target=hammer_mail, args=(sandbox, mails, n)) for n in range(2)]
        for thread in threads:
            thread.start()
        while len(texts) < 100 or len(mails) < 50:
            time.sleep(0.005)
        sandbox.kill()
        for thread in threads:
            thread.join()
    logged_texts = [line.body for line in provider_log.read_texts(tmp_path)]
    logged_mails = [line.message_id for line in provider_log.read_mails(tmp_path)]
    assert set(texts) <= set(logged_texts)
    assert set(mails) <= set(logged_mails)
    assert len(set(logged_texts)) == len(logged_texts) <= len(texts) + 3
    assert len(set(logged_mails)) == len(logged_mails) <= len(mails) + 2


def test_each_start_has_a_key_of_its_own_that_the_list_of_processes_does_not_show(tmp_path):
    """Whoever knows the key can sign callbacks that a service believes."""
    with process.start(tmp_path / "a") as first, process.start(tmp_path / "b") as second:
        assert first.auth_token != second.auth_token
        assert len(first.auth_token) == 32
        command = Path(f"/proc/{first.pid}/cmdline")
        if command.exists():
            assert first.auth_token.encode() not in command.read_bytes()
