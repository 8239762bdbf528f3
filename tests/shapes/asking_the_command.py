"""Asks the command all that it answers in JSON, the sandbox too."""

from __future__ import annotations

import json
import re
import shutil
import smtplib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from tests.command import ROOT, Command
from tests.shapes.comparing import Found, Taken

C = "cong-dan-so"
Ask = Callable[..., Any]


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
    ask("rename apart", "gone", "weekly")
    ask("init", "new-office")
    ask("users add", "lan", "--role", "lead", "--area", "Thôn Đông")
    ask("users password", "lan")
    ask("users mail", "lan", "lan@hatay.example")
    ask("users list")
    ask("rights take", "access", phone)
    ask("rights take", "correction", phone, "--area", "Thôn Đông")
    ask("rights take", "restriction", phone)
    ask("rights extend", "1", "--because", "nhiều hồ sơ")
    ask("rights refuse", "1", "--because", "không rõ là ai", "--told")
    ask("rights done", "2")
    ask("rights told", "2")
    ask("rights lift", "3", "--yes")
    ask("rights", "--all")
    ask("export", phone)
    ask("forget", phone, "--everybody", "--yes")
    ask("retention", "--dry-run")
    new = {"DISPATCHER_DATABASE_URL": f"sqlite:///{cli.folder / 'new.sqlite3'}"}
    cli.run("db", "upgrade", **new)
    ask("golive", "--yes", **new)
    ask("restore", ask("backup", str(cli.folder / "backup.sqlite3"))["file"], "--yes", **new)
    ask("contacts load", "--yes", DISPATCHER_CONTACTS=str(_other_lists(cli.folder)))
    ask("contacts undo", str(ask("contacts loads")[0]["load"]), "--yes")


def _other_lists(folder: Path) -> Path:
    """Copy the sample lists; somebody is new, somebody has left."""
    lists = shutil.copytree(ROOT / "contacts", folder / "contacts")
    file = lists / "residents" / "an-thinh.csv"
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    file.write_text("\n".join([*lines[:-1], "99,Lê Văn,Mới,An Thịnh,0990009999,"]), encoding="utf-8")
    return lists


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


REPORT = (
    "From: MAILER-DAEMON@relay.example\nTo: nhac@hatay.example\nMessage-ID: <1@relay.example>\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=xx\n\n"
    "--xx\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example\n\n"
    "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n--xx--\n"
)


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


def read_logs(folder: Path, taken: Taken) -> None:
    """Take what the sandbox has written down, line by line."""
    for log in sorted(folder.glob("*.jsonl")):
        taken.add(f"sandbox {log.name}", *map(json.loads, log.read_text(encoding="utf-8").splitlines()))
