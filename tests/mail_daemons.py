"""Real mail servers for the tests, in folders and on ports of their own, gone when the tests are gone."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

START_SECONDS_MAX = 20.0
STOP_SECONDS_MAX = 10.0


@contextmanager
def world_readable_folder() -> Iterator[Path]:
    """A folder for a while that a server under its own user can get into; pytest's are closed to it."""
    folder = Path(tempfile.mkdtemp(prefix="dispatcher-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_free(port: int) -> None:
    """Wait until nobody listens on a port any more."""
    deadline = time.monotonic() + STOP_SECONDS_MAX
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # old connections do not matter
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                if time.monotonic() > deadline:
                    raise
            else:
                return
        time.sleep(0.05)


def find_program(name: str) -> str | None:
    """Where a system program is; its folder is not in everybody's PATH."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def make_certificate(folder: Path) -> Path:
    """A certificate for localhost, with its key, that only who is given it will trust."""
    key, made = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "2",
         "-keyout", key, "-out", made],
        check=True,
        capture_output=True,
    )  # fmt: skip
    made.write_bytes(made.read_bytes() + key.read_bytes())
    key.unlink()
    return made


# Ends the server when its own standard input closes: whatever becomes of us, even by SIGKILL. In a session
# of its own, because Postfix's master ends its children as a process group.
WATCHDOG = 'setsid "$@" </dev/null & pid=$!; read -r word; kill $pid; wait $pid'


class MailDaemon:
    """A server process of ours: it dies with us, and takes its children down."""

    def __init__(self, command: Sequence[str], *, log: Path, ready: Callable[[], bool]) -> None:
        self._log = log
        with log.with_suffix(".out").open("ab") as output:
            self._keeper = subprocess.Popen(
                ["/bin/sh", "-c", WATCHDOG, "keeper", *command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for us to answer
            )
        deadline = time.monotonic() + START_SECONDS_MAX
        while not ready():
            if time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"{command[0]} does not come up: {self.log_text()}")
            time.sleep(0.05)

    def log_text(self) -> str:
        """What it wrote, for whoever looks for a fault."""
        files = [file for file in (self._log, self._log.with_suffix(".out")) if file.exists()]
        return "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files)

    def stop(self) -> None:
        """End it."""
        self._keeper.communicate(timeout=STOP_SECONDS_MAX)


def greets_on(port: int) -> Callable[[], bool]:
    """Tell whether somebody greets on a port."""

    def ready() -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                return bool(connection.recv(1))
        except OSError:
            return False

    return ready


DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
{tls}
disable_plaintext_auth = no
auth_failure_delay = 0
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
first_valid_uid = 1
mail_location = maildir:{mail}
mail_home = {mail}
maildir_stat_dirs = yes
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={mail}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain_port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


def dovecot_version() -> str:
    """The version of the Dovecot that is installed, as 2.3; empty: none that speaks IMAP is."""
    found = find_program("dovecot")
    if found is None or not Path("/usr/lib/dovecot/imap").exists():
        return ""
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    return ".".join(said.split(".")[:2])


class Dovecot:
    """An IMAP server over one maildir. `mail` may belong to somebody else's server too."""

    def __init__(self, folder: Path, *, mail: Path | None = None, tls: Path | None = None) -> None:
        self.mail = mail or folder / "mail"
        self.password = "p@ss/word"
        account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        group = "nogroup" if os.geteuid() == 0 else str(account.pw_gid)
        if mail is None:
            for part in ("", "new", "cur", "tmp"):
                (self.mail / part).mkdir(parents=True, exist_ok=True)
                os.chown(self.mail / part, account.pw_uid, account.pw_gid)
        (folder / "run").mkdir()
        self.port = free_port()
        config = folder / "dovecot.conf"
        config.write_text(
            DOVECOT.format(
                folder=folder,
                mail=self.mail,
                user=account.pw_name,
                group=group,
                uid=account.pw_uid,
                gid=account.pw_gid,
                password=self.password,
                plain_port=0 if tls else self.port,
                tls_port=self.port if tls else 0,
                tls=f"ssl = required\nssl_cert = <{tls}\nssl_key = <{tls}" if tls else "ssl = no",
            )
        )
        ready = _accepts_on(self.port) if tls else greets_on(self.port)
        found = find_program("dovecot")
        assert found is not None
        self._daemon = MailDaemon([found, "-F", "-c", str(config)], log=folder / "dovecot.log", ready=ready)
        self._uid, self._gid = account.pw_uid, account.pw_gid
        self._count = 0

    def url(self, *, password: str = "", scheme: str = "imap", options: str = "") -> str:
        """The mailbox as the settings name it."""
        secret = (password or self.password).replace("@", "%40").replace("/", "%2F")
        return f"{scheme}://bounce%40hatay.example:{secret}@127.0.0.1:{self.port}/INBOX{options}"

    def deliver(self, raw: bytes) -> None:
        """Put a mail into the mailbox."""
        self._count += 1
        aside = self.mail / "tmp" / f"{time.time_ns()}.{self._count}.test"
        aside.write_bytes(raw)
        os.chown(aside, self._uid, self._gid)
        aside.rename(self.mail / "new" / aside.name)

    def stop(self) -> None:
        """End it."""
        self._daemon.stop()


def _accepts_on(port: int) -> Callable[[], bool]:
    """Tell whether somebody takes connections on a port, who waits for us to speak first."""

    def ready() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return False
        return True

    return ready
