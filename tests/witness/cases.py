"""What the witness tries. Each case gives its findings: what was looked at, and whether it is right."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.witness.office import Office, free_port, phone, wait_for
from tests.witness.provider import Answer, Cut, Decide, Provider, TakenText, kind

HUGE = "9" * 30


class Finding(NamedTuple):
    """One line of the table."""

    what: str
    is_right: bool
    seen: str = ""


class Mailbox:
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[str] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Take a mail."""
        self.mails.append((envelope.content or b"").decode() if isinstance(envelope.content, bytes) else "")
        return "250 taken"


@contextmanager
def an_office(
    folder: Path, database_url: str, decide: Decide, *, people: int, with_mail: bool = False,
    patience: str = "1",
) -> Iterator[tuple[Office, Provider, Mailbox]]:  # fmt: skip
    """Open an office with people in its lists beside an unkind provider; all of it ends with the block."""
    provider, mailbox = Provider(), Mailbox()
    provider.decide = decide
    port = free_port()
    smtp = Controller(mailbox, hostname="127.0.0.1", port=port)
    smtp.start()
    office = Office(
        folder, database_url, provider.url, people=people, patience=patience,
        smtp_url=f"smtp://127.0.0.1:{port}" if with_mail else "",
    )  # fmt: skip
    try:
        yield office, provider, mailbox
    finally:
        office.kill()
        provider.close()
        smtp.stop()


# --- a no is heard; odd answers lose nothing -----------------------------------------------------------

PEOPLE = 14
STOPPED = {
    1: "A2 a NUL in the text", 2: "A1 tc after an answer to what is gone", 3: "A3 OptOutType",
    5: "A4 STOP while away", 6: "A4 Từ chối while away",
}  # fmt: skip


def answers_and_oddities(folder: Path, database_url: str) -> list[Finding]:
    """A1-A4, B1, C3, C7: a campaign leaves the file, people answer, the service dies; waits at 10 %."""

    def decide(text: TakenText, before: int) -> Answer:
        odd = ODD.get(text.to)
        if odd is not None and before == 0:
            return odd(provider, text)
        provider.accept(text)
        return kind(text, before)

    with an_office(folder, database_url, decide, people=PEOPLE, with_mail=True, patience="0.1") as opened:
        office, provider, mailbox = opened
        soon = office.moment(5)
        office.schedule(first=[soon], second=[soon])
        office.load()
        office.start()
        first_texts = wait_for(lambda: all(provider.texts_to(phone(n)) == 2 for n in range(PEOPLE)))
        wait_for(lambda: len(mailbox.mails) == 2)
        office.schedule(second=[soon])
        wait_for(lambda: office.has_logged("new edition"), 15)
        said = {0: "Xong", 1: "ST\0OP", 2: "tc", 4: "Cảm ơn, Huy"}
        statuses = [office.answer(n, body) for n, body in said.items()]
        statuses.append(office.answer(3, "Cút đi", "STOP"))
        heard = wait_for(lambda: office.sql(WAITING) == 0 and office.sql(STOPS) == 3, 10)
        ready = office.problems()
        one_click = _one_click(office, mailbox)
        office.kill()
        # A step falls due while nobody is there, and two people say no.
        office.schedule(second=[soon, office.moment(0)])
        provider.hear(phone(5), "STOP")
        provider.hear(phone(6), "Từ chối nhận tin")
        before = {n: provider.texts_to(phone(n)) for n in range(PEOPLE)}
        office.start()
        others = [n for n in range(4, PEOPLE) if n not in STOPPED]
        wait_for(lambda: all(provider.texts_to(phone(n)) > before[n] for n in others), 25)
        wait_for(lambda: office.sql(OPEN) == 0, 20)
        read_back = office.sql(STOPS) == 5
        again = {n for n in range(PEOPLE) if provider.texts_to(phone(n)) > before[n]}
        exit_code = office.terminate()
        return [
            Finding("the first texts left", first_texts),
            Finding("A1 answers go on after a campaign left the file", heard and set(statuses) == {200}),
            Finding("A1 who has done it is known for the campaign that is gone", office.sql(DONE) >= 1),
            *(Finding(f"{why}: not texted again", n not in again) for n, why in STOPPED.items()),
            Finding("A3 a thank-you signed Huy is no refusal", 4 in again),
            Finding("A4 read back from the provider's list", read_back),
            Finding("ready while odd things came in", ready == [], str(ready)),
            *_odd_findings(office, provider),
            *one_click,
            Finding("it ends in order when told to", exit_code == 0, str(exit_code)),
        ]  # fmt: skip


WAITING = "SELECT count(*) FROM event WHERE processed_at IS NULL"
STOPS = "SELECT count(*) FROM suppression WHERE channel = 'sms'"
MAIL_STOPS = "SELECT count(*) FROM suppression WHERE channel = 'email'"
DONE = "SELECT count(*) FROM participation WHERE campaign = 'first' OR campaign = 'second'"
GIVEN_UP = "SELECT count(*) FROM message WHERE submitted_at IS NOT NULL AND next_at IS NULL"
OPEN = "SELECT count(*) FROM message WHERE channel = 'sms' AND status IN ('submitting', 'in-doubt')"


def _taken(**facts: object) -> object:
    def answer(provider: Provider, text: TakenText) -> Answer:
        provider.accept(text)
        return Answer(201, text.resource(**facts))

    return answer


def _throttled(_provider: Provider, _text: TakenText) -> Answer:
    return Answer(429, {"code": 20429, "message": "slow down"}, {"Retry-After": "9" * 21})


ODD = {
    phone(8): _taken(date_created="Wed, 05 Nov 2025 00:00:60 +0000"),
    phone(9): _taken(num_segments=HUGE),
    phone(10): _taken(price="inf", price_unit="VND"),
    phone(11): _taken(status="spaghetti", error_code=int(HUGE)),
    phone(12): _taken(date_updated="yesterday", date_sent=[1]),
    phone(13): _throttled,
}


def _odd_findings(office: Office, provider: Provider) -> list[Finding]:
    """Each of them got as many texts as everybody: two campaigns, and the step after."""
    names = {
        8: "B1 second 60", 9: "C3 30 digits of parts", 10: "C3 price inf", 11: "C3 unknown status and code",
        12: "B1 dates that are none", 13: "C3 Retry-After of 21 digits",
    }  # fmt: skip
    return [
        Finding(f"{name}: two campaigns and the next step, once each", provider.texts_to(phone(n)) == 3,
                str(provider.texts_to(phone(n))))
        for n, name in names.items()
    ] + [Finding("C3 nothing is left without an answer", office.sql(OPEN) == 0)]  # fmt: skip


def _one_click(office: Office, mailbox: Mailbox) -> list[Finding]:
    head = "".join(mailbox.mails[:1]).replace("\r\n ", " ")
    found = re.search(r"List-Unsubscribe:\s*<(http[^>]+)>", head)
    if found is None:
        return [Finding("C7 the mail carries its link", False)]
    url = office.url + "/" + found[1].split("/", 3)[3]
    odd = [requests.post(url, data=body, timeout=10) for body in ({}, {"x": "1"}, {"List-Unsubscribe": "no"})]
    unmoved = office.sql(MAIL_STOPS) == 0 and {one.status_code for one in odd} == {400}
    requests.post(url, data={"List-Unsubscribe": "One-Click"}, timeout=10)
    return [
        Finding("C7 any body unsubscribes nobody", unmoved),
        Finding("C7 the pair of RFC 8058 does", office.sql(MAIL_STOPS) == 1),
    ]


# --- answers that are lost, errors that meet everybody ---------------------------------------------------


def lost_answers(folder: Path, database_url: str) -> list[Finding]:
    """B2: no answer ever comes, the list is late, no callback reaches us (waiting times at 3 %)."""
    people = 6

    def decide(text: TakenText, _before: int) -> Answer:
        provider.accept(text)
        raise Cut

    with an_office(folder, database_url, decide, people=people, patience="0.03") as (office, provider, _box):
        provider.list_delay = 200 * 0.03
        office.schedule(first=[office.moment(4)])
        office.load()
        office.start()
        wait_for(lambda: len(provider.taken) >= people)
        settled = wait_for(lambda: office.sql(OPEN) == 0, 60)
        time.sleep(30)  # longer than absence is waited for
        counts = [provider.texts_to(phone(n)) for n in range(people)]
        return [
            Finding("B2 lost answers are found in the list", settled),
            Finding("B2 each text once, however late the list", counts == [1] * people, str(counts)),
        ]


def refused_for_all(folder: Path, database_url: str) -> list[Finding]:
    """C1: an error of the sender that nobody knows meets every message."""
    people = 12

    def decide(_text: TakenText, _before: int) -> Answer:
        return Answer(400, {"code": 29998, "message": "sender is odd"})

    with an_office(folder, database_url, decide, people=people) as (office, _provider, _box):
        office.schedule(first=[office.moment(4)])
        office.load()
        office.start()
        paused = wait_for(lambda: office.sql("SELECT count(*) FROM campaign WHERE state = 'paused'") == 1)
        burnt = office.sql(GIVEN_UP)
        said = office.command("status")
        return [
            Finding("C1 the campaign pauses", paused),
            Finding("C1 nobody is given up", burnt == 0, str(burnt)),
            Finding("C1 `status` says so", said.returncode == 1 and "paused" in said.stdout.lower()),
        ]


CASES: Mapping[str, Callable[[Path, str], list[Finding]]] = {
    "answers": answers_and_oddities,
    "lost": lost_answers,
    "refused": refused_for_all,
}
