"""A real Postfix for the tests: own folder, own ports, own towns whose mail fares as their names say."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.mail_daemons import (
    MailDaemon,
    find_program,
    free_port,
    greets_on,
    make_certificate,
    wait_until_free,
)

DAEMONS = "/usr/lib/postfix/sbin"
BOUNCE = "bounce@hatay.example"
PIPED = "bounce@piped.example"
READERS = ("an", "binh", "chi", "dung", "em")  # who live in town.example

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
meta_directory = {folder}/etc
command_directory = /usr/sbin
daemon_directory = {daemons}
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log/mail.log
maillog_file_prefixes = {folder}
myhostname = relay.hatay.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
recipient_delimiter = +
virtual_mailbox_domains = town.example, hatay.example
virtual_mailbox_base = {folder}/boxes
virtual_mailbox_maps = inline:{{ {{bounce@hatay.example = bounce/}}, {readers} }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
# gone: nobody can be written to there. far: another server decides, after we were told 250. late: that
# server is never there, and nobody waits for it. bulk: thrown away.
relay_domains = gone.example, far.example, late.example, bulk.example, piped.example
relay_recipient_maps =
transport_maps = inline:{{
  {{gone.example = error:5.1.1 there is no such person here}},
  {{late.example = smtp:[127.0.0.1]:{nobodys_port}}},
  {{far.example = smtp:[127.0.0.1]:{far_port}}},
  {{piped.example = piped:}},
  {{bulk.example = discard:}} }}
maximal_queue_lifetime = {lifetime}
bounce_queue_lifetime = {lifetime}
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
notify_classes =
smtpd_recipient_restrictions = reject_unlisted_recipient, permit_mynetworks, reject
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {certificate}
smtpd_tls_security_level = may
smtp_tls_security_level = none
{extra}
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{tls_port} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt
127.0.0.1:{far_port} inet n - n - - smtpd -o myhostname=mx.far.example
  -o smtpd_recipient_restrictions=$far_rcpt_rules
  -o smtpd_end_of_data_restrictions=$far_data_rules
  -o smtpd_discard_ehlo_keywords=dsn
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
piped unix - n n - - pipe flags=DRhu user={user} argv={pipe} ${{recipient}}
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
showq unix n - n - - showq
flush unix n - n 1000? 0 flush
postlog unix-dgram n - n - 1 postlogd
"""
FAR_RULES = """
far_rcpt_rules = check_recipient_access inline:{
  {spam@far.example = OK},
  {big@far.example = OK},
  {full@far.example = 552 5.2.2 the box is full},
  {odd@far.example = 550 we do not like you},
  {far.example = 550 5.1.1 nobody of that name} }, reject
far_data_rules = check_recipient_access inline:{
  {spam@far.example = 554 5.7.1 this looks like spam},
  {big@far.example = 552 5.3.4 this is too big} }
"""


def is_installed() -> bool:
    """Tell whether there is one, and somebody who may start it."""
    return find_program("postfix") is not None and os.geteuid() == 0


class Postfix:
    """A mail server that takes our mail on, and a mailbox for what comes back."""

    def __init__(self, folder: Path, *, lifetime: str = "0", pipe: Path | None = None) -> None:
        self.folder = folder
        self.port, self.tls_port, self.far_port = free_port(), free_port(), free_port()
        self.certificate = make_certificate(folder)
        self._extra = ""
        self._lifetime = lifetime  # how long it tries what is put off
        self._pipe = pipe
        for part in ("etc", "queue", "data", "log", "boxes"):
            (folder / part).mkdir()
        shutil.chown(folder / "data", "postfix")
        account = pwd.getpwnam("nobody")
        os.chown(folder / "boxes", account.pw_uid, account.pw_gid)
        self._account = account
        for name in ("postfix-files", "dynamicmaps.cf"):
            shutil.copy(Path("/etc/postfix") / name, folder / "etc" / name)
        self._configure()
        checked = subprocess.run(
            [find_program("postfix") or "", "-c", str(folder / "etc"), "check"],
            capture_output=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stderr.decode()
        self._daemon = self._started()

    def _started(self) -> MailDaemon:
        return MailDaemon(
            [f"{DAEMONS}/master", "-c", str(self.folder / "etc"), "-d"],
            log=self.folder / "log" / "mail.log",
            ready=greets_on(self.port),
        )

    def _configure(self) -> None:
        values = {
            "folder": self.folder,
            "daemons": DAEMONS,
            "lifetime": self._lifetime,
            "uid": self._account.pw_uid,
            "gid": self._account.pw_gid,
            "certificate": self.certificate,
            "readers": ", ".join(f"{{{name}@town.example = {name}/}}" for name in READERS),
            "extra": f"{FAR_RULES}\n{self._extra}",
            "port": self.port,
            "tls_port": self.tls_port,
            "far_port": self.far_port,
            "nobodys_port": free_port(),
            "user": self._account.pw_name,
            "pipe": self._pipe or "/bin/false",
        }
        (self.folder / "etc" / "main.cf").write_text(MAIN.format(**values))
        (self.folder / "etc" / "master.cf").write_text(MASTER.format(**values))

    def reconfigure(self, extra: str) -> None:
        """Start anew with other settings: after a mere reload, idle processes serve one more with the old."""
        self._extra = extra
        self._configure()
        self._daemon.stop()
        for port in (self.port, self.tls_port, self.far_port):
            wait_until_free(port)  # its children may hold them a moment longer
        self._daemon = self._started()

    def url(self, *, tls: bool = False, options: Sequence[str] = ()) -> str:
        """Where our mail goes in."""
        words = [*options, *(["starttls=1", f"ca_file={self.certificate}"] if tls else [])]
        port = self.tls_port if tls else self.port
        return f"smtp://{'localhost' if tls else '127.0.0.1'}:{port}?{'&'.join(words)}"

    def maildir(self, name: str) -> Path:
        """The maildir of somebody in town, or `bounce`."""
        return self.folder / "boxes" / name

    def mails(self, name: str) -> list[bytes]:
        """What arrived there."""
        return [file.read_bytes() for part in ("new", "cur") for file in self.maildir(name).glob(f"{part}/*")]

    def wait_for_mails(self, name: str, count: int, *, seconds: float = 20.0) -> list[bytes]:
        """Wait until so many mails are there."""
        deadline = time.monotonic() + seconds
        while len(found := self.mails(name)) < count:
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"{len(found)} of {count} mails for {name} after {seconds} s\n{self.log_text()[-4000:]}"
                )
            time.sleep(0.1)
        return found

    def wait_for_log(
        self, words: str, *, since: Callable[[], str] | None = None, seconds: float = 30.0
    ) -> None:
        """Wait until it has logged something."""
        deadline = time.monotonic() + seconds
        while words not in (since or self.log_text)():
            if time.monotonic() > deadline:
                raise AssertionError(f"never said: {words}\n{self.log_text()[-4000:]}")
            time.sleep(0.1)

    def log_text(self) -> str:
        """What it logged."""
        return self._daemon.log_text()

    def stop(self) -> None:
        """End it, and whatever it started."""
        self._daemon.stop()
