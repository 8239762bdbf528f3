"""What mail services send of their own accord: notices in JSON about one mail, statistics about a domain."""

from __future__ import annotations

import json

import pytest

from dispatcher.feedback.bounces.bounce_report import BounceFinding
from dispatcher.feedback.bounces.returned_mail import parse_report
from dispatcher.signed_links import SignedLinks

LINKS = SignedLinks("https://nhac.hatay.example", "a secret for the tests")
TO = "lan@xa.example"


def notice(*, kind: str = "notificationType", nested: bool = False, **facts: object) -> bytes:
    """A notice about our mail, as it arrives by mail."""
    ours = {
        "messageId": "0100",
        "headers": [{"name": "Message-ID", "value": LINKS.message_id_header(7, "x")}],
    }
    name = next(iter(facts)).capitalize()
    body = json.dumps({kind: name, **facts, "mail": ours})
    if nested:
        body = json.dumps({"Type": "Notification", "Message": body})
    return (
        "From: AWS Notifications <no-reply@sns.amazonaws.com>\nSubject: AWS Notification Message\n"
        f"Message-ID: <n1@sns>\nContent-Type: text/plain; charset=UTF-8\n\n{body}\n\n--\n"
        "If you wish to stop receiving notifications from this topic, please click the link below.\n"
    ).encode()


def bounced(bounce_type: str, subtype: str = "General", **recipient: str) -> dict[str, object]:
    return {
        "bounceType": bounce_type,
        "bounceSubType": subtype,
        "bouncedRecipients": [{"emailAddress": TO, **recipient}],
    }


NOTICES = {
    "unknown": (bounced("Permanent", status="5.1.1", diagnosticCode="550 5.1.1 user unknown"), "number"),
    "full": (bounced("Transient", "MailboxFull", status="5.2.2"), "temporary"),
    "no code, for good": (bounced("Permanent"), "number"),
    "no code, for now": (bounced("Transient"), "temporary"),
    "nobody knows": (bounced("Undetermined"), "temporary"),
    "our mail": (bounced("Transient", "ContentRejected"), "content"),
    "blocklist": (
        bounced("Permanent", status="5.7.1", diagnosticCode="smtp; 550 5.7.1 listed at spamhaus"), "content",
    ),
}  # fmt: skip


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize(("bounce", "fault"), NOTICES.values(), ids=NOTICES)
def test_a_bounce_told_in_json_is_a_bounce(bounce: dict[str, object], fault: str, nested: bool) -> None:
    report = parse_report(notice(bounce=bounce, nested=nested), LINKS)
    finding = report.finding
    assert (finding.kind, finding.error_class, finding.recipient) == ("failed", fault, TO)
    assert report.about == (7, 0)


def test_complaints_and_deliveries_told_in_json() -> None:
    complaint = parse_report(
        notice(kind="eventType", complaint={"complainedRecipients": [{"emailAddress": TO}]}), LINKS
    ).finding
    assert (complaint.kind, complaint.code, complaint.recipients) == ("complaint", "abuse", (TO,))
    assert parse_report(notice(delivery={"recipients": [TO]}), LINKS).finding.kind == "delivered"


@pytest.mark.parametrize(
    "body",
    ['{"notificationType": "Bounce"}', '{"bounce": {}}', '{"notificationType": "Bounce", "bounce": []}',
     '{"notificationType": {}, "bounce": 1}', "[" * 5000, "{" * 5000, '{"Message": 5}', "{}", '{"a": NaN}'],
    ids=range(9),
)  # fmt: skip
def test_json_that_is_no_notice_is_for_a_person(body: str) -> None:
    raw = f"From: x@y.example\nSubject: z\nMessage-ID: <a@b>\n\n{body}\n".encode()
    assert parse_report(raw, LINKS).finding == BounceFinding(kind="other")


def packed(file: str) -> str:
    """The head of a mail that is one packed file."""
    return (
        f'Subject: Daily\nContent-Type: application/zip\nContent-Disposition: attachment; filename="{file}"\n'
    )


STATISTICS = {
    "by subject": "Subject: Report Domain: hatay.example Submitter: google.com Report-ID: 123\n",
    "by file": packed("google.com!hatay.example!1762560000!1762646399.zip"),
    "by file with an id": packed("mail.ru!hatay.example!1762560000!1762646400!77-a.xml.gz"),
    "of TLS": "Subject: TLS\nTLS-Report-Domain: hatay.example\nTLS-Report-Submitter: google.com\n",
}


@pytest.mark.parametrize("head", STATISTICS.values(), ids=STATISTICS)
def test_statistics_of_a_domain_wait_for_nobody(head: str) -> None:
    raw = f"From: noreply-dmarc-support@google.com\nMessage-ID: <s@g>\n{head}\nUEsDBA==\n".encode()
    assert parse_report(raw, LINKS).finding.kind == "auto-reply"


def test_a_person_who_sends_a_file_is_read() -> None:
    raw = f"From: lan@xa.example\nMessage-ID: <p@g>\n{packed('danh sach!!!.zip')}\nUEsDBA==\n".encode()
    assert parse_report(raw, LINKS).finding.kind == "other"
