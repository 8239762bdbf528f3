"""What others have built upon stays as it is: keys, types and code words of everything that machines read.

`shapes.json` holds them. More may come; nothing in it may go or change its type. Only when that is meant:

    REWRITE_SHAPES=1 python -m pytest tests/acceptance/test_shapes.py -n0

Everything is asked of the command and of its pages, so that the code behind may be named anew at will. What
only the code knows is found by its form (tables of words, settings, log actions), not by where it stands.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import hmac
import importlib
import io
import json
import os
import pkgutil
import re
import shutil
import smtplib
import sqlite3
import subprocess
import time
import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import openpyxl
import pytest
import requests

import dispatcher
from scripts.reference import filled
from tests.command import COMMAND, ROOT, Command, CommandResult, command_in

GOLDEN = Path(__file__).with_name("shapes.json")
SOURCE = Path(dispatcher.__file__).parent
C = "cong-dan-so"
DAYS = ("--from", "2025-11-10", "--to", "2025-11-11")

# Objects whose keys are data: their values have one shape, their keys may be code words.
MAPS = frozenset({"per_day", "points", "reasons", "statuses", "subresource_uris", "headers", "headings"})
# Strings under these names are code words, unless they look like something else.
WORDY = frozenset(
    {
        "basis", "channel", "class", "direction", "encoding", "flags", "found", "how", "kind", "lead",
        "outcome", "reason", "reasons", "repairs", "result", "role", "scope", "severity", "state", "status",
        "statuses", "why",
    }
)  # fmt: skip
# Tables of words that nobody sees, known by their first word.
INSIDE = frozenset({"act", "connect", "fail", "help", "idle_in_transaction_session_timeout", "no"})
WORD = re.compile(r"[a-z][a-z0-9]*([-_.:][a-z0-9]+)*")

Shape = dict[str, list[str]]  # where in the value → JSON types there; [] is any element, {} any key
Found = dict[str, Any]


# --- shapes -----------------------------------------------------------------------------------------------


def shape(*values: Any) -> Shape:
    """Tell which JSON types stand where in the values, lists merged over their elements."""
    found: dict[str, set[str]] = {}
    for value in values:
        for path, kind, _value in _walk(value, ""):
            found.setdefault(path, set()).add(kind)
    return {path: sorted(kinds) for path, kinds in sorted(found.items())}


def words(*values: Any) -> Shape:
    """Tell which code words stand where in the values."""
    found: dict[str, set[str]] = {}
    for value in values:
        for path, _kind, leaf in _walk(value, ""):
            name = re.split(r"[.\[{]", path.removesuffix("[]"))[-1]
            said = leaf if name in MAPS and isinstance(leaf, dict) else [leaf]
            if name in WORDY:
                known = [word for word in said if isinstance(word, str) and WORD.fullmatch(word)]
                found.setdefault(path, set()).update(known)
    return {path: sorted(kinds) for path, kinds in sorted(found.items()) if kinds}


def _walk(value: Any, path: str) -> Iterator[tuple[str, str, Any]]:
    yield path, _kind(value), value
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, f"{path}[]")
    elif isinstance(value, dict):
        is_map = re.split(r"[.\[{]", path)[-1] in MAPS
        for name, item in value.items():
            yield from _walk(item, f"{path}{{}}" if is_map else f"{path}.{name}".lstrip("."))


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    kinds = ((bool, "boolean"), (int | float, "number"), (str, "string"), (list, "array"), (dict, "object"))
    return next(name for kind, name in kinds if isinstance(value, kind))


def differences(golden: Found, found: Found) -> list[str]:
    """Tell what of the golden is gone or has another type; more than it is no difference."""
    told = []
    for name, wanted in golden["shapes"].items():
        has = found["shapes"].get(name)
        if has is None:
            told.append(f"{name}: gone")
            continue
        for path, kinds in wanted.items():
            if path not in has:
                told.append(f"{name}: {path or 'it'} is gone")
            elif has[path] != kinds:
                told.append(f"{name}: {path or 'it'} was {kinds}, is {has[path]}")
    for part in ("words", "names"):
        for name, wanted in golden[part].items():
            gone = sorted(set(wanted) - set(found[part].get(name, ())))
            told += [f"{name}: {word!r} is gone" for word in gone]
    sets = [set(one) for one in found["tables"]]
    told += [f"no table has these words any more: {one}" for one in golden["tables"]
             if not any(set(one) <= has for has in sets)]  # fmt: skip
    return told


# --- the command ------------------------------------------------------------------------------------------


class Taken:
    """The answers by what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Any]] = {}

    def add(self, name: str, *values: Any) -> Any:
        """Keep answers; gives the last one."""
        self.answers.setdefault(name, []).extend(values)
        return values[-1]


def ask_the_command(cli: Command, taken: Taken) -> None:
    """Call every verb that has an answer for machines, over the ledger of a played campaign."""

    def ask(verb: str, *rest: str, name: str = "", **settings: str) -> Any:
        done = cli.run(*verb.split(), *rest, "--json", **settings)
        try:
            return taken.add(name or f"{verb} --json", json.loads(done.stdout))
        except ValueError as error:
            raise AssertionError((verb, rest, done)) from error

    _kernels(cli, taken, ask)
    _plans(cli, ask)
    _people(cli, ask)
    for verb in ("pause", "resume", "status", "report"):
        ask(verb, *([] if verb == "status" else [C]))
    ask("approve", C, "--yes")
    ask("cancel", C, "--yes")
    ask("status")


Ask = Callable[..., Any]


def _kernels(cli: Command, taken: Taken, ask: Ask) -> None:
    cells = ("0912345678", "0168 123 4567", "912345678", "0220 3 812 345", "abc", "0912345678/0987654321", "")
    texts = ("Nhac ban tham gia", "Nhắc bà con tham gia", "日本")
    ask("phone", *cells)
    for text in texts:
        ask("sms", text)
    replies = ("TC", "Thi rồi", "Sai số rồi", "Cảm ơn")
    ask("reply", *replies)
    for verb, lines in (("phone", cells), ("sms", texts), ("reply", replies)):
        done = cli.run(verb, "--jsonl", stdin="".join(f"{json.dumps(one)}\n" for one in lines) + "no JSON\n")
        taken.add(f"{verb} --jsonl", *map(json.loads, done.stdout.splitlines()))


SAME_ANSWERS = {"rename audience --json"}  # as those of renaming a campaign or a step


def _plans(cli: Command, ask: Ask) -> None:
    broken = cli.folder / "broken.toml"
    broken.write_text((ROOT / "schedules.toml").read_text(encoding="utf-8").replace("starts =", "stards ="))
    ask("check")
    ask("check", DISPATCHER_SCHEDULES=str(broken))
    ask("plan")
    for audience in ("staff", "residents"):
        ask("preview", C, "3-days", "--audience", audience)
    ask("reconcile", "--log", "played/sandbox")
    ask("reconcile", "--offline")
    ask("config show")


def _people(cli: Command, ask: Ask) -> None:
    (cli.folder / "letter.csv").write_text("", encoding="utf-8")
    (cli.folder / "refused.csv").write_text("SĐT\n0911222333\n12\n", encoding="utf-8")
    (cli.folder / "report.eml").write_text(REPORT, encoding="utf-8")
    ask("contacts check", "letter.csv", "--audience", "residents")
    rows = ask("contacts check")["rows"]
    known = next(one["contact"] for one in reversed(rows) if one["status"] == "accepted")
    phone = known["phones"][0]
    for address in {
        phone,
        next(one["contact"]["email"] for one in rows if (one["contact"] or {}).get("email")),
    }:
        ask("why", address, "--full")
    for n, held in enumerate(ask("contacts held")[:2]):
        ask(("contacts release", "contacts drop")[n], str(held["contact_id"]), "--yes")
    ask("contacts held", "--decided", name="contacts held --decided --json")
    ask("contacts load", "--dry-run")
    ask("contacts find", known["name"])
    _part_namesakes(cli, ask)
    ask("optout add", phone, "--words", "gọi điện")
    ask("why", phone)
    ask("optout import", "refused.csv", "--yes")
    ask("optout list")
    ask("optout remove", phone, "--yes")
    took_part = f"Họ và tên,SĐT,Thôn\n{known['name']},{phone},\nNgười Lạ,,Đông\n"
    (cli.folder / "took-part.csv").write_text(took_part, encoding="utf-8")
    (cli.folder / "figures.csv").write_text("Thôn,Đăng ký,Hoàn thành\nĐông,120,80\n", encoding="utf-8")
    for file in ("took-part.csv", "figures.csv"):
        ask("participation import", file, "--yes")
    ask("participation list", C, "--names")
    ask("participation imports")
    ask("participation undo", "2", "--yes")
    ask("bounces read", "report.eml")
    ask("optout end", "campaign:gone", "--yes")
    renamed = (ROOT / "schedules.toml").read_text(encoding="utf-8").replace(f"campaign.{C}", "campaign.new")
    (cli.folder / "renamed.toml").write_text(renamed, encoding="utf-8")
    for what, new in (("campaign", "new"), ("step", "launch")):
        ask(f"rename {what}", "gone", new, DISPATCHER_SCHEDULES="renamed.toml")
    ask("init", "new-office")
    ask("users add", "lan", "--role", "lead", "--area", "Thôn Đông")
    ask("users password", "lan")
    ask("users list")
    ask("export", phone)
    ask("forget", phone, "--everybody", "--yes")
    ask("retention", "--dry-run")
    new = {"DISPATCHER_DATABASE_URL": f"sqlite:///{cli.folder / 'new.sqlite3'}"}
    cli.run("db", "upgrade", **new)
    ask("golive", "--yes", **new)
    ask("contacts load", "--yes", DISPATCHER_CONTACTS=str(_other_lists(cli.folder)))
    ask("contacts undo", str(ask("contacts loads")[0]["load"]), "--yes")


def _other_lists(folder: Path) -> Path:
    """Copy the sample lists; somebody is new, somebody has left."""
    lists = shutil.copytree(ROOT / "contacts", folder / "contacts")
    file = lists / "residents" / "an-thinh.csv"
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    file.write_text("\n".join([*lines[:-1], "99,Lê Văn,Mới,An Thịnh,0990009999,"]), encoding="utf-8")
    return lists


REPORT = (
    "From: MAILER-DAEMON@relay.example\nTo: nhac@hatay.example\nMessage-ID: <1@relay.example>\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=xx\n\n"
    "--xx\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example\n\n"
    "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n--xx--\n"
)


# --- processes --------------------------------------------------------------------------------------------


@contextmanager
def running(cli: Command, *said: str, until: str, err: bool = False) -> Iterator[tuple[str, Path]]:
    """Run the command until the block ends; gives what it said up to the word `until`, and its output."""
    out = cli.folder / f"{said[0]}.out"
    environ = cli._environ({"DISPATCHER_BIND": "127.0.0.1:0", "PYTHONUNBUFFERED": "1"})
    with out.open("wb") as file, (cli.folder / f"{said[0]}.err").open("wb") as errors:
        process = subprocess.Popen([*COMMAND, *said], cwd=cli.folder, env=environ, stdout=file, stderr=errors)
        try:
            yield _heard(process, Path(errors.name) if err else out, until), out
        finally:
            process.terminate()
            process.wait(30)


def _heard(process: subprocess.Popen[bytes], file: Path, until: str) -> str:
    for _try in range(2400):
        said = file.read_text(encoding="utf-8")
        if until in said:
            return said
        assert process.poll() is None, said
        time.sleep(0.05)
    raise AssertionError(said)


# --- the pages --------------------------------------------------------------------------------------------


def ask_the_pages(url: str, account: str, password: str, listener: str, taken: Taken) -> Found:
    """Ask every address that machines read; gives names found there."""
    session = requests.Session()
    session.trust_env = False
    session.headers["accept-language"] = "en"

    def act(path: str, seen_on: str, **fields: str) -> str:
        csrf = re.search(r'name="csrf" value="([^"]+)"', session.get(url + seen_on, timeout=20).text)
        assert csrf
        return session.post(url + path, data={"csrf": csrf[1], **fields}, timeout=20).text

    act("/sign-in", "/sign-in", name=account, password=password, next="/")
    token = _secret(act("/machines/tokens", "/machines", label="shapes", role="organiser"))
    hook = _secret(act("/machines/hooks", "/machines", name="shapes", direction="in"))
    kinds = {"kind-campaign": "1", "kind-opt-out": "1", "kind-step": "1"}
    act("/machines/hooks", "/machines", name="told", direction="out", url=listener, **kinds)
    document = session.get(f"{url}/api/openapi.json", timeout=20).json()
    _ask_the_api(f"{url}/api/v1", token, hook, taken)
    taken.add("GET /readyz", session.get(f"{url}/readyz", timeout=20).json())
    return {
        **_promised(document, taken),
        "metrics": _metrics(session.get(f"{url}/metrics", timeout=20).text),
        **{
            f"export.xlsx {lang}": _headings(
                session.get(
                    f"{url}/campaigns/{C}/export.xlsx", headers={"accept-language": lang}, timeout=20
                ).content
            )
            for lang in ("en", "vi")
        },
    }


TOLD = {"campaign.paused", "campaign.resumed", "opt-out.created"}


@contextmanager
def listening() -> Iterator[tuple[str, list[tuple[list[str], Any]]]]:
    """Be a machine that is told what happens: its address, and names of headers with what it heard."""
    heard: list[tuple[list[str], Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            heard.append(([name.lower() for name in self.headers if "webhook" in name.lower()], body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_said: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/", heard
        finally:
            server.shutdown()
            thread.join()


def _until(is_so: Callable[[], Any]) -> None:
    for _try in range(300):
        if is_so():
            return
        time.sleep(0.1)
    raise AssertionError("it never came")


def _secret(page: str) -> str:
    found = re.search(r"<code>([^<]+)</code>", page)
    assert found, page[:500]
    return found[1]


def _part_namesakes(cli: Command, ask: Ask) -> None:
    lists = {"staff/a.csv": "trung@hatay.example", "residents/b.csv": "0990000401"}
    shutil.copytree(ROOT / "contacts", cli.folder / "other")
    for file, address in lists.items():
        path = cli.folder / "other" / file
        path.write_text(
            f"Họ và tên,Thôn,SĐT,Email\nĐỗ Thị Trùng,Đông,{address},{address}\n", encoding="utf-8"
        )
    files = (f"other/{file}" for file in lists)
    loaded = ask("contacts load", *files, "--yes", DISPATCHER_CONTACTS="other")
    ask("contacts joins")
    ask("contacts split", str(loaded["joined"][0]["id"]), "--yes")


def _ask_the_api(url: str, token: str, hook: str, taken: Taken) -> None:
    bearer = {"authorization": f"Bearer {token}"}

    def ask(method: str, path: str, expected: int = 200, *, secret: str = token, **sent: Any) -> None:
        headers = {"authorization": f"Bearer {secret}", **sent.pop("headers", {})}
        answer = requests.request(method, f"{url}{path}", headers=headers, timeout=20, **sent)
        assert answer.status_code == expected, answer.text
        shown = re.sub(r"/(campaigns|push)/[a-z-]+", r"/\1/{}", path)
        taken.add(f"{method} /v1{shown} {expected}", answer.json())

    day = {"area": "Thôn Đông", "day": "2025-11-08", "registered": 9, "finished": 4}
    told = {"people": [{"address": "0912 345 678"}], "counts": [day]}
    ask("POST", "/opt-outs", json={"address": "0912 345 678"})
    ask("POST", "/opt-outs", 422, json={"address": "xyz"})
    ask("POST", f"/campaigns/{C}/participation", json=told)
    ask("GET", f"/campaigns/{C}/participation/imports")
    ask("POST", f"/campaigns/{C}/participation/imports/1/undo")
    ask("POST", f"/campaigns/{C}/participation/imports/1/undo", 409)
    ask("GET", "/opt-outs")
    ask("GET", "/campaigns")
    ask("GET", "/campaigns", 401, secret="x")
    ask("GET", "/campaigns/none", 404)
    ask("GET", f"/campaigns/{C}")
    for part in ("plan", "status"):
        ask("GET", f"/campaigns/{C}/{part}")
    _until(
        lambda: requests.get(f"{url}/campaigns/{C}/participation", headers=bearer, timeout=20).json()["as_of"]
    )
    ask("GET", f"/campaigns/{C}/participation")
    ask("POST", f"/campaigns/{C}/pause", json={"reason": "by-hand"})
    ask("POST", f"/campaigns/{C}/resume")
    body = json.dumps({"type": "participation", "timestamp": "", "data": {"campaign": C, **told}}).encode()
    ask("POST", "/push/shapes", data=body, headers=_signed(hook, body))
    ask("POST", "/push/shapes", 403, data=body)


def _signed(secret: str, body: bytes) -> dict[str, str]:
    """Sign as Standard Webhooks says."""
    now = f"{time.clock_gettime(time.CLOCK_REALTIME):.0f}"
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"m-1.{now}.".encode() + body, hashlib.sha256)
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": "m-1", "webhook-timestamp": now, "webhook-signature": signature}


def _metrics(page: str) -> list[str]:
    found = set()
    for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? ", page, re.MULTILINE):
        found |= {name, *(f"{name}{{{label}}}" for label in re.findall(r'(\w+)="', labels))}
    return sorted(found)


def _headings(content: bytes) -> list[str]:
    """Give the texts of the first rows of each sheet: name, title and headings (data has none of them)."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return sorted(
        f"{sheet.title}: {cell}"
        for sheet in book
        for row in sheet.iter_rows(min_row=3, max_row=3, values_only=True)
        for cell in row
        if isinstance(cell, str)
    )


# --- what the API promises --------------------------------------------------------------------------------


def _promised(document: Any, taken: Taken) -> Found:
    """Read the OpenAPI document: what goes in and out of each route, whatever the schemas are called."""
    asked = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            route = f"{method.upper()} {path}"
            asked += [f"{route} {one['in']} {one['name']}" for one in operation.get("parameters", ())]
            bodies = {"asks": operation.get("requestBody", {}), **operation["responses"]}
            for which, body in bodies.items():
                asked.append(f"{route} {which}")
                for content in body.get("content", {}).values():
                    taken.add(f"openapi {route} {which}", _Promise(document, content["schema"]))
    return {"openapi": sorted(asked), "openapi schemas": sorted(document["components"]["schemas"])}


class _Promise:
    """A JSON schema, to be told like a value."""

    def __init__(self, document: Any, schema: Any) -> None:
        self.shape: Shape = {}
        self.words: Shape = {}
        self._document = document
        self._read(schema, "")
        self.shape = {path: sorted(set(kinds)) for path, kinds in sorted(self.shape.items())}

    def _read(self, schema: Any, path: str) -> None:
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            self._read(self._document["components"]["schemas"][name], path)
        for one in schema.get("anyOf", ()):
            self._read(one, path)
        if "type" in schema:
            self.shape.setdefault(path, []).append(
                " ".join([schema["type"], schema.get("format", "")]).strip()
            )
        if "enum" in schema:
            self.words[path] = sorted(map(str, schema["enum"]))
        for name, inner in schema.get("properties", {}).items():
            needed = "" if name in schema.get("required", ()) else "?"
            self._read(inner, f"{path}.{name}{needed}".lstrip("."))
        if isinstance(schema.get("items"), dict):
            self._read(schema["items"], f"{path}[]")
        if isinstance(schema.get("additionalProperties"), dict):
            self._read(schema["additionalProperties"], f"{path}{{}}")


# --- the sandbox ------------------------------------------------------------------------------------------


def ask_the_sandbox(said: str, taken: Taken) -> Found:
    """Send a text and a mail, then pull every string; gives the settings that it names."""
    named = dict(re.findall(r"export (\w+)=(\S+)", said))
    url, account = named["DISPATCHER_TWILIO_BASE_URL"], named["TWILIO_ACCOUNT_SID"]
    messages, auth = f"/2010-04-01/Accounts/{account}/Messages", (account, named["TWILIO_AUTH_TOKEN"])

    def ask(name: str, method: str, path: str, **sent: Any) -> Any:
        answer = requests.request(method, url + path, timeout=20, **sent)
        return taken.add(f"sandbox {name}", answer.json())

    form = {"To": "+84990000001", "From": "+84900000000", "Body": "Nhac"}
    sid = ask("twilio create", "POST", f"{messages}.json", data=form, auth=auth)["sid"]
    ask("twilio fetch", "GET", f"{messages}/{sid}.json", auth=auth)
    ask("twilio list", "GET", f"{messages}.json", auth=auth)
    ask("twilio refuses", "POST", f"{messages}.json", data={**form, "To": "1"}, auth=auth)
    host, _colon, port = named["DISPATCHER_SMTP_URL"].rpartition("//")[2].partition("?")[0].rpartition(":")
    with smtplib.SMTP(host.rpartition("@")[2], int(port.strip("/")), timeout=20) as mail:
        mail.sendmail("nhac@hatay.example", ["a@hatay.example"], "Subject: Nhac\nMessage-ID: <1@b>\n\nNhac\n")
    for name, to in (("messages", "+84990000001"), ("mails", "a@hatay.example")):
        ask(name, "GET", f"/sandbox/{name}")
        ask(f"{name} of one", "GET", f"/sandbox/{name}?to={to}")
    ask("summary", "GET", "/sandbox/summary")
    ask("failures", "POST", "/sandbox/failures", json={"seed": 1})
    ask("problem", "POST", "/sandbox/failures", json={"no": 1})
    ask(
        "inbound",
        "POST",
        "/sandbox/inbound",
        json={"from": "+84990000001", "body": "Da nhan", "url": f"{url}/none"},
    )
    ask("clock", "POST", "/sandbox/clock", json={"now": "2099-10-11T07:30:00+07:00", "wait": False})
    return {"settings the sandbox gives": sorted(named)}


def _logs(folder: Path, taken: Taken) -> None:
    for log in sorted(folder.glob("*.jsonl")):
        taken.add(f"sandbox {log.name}", *map(json.loads, log.read_text(encoding="utf-8").splitlines()))


# --- what only the code knows -----------------------------------------------------------------------------


def documented() -> Found:
    """Read the parts of the reference that the code writes: verbs, keys of TOML, values and filters."""

    def part(name: str) -> str:
        return filled(f"<!-- {name}: written by make docs -->\n<!-- end -->")

    verbs, verb = [], ""
    for line in part("verbs").splitlines():
        if found := re.match(r"#### `dispatcher (.+)`", line):
            verb = re.sub(r" [A-Z\[].*", "", found[1])
            verbs.append(found[1])
        elif found := re.match(r"- `(-[^`]+)`", line):
            verbs.append(f"{verb} {found[1]}")
    rows = {name: re.findall(r"^\| `([^`]+)` \| ([^|]*) \|", part(name), re.MULTILINE) for name in PARTS}
    asked = [re.findall(rf"(?:\b{name}|[ ,])(\.[a-z_]+)", meaning) for name, meaning in rows["values"]]
    return {
        "verbs": sorted(verbs),
        "keys of schedules.toml": sorted(f"{name}: {kind}" for name, kind in _keys(part("keys"))),
        "filters": sorted(name for name, _meaning in rows["filters"]),
        "values of templates": sorted(
            {name for name, _meaning in rows["values"]}
            | {
                name + dotted
                for (name, _m), found in zip(rows["values"], asked, strict=True)
                for dotted in found
            }
        ),
    }


PARTS = ("values", "filters")


def _keys(table: str) -> list[tuple[str, str]]:
    return re.findall(r"^\| `([^`]+)` \| ((?:\\\||[^|])+) \|", table, re.MULTILINE)


def written() -> Found:
    """Read the source: names of settings, and of what log lines carry."""
    settings, actions, fields = set(), set(), set()
    for file in SOURCE.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        settings |= set(re.findall(r'"((?:DISPATCHER|TWILIO)_[A-Z_]*[A-Z])"', text))
        for extra in _extras(ast.parse(text)):
            for name, value in zip(extra.keys, extra.values, strict=True):
                if isinstance(name, ast.Constant):
                    fields.add(name.value)
                if (
                    isinstance(name, ast.Constant)
                    and name.value == "action"
                    and isinstance(value, ast.Constant)
                ):
                    actions.add(value.value)
    return {"settings": sorted(settings), "log actions": sorted(actions), "log fields": sorted(fields)}


def _extras(tree: ast.Module) -> Iterator[ast.Dict]:
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "extra" and isinstance(node.value, ast.Dict):
            yield node.value


def tables() -> list[list[str]]:
    """Collect sets of code words: what a Literal allows, and what a table gives people's words for.

    They have no names here: a set is found again by what is in it.
    """
    found = set()
    for module in pkgutil.walk_packages(dispatcher.__path__, "dispatcher."):
        if "__main__" in module.name or ".migrations" in module.name:
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if not name.startswith("_"):
                found.add(frozenset(_set_of_words(value)))
    return sorted(sorted(one) for one in found if len(one) > 1 and min(one) not in INSIDE)


def _set_of_words(value: object) -> tuple[str, ...]:
    said: tuple[Any, ...] = ()
    if typing.get_origin(value) is typing.Literal:
        said = typing.get_args(value)
    elif isinstance(value, Mapping) and all(isinstance(one, str) for one in value.values()):
        said = tuple(value)
    return said if all(isinstance(one, str) and WORD.fullmatch(one) for one in said) else ()


# --- all of it --------------------------------------------------------------------------------------------


def look(folder: Path) -> Found:
    """Ask everything there is to ask."""
    taken, names, here = Taken(), {**documented(), **written()}, command_in(folder)
    with ExitStack() as stack:
        drilled = stack.enter_context(_drilled(here))
        said, _out = stack.enter_context(running(here, "sandbox", "serve", until="MAIL_FROM"))
        names |= ask_the_sandbox(said, taken)
        played = ("simulate", *DAYS, "--keep", "played", "--stay", "--json")
        said, out = stack.enter_context(running(here, *played, until="Sign in as", err=True))
        taken.add("simulate --json", json.loads(out.read_text(encoding="utf-8")))
        door = re.search(r"(http://127\.0\.0\.1:\d+).*Sign in as (\S+) with (\S+);", said, re.DOTALL)
        assert door, said
        copy = _copied(folder / "played" / "ledger.sqlite3", folder / "copy.sqlite3")
        listener, heard = stack.enter_context(listening())
        names |= ask_the_pages(*door.groups(), listener, taken)
        over = {"DISPATCHER_DATABASE_URL": f"sqlite:///{copy}"}
        ask_the_command(Command(folder=folder, settings={**here.settings, **over}), taken)
        _logs(folder / "played" / "sandbox", taken)
        names |= _told(heard, taken)
        names |= {f"rejects.xlsx {lang}": _rejects(here, lang) for lang in ("en", "vi")}
    assert drilled[0].stdout, drilled[0].stderr
    fate = json.loads(drilled[0].stdout)
    taken.add("drill --json", {**fate, "points": fate["points"] or {"none": 0}})  # may end before a kill
    return _found(taken, names)


@contextmanager
def _drilled(cli: Command) -> Iterator[list[CommandResult]]:
    """Let a drill, which lasts longest, run beside the block; what it came to is there after it."""
    came: list[CommandResult] = []
    beside = Thread(target=lambda: came.append(cli.run_in_process("drill", "--minutes", "0.1", "--json")))
    beside.start()
    try:
        yield came
    finally:
        beside.join()


def _told(heard: list[tuple[list[str], Any]], taken: Taken) -> Found:
    _until(lambda: {one["type"] for _headers, one in heard} >= TOLD)
    for _headers, one in heard:
        taken.add(f"tells {one['type']}", one)
    return {"tells": sorted({word for headers, one in heard for word in (one["type"], *headers)})}


def _copied(ledger: Path, to: Path) -> Path:
    with closing(sqlite3.connect(ledger)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)
    return to


def _rejects(cli: Command, lang: str) -> list[str]:
    cli.run("contacts", "check", "--rejects", "out.xlsx", "--lang", lang)
    book = openpyxl.load_workbook(cli.folder / "out.xlsx", read_only=True)
    return sorted({str(cell) for sheet in book for row in sheet.iter_rows(max_row=1, values_only=True)
                   for cell in row if cell})  # fmt: skip


def _found(taken: Taken, names: Found) -> Found:
    shapes, said = {}, {}
    for name, values in sorted(taken.answers.items()):
        if isinstance(values[0], _Promise):
            shapes[name], kept = values[0].shape, values[0].words
        else:
            shapes[name], kept = shape(*values), words(*values)
        said |= {f"{name} {path}": found for path, found in kept.items()}
    return {"shapes": shapes, "words": said, "names": names, "tables": tables()}


@pytest.mark.timeout(360)  # plays a month, drills and asks every verb, one after the other
def test_what_machines_read_has_its_old_shape(tmp_path: Path) -> None:
    found = look(tmp_path)
    if os.environ.get("REWRITE_SHAPES"):
        with_json = {one for one in found["names"]["verbs"] if one.endswith((" --json", " --jsonl"))}
        assert sorted(with_json - set(found["shapes"]) - SAME_ANSWERS) == [], "ask these too"
        GOLDEN.write_text(
            json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    told = differences(golden, found)
    assert told == [], "\n".join(told)


# --- the comparison itself --------------------------------------------------------------------------------

ANSWER = {"people": [{"name": "An", "status": "sent"}, {"name": None, "status": "held"}], "sum": 2}


def compared(*, then: Any, now: Any) -> list[str]:
    def found(value: Any) -> Found:
        taken = Taken()
        taken.add("a", value)
        made = _found(taken, {"metrics": ["one"]})
        return {**made, "tables": [["sent", "held"], ["x", "y"]]}

    return differences(found(then), found(now))


def test_more_is_no_difference() -> None:
    more = {**ANSWER, "new": 1, "people": [*ANSWER["people"], {"name": "Ba", "status": "gone", "new": 1}]}
    assert compared(then=ANSWER, now=more) == []


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ({"people": ANSWER["people"]}, ["a: sum is gone"]),
        ({**ANSWER, "sum": "2"}, ["a: sum was ['number'], is ['string']"]),
        ({**ANSWER, "sum": None}, ["a: sum was ['number'], is ['null']"]),
        (
            {**ANSWER, "people": ANSWER["people"][:1]},
            ["a: people[].name was ['null', 'string'], is ['string']", "a people[].status: 'held' is gone"],
        ),
        ([ANSWER], ["a: it was ['object'], is ['array']", *(f"a: {one} is gone" for one in (
            "people", "people[]", "people[].name", "people[].status", "sum",
        )), "a people[].status: 'held' is gone", "a people[].status: 'sent' is gone"]),
    ],
)  # fmt: skip
def test_less_is_seen(now: Any, told: list[str]) -> None:
    assert compared(then=ANSWER, now=now) == told


def test_a_word_a_name_and_an_answer_that_are_gone_are_seen() -> None:
    then = {"shapes": {"a": {}}, "words": {}, "names": {"metrics": ["one", "two"]}, "tables": [["x", "y"]]}
    now = {"shapes": {}, "words": {}, "names": {"metrics": ["two"]}, "tables": [["x", "z"], ["y"]]}
    assert differences(then, now) == [
        "a: gone", "metrics: 'one' is gone", "no table has these words any more: ['x', 'y']",
    ]  # fmt: skip
