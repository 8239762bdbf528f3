"""The real service in a folder of its own: started, killed, called from outside, its ledger read by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import requests
import sqlalchemy as sa

from dispatcher.clock import SystemClock
from tests.witness.provider import ACCOUNT, TOKEN

COMMAND = (sys.executable, "-m", "dispatcher")
MAIL = (
    "{% block subject %}Mời dự thi{% endblock %}{% block html %}<p>{{ unsubscribe_url }}</p>{% endblock %}"
    "{% block text %}{{ unsubscribe_url }}{% endblock %}"
)
CLERK = "binh@hatay.example"
STEPS_MAX = 2


def phone(n: int) -> str:
    """Return the number of the `n`th resident."""
    return f"+849010000{n + 10}"


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Office:
    """Residents reached by text and a clerk reached by mail, in a time zone where it is noon."""

    def __init__(
        self, folder: Path, database_url: str, provider_url: str, *, people: int, smtp_url: str = "",
        patience: str = "1",
    ) -> None:  # fmt: skip
        self.folder, self.database_url = folder, database_url
        self._hour = SystemClock().now().hour
        for name in ("contacts", "templates"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for n in range(STEPS_MAX):  # two steps of one template at one minute would be one that was renamed
            self._write(
                f"templates/t{n}.sms.j2", f"{{{{ office.name }}}}: Moi du thi, lan {n}. Tu choi soan TC."
            )
            self._write(f"templates/t{n}.mail.j2", MAIL)
        rows = [f"{n},Nguyễn Thị Số{chr(65 + n)},0{phone(n)[3:]}" for n in range(people)]
        self._write("contacts/residents.csv", "\n".join(["STT,Họ và tên,Số điện thoại", *rows]))
        self._write("contacts/staff.csv", f"Họ và tên,Email\nTrần Văn Bình,{CLERK}\n")
        self.url = f"http://127.0.0.1:{free_port()}"
        self._environ = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("DISPATCHER_", "TWILIO_"))},
            "DISPATCHER_DATABASE_URL": database_url,
            "DISPATCHER_SCHEDULES": str(folder / "schedules.toml"),
            "DISPATCHER_CONTACTS": str(folder / "contacts"),
            "DISPATCHER_TEMPLATES": str(folder / "templates"),
            "DISPATCHER_BIND": self.url.removeprefix("http://"),
            "DISPATCHER_SECRET_KEY": "for tests only, 1234",
            "DISPATCHER_LANG": "en",
            "DISPATCHER_PATIENCE": patience,
            "DISPATCHER_TWILIO_BASE_URL": provider_url,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_FROM": "UBND",
            **({"DISPATCHER_SMTP_URL": smtp_url, "DISPATCHER_MAIL_FROM": "ubnd@hatay.example"} if smtp_url
               else {"DISPATCHER_MAIL_GATEWAY": "off"}),
        }  # fmt: skip
        self._service: subprocess.Popen[bytes] | None = None

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def moment(self, seconds: float) -> datetime:
        """Return the moment so many seconds from now, by the clock on the office's wall."""
        return self._noon(SystemClock().now()) + timedelta(seconds=seconds)

    def _noon(self, now: datetime) -> datetime:
        """Express a moment where it was noon when the office opened."""
        return (now + timedelta(hours=12 - self._hour)).replace(tzinfo=None)

    def schedule(self, **campaigns: Sequence[datetime]) -> None:
        """Write schedules: each campaign has a step at each of its moments."""
        zone = f"Etc/GMT{self._hour - 12:+d}" if self._hour != 12 else "Etc/GMT"
        today = self.moment(0).date()
        basis = 'basis = "public_task"\nsupplied_by = "Thử"\n'
        head = (
            f'timezone = "{zone}"\nprices = {{ default = 400 }}\n'
            'office = { name = "UBND", sender = "UBND", phone = "0900 000 000", mail = "a@b.example" }\n'
            f'[audience.residents]\ntitle = "Bà con"\nlists = ["residents.csv"]\npriority = 1\n{basis}'
            'channels = ["sms"]\n'
            f'[audience.staff]\ntitle = "Cán bộ"\nlists = ["staff.csv"]\npriority = 2\n{basis}'
            'channels = ["email"]\n'
        )
        for name, moments in campaigns.items():
            steps = ", ".join(
                f'{{ name = "s{n}", at = {at:%Y-%m-%dT%H:%M:%S}, template = "t{n}" }}'
                for n, at in enumerate(moments)
            )
            head += (
                f'[campaign.{name}]\ntitle = "Cuộc thi {name}"\nstarts = {today - timedelta(days=1)}\n'
                f'ends = {today + timedelta(days=3)}\naudiences = ["residents", "staff"]\n'
                'opt_out = "never"\ngrace = "2h"\ncap_per_day = 3\n'
                f"step = [{steps}]\n"
            )
        self._write("schedules.toml", head)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Call the command as an officer does."""
        return subprocess.run(
            [*COMMAND, *words], env=self._environ, capture_output=True, text=True, check=False, timeout=60
        )

    def load(self) -> None:
        """Take the lists into the ledger."""
        done = self.command("contacts", "load", "--yes")
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        """Start the service, and wait until it answers."""
        with (self.folder / "service.log").open("ab") as log:
            self._service = subprocess.Popen([*COMMAND, "run"], env=self._environ, stdout=log, stderr=log)
        wait_for(self._answers)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=1).status_code == 200
        except requests.RequestException:
            return False

    def kill(self) -> None:
        """End the service as a power cut would; nothing when none runs."""
        if self._service is not None:
            self._service.kill()
            self._service.wait()
            self._service = None

    def terminate(self) -> int:
        """Tell the service to end; gives its exit code."""
        assert self._service is not None
        self._service.terminate()
        code = self._service.wait(30)
        self._service = None
        return code

    def answer(self, n: int, body: str, opt_out_type: str = "") -> int:
        """Let the `n`th resident answer a text, as Twilio reports it; gives the status of our answer."""
        form = {"MessageSid": f"SMa{n:030d}", "From": phone(n), "Body": body, "OptOutType": opt_out_type}
        url = f"{self.url}/providers/twilio/inbound"
        signed = _signature(url, form)
        return requests.post(url, data=form, headers={"X-Twilio-Signature": signed}, timeout=10).status_code

    def problems(self) -> list[str]:
        """Return what the service says is wrong with it."""
        said: list[str] = requests.get(f"{self.url}/readyz", timeout=10).json()["problems"]
        return said

    def has_logged(self, words: str) -> bool:
        """Return whether the service has said these words."""
        return words in (self.folder / "service.log").read_text(encoding="utf-8")

    def sql(self, question: str) -> int:
        """Ask the ledger by hand."""
        engine = sa.create_engine(self.database_url.replace("postgresql://", "postgresql+psycopg://"))
        try:
            with engine.connect() as connection:
                return int(connection.exec_driver_sql(question).scalar() or 0)
        finally:
            engine.dispose()


def _signature(url: str, form: Mapping[str, str]) -> str:
    """Sign a call as Twilio documents it."""
    said = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(TOKEN.encode(), said.encode(), hashlib.sha1).digest()).decode()


def wait_for(is_so: Callable[[], bool], seconds: float = 40.0) -> bool:
    """Wait until something is so; False when it did not come about."""
    ends = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > ends:
            return False
        time.sleep(0.1)
    return True
