"""Reports, machines' answers and people's letters in free words, as many servers and programs write them."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from dispatcher.feedback.bounces.bounce_report import BounceFinding
from dispatcher.feedback.bounces.classification import classify_failure
from dispatcher.feedback.bounces.returned_mail import parse_report
from dispatcher.signed_links import SignedLinks

LINKS = SignedLinks("https://nhac.hatay.example", "a secret for the tests")
DAEMON, POSTMASTER = "MAILER-DAEMON@x.example", "postmaster@x.example"
OFFICE, RESIDENT = "ubnd@hatay.example", "an@coquan.example"


def finding(subject: str, text: str, sender: str = RESIDENT, **headers: str) -> BounceFinding:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, OFFICE, subject
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return parse_report(mail.as_bytes(), LINKS).finding


RETURNED = f"\n\nFrom: {OFFICE}\nTo: <{RESIDENT}>\nSubject: Nhac viec\nMessage-ID: <1.2@hatay.example>\n"
# (subject, who signs, the report's own words, whose fault)
REPORTS = [
    ("failure notice", DAEMON, f"<{RESIDENT}>:\nSorry, no such user here. (#5.1.1)", "number"),
    (
        "Mail delivery failed",
        "MAILER-DAEMON",
        (
            f"There was an error delivering your mail to <{RESIDENT}>.\n"
            "mx.coquan.example did not like our RCPT TO:\n550 5.1.1 User unknown\n\nMessage headers follow."
        ),
        "number",
    ),
    (
        "Mail delivery failed",
        "MAILER-DAEMON",
        f"your mail to <{RESIDENT}>.\nCould not deliver for the last 432000 seconds. Giving up.",
        "temporary",
    ),
    (
        "Permanent Delivery Failure",
        "MDaemon@x.example",
        (f"may contain file attachments.\n--> RCPT To:<{RESIDENT}>\n<-- 550 <{RESIDENT}>, Recipient unknown"),
        "number",
    ),
    ("Undeliverable Mail", POSTMASTER, f"Unknown user: {RESIDENT}\n\nOriginal message follows.", "number"),
    ("Undeliverable Mail", POSTMASTER, f"User mailbox exceeds allowed size: {RESIDENT}", "temporary"),
    ("failure notice", POSTMASTER, f"{RESIDENT}\n-------server message\n550 5.1.1 User unknown", "number"),
    (
        "Undeliverable message",
        POSTMASTER,
        f"------- Failure Reasons --------\n\nUser not listed in Address Book\n{RESIDENT}\n",
        "number",
    ),
    ("Returned mail: Host unknown", DAEMON, f"<{RESIDENT}>... 550 Host unknown", "number"),
    (
        "Delivery status notification: error",
        DAEMON,
        f"deliver a message for the following list of recipients:\n\n{RESIDENT}: Domain does not exist",
        "number",
    ),
    (
        "Undelivered Mail Returned to Sender",
        DAEMON,
        "I'm sorry to have to inform you that your message could not be delivered." + RETURNED,
        "temporary",
    ),
    (
        "Không thể gửi được: Nhắc dự thi",
        POSTMASTER,
        f"Không gửi được đến những người nhận sau:\n\n{RESIDENT}\nHộp thư của người nhận đã đầy.",
        "temporary",
    ),
    ("Gửi không thành công", POSTMASTER, f"{RESIDENT}: tài khoản không tồn tại", "number"),
    ("Thư không gửi được", POSTMASTER, f"Địa chỉ {RESIDENT} không tìm thấy trên máy chủ", "number"),
    (
        "Mail",
        "no-reply@x.example",
        f"Could not be delivered to: <{RESIDENT}>\nAs their mailbox is full.",
        "temporary",
    ),
]


@pytest.mark.parametrize(("subject", "sender", "text", "fault"), REPORTS)
def test_a_report_in_words_tells_whom_it_is_about_and_whose_fault_it_is(
    subject: str, sender: str, text: str, fault: str
) -> None:
    found = finding(subject, text, sender, Return_Path="<>")
    assert (found.kind, found.error_class, found.recipient) == ("failed", fault, RESIDENT)


def test_fields_of_a_report_whose_parts_are_damaged_are_read_all_the_same() -> None:
    text = (
        "Undelivered Mail Returned to Sender\nFrom: MAILER-DAEMON@x.example\nAuto-Submitted: auto-replied\n"
        f"To: {OFFICE}\nContent-Type: multipart/report; boundary=gone\n\n--other\n"
        f"Reporting-MTA: dns; x.example\n\nOriginal-Recipient: rfc822;{RESIDENT}\n"
        f"Final-Recipient: rfc822;box@elsewhere.example\nAction: failed\nStatus: 5.1.1\n\n--other--\n"
    )
    found = parse_report(f"Subject: {text}".encode(), LINKS).finding
    assert (found.kind, found.error_class) == ("failed", "number")
    assert found.recipients == (RESIDENT, "box@elsewhere.example")  # where we sent goes first


@pytest.mark.parametrize(
    ("status", "diagnostic", "text", "fault"),
    [
        # servers give 5.1.x for the sender's or the moment's fault too
        ("5.1.0", "smtp; 550 5.1.0 <nhac@hatay.example> sender rejected", "", "config"),
        ("5.1.0", "smtp; 550 5.1.0 sender address rejected: not owned by user", "", "config"),
        ("5.1.8", "smtp; 550 5.1.8 refused after MAIL FROM", "", "config"),
        ("5.1.0", "smtp; 550 5.1.0 192.0.2.1 is not allowed to send per its SPF Record", "", "config"),
        (
            "5.0.0",
            "",
            "550 5.7.26 Recipient address rejected: Multiple authentication checks failed",
            "config",
        ),
        ("5.0.0", "smtp; 550 system will not accept messages from servers with no reverse DNS", "", "config"),
        ("5.1.3", "smtp; 553 http://www.spamhaus.org/query/bl?ip=192.0.2.1", "", "content"),
        ("5.1.1", "smtp; 550 5.1.1 192.0.2.1 has a poor reputation", "", "content"),
        ("5.1.1", "smtp; 550 5.1.1 192.0.2.1 has sent to too many recipients this hour", "", "temporary"),
        ("5.1.1", "smtp; 552 sorry, mailbox full", "", "temporary"),
        ("5.2.1", "smtp; 550 5.2.1 over quota", "", "temporary"),
        ("5.1.1", "smtp; Not enough disk space", "", "temporary"),
        ("5.4.4", "X-Postfix; Malformed or unexpected name server reply", "", "temporary"),
        ("5.4.4", "X-Postfix; Host not found, try again", "", "temporary"),
        ("5.1.1", "smtp; hộp thư đã đầy", "", "temporary"),
        # and say "user unknown" under other codes
        (
            "5.4.4",
            "X-Postfix; Host or domain name not found. Name service error: Host not found",
            "",
            "number",
        ),
        ("5.7.1", "smtp; 553 5.7.1 Invalid recipient", "", "number"),
        ("5.3.0", "smtp; 553 5.3.0 No such user here", "", "number"),
        ("", "", "User not listed in Domino Directory", "number"),
        ("", "", "Invalid final delivery userid: x", "number"),
        ("", "", "The recipient name is not recognized", "number"),
        ("", "", "550 User not exist", "number"),
        # one that says it is for now is for now
        ("4.1.1", "smtp; 450 4.1.1 User unknown", "", "temporary"),
        ("", "", "may contain file attachments. 550 Recipient unknown", "number"),
        ("", "", "550 attachment type not allowed", "content"),
    ],
)
def test_no_address_is_dead_for_somebody_elses_fault(
    status: str, diagnostic: str, text: str, fault: str
) -> None:
    assert classify_failure(status, diagnostic, text)[1] == fault


MACHINES = [
    ("Tự động trả lời: Nhắc dự thi", "..."),
    ("Thư tự động: Vắng mặt", "Tôi vắng mặt"),
    ("Thư tự động", "..."),
    ("Phản hồi tự động", "..."),
    ("Tự động: Đã nghỉ việc", "Xin liên hệ bà Hoa"),
    ("Đang đi công tác", "..."),
    ("Tôi đi vắng", "..."),
    ("Tôi đang nghỉ phép đến 20/11", "..."),
    ("Vắng mặt", "..."),
    ("Nghỉ thai sản", "..."),
    ("Nghỉ phép từ 10/11 đến 20/11/2025", "..."),
    ("Đi công tác đến hết ngày 15/11", "..."),
    ("Đã nghỉ hưu", "..."),
    ("Vắng mặt: Nhắc dự thi", "..."),
    ("Không có mặt tại văn phòng: Nhắc", "..."),
    ("Đã đọc: Nhắc dự thi", "..."),
    ("Không có mặt tại cơ quan: Nhắc", "..."),
    ("Read: Nhac du thi", "..."),
    ("Out of Office Re: Nhac", "..."),
    ("Đã nhận: Nhắc dự thi", "Thư đã tiếp nhận, số tiếp nhận 123"),
    ("On leave", "..."),
    ("OOO", "..."),
    ("Re: Nhắc dự thi", "Đây là thư trả lời tự động, vui lòng không trả lời lại thư này."),
    ("Re: Nhắc", "Đây là email tự động."),
    ("Re: Nhắc", "Thư của quý vị đã được tiếp nhận. Mã 12345."),
    ("Re: Nhắc", "This is an automated message."),
    ("Re: Nhắc", "Thư này được gửi tự động từ hệ thống."),
]
PEOPLE = [
    ("Vắng mặt buổi họp chi bộ", "Kính gửi, tôi xin vắng mặt"),
    ("Đi vắng nên chưa thi", "Cháu chưa thi được"),
    ("Vắng mặt", "Kính gửi xã, hôm họp tôi xin vắng mặt vì ốm"),
    ("Xin nghỉ phép", "Tôi xin nghỉ phép"),
    ("Tôi đi vắng", "Mai tôi thi nhé"),
    ("Nghỉ việc rồi có phải thi không", "x"),
    ("Đi học", "Cháu đi học"),
    ("Re: Nhắc dự thi", "Tôi thi rồi"),
    ("Re: Nhắc dự thi", "Tôi đang đi công tác, sẽ thi sau"),
    ("Re: Nhắc", "Sao thư tự động của xã gửi nhiều thế"),
    ("Re: Nhắc", "Tôi nhận được trả lời tự động của xã"),
    ("Đã nhận: giấy mời họp", "Đã nhận, sẽ dự"),
    ("Công văn", "Công văn đã được tiếp nhận chưa ạ"),
    ("Hồ sơ", "Hồ sơ của tôi đã được tiếp nhận chưa? Mã hồ sơ 12"),
    ("Vacation plans for the team", "x"),
    ("Re: Nhắc", "Tôi thi rồi.\n\nVào 10:00, UBND xã đã viết:\n> Đây là thư tự động"),
    ("Re: Nhắc", "Vâng ạ\n\n-----Original Message-----\nThư này được gửi tự động"),
    ("Công tác chuyển đổi số", "Kính gửi"),
    ("Không gửi được bài thi", "Làm xong mà không gửi được, lỗi 550"),
    ("Thư bị trả lại?", "Tôi gửi thư cho xã bị trả lại"),
    ("Hủy đăng ký thế nào?", "x"),
    ("Từ chối thi", "x"),
    ("Undeliverable?", "I got error 550 5.1.1 when I wrote to you"),
]


@pytest.mark.parametrize(("subject", "text"), MACHINES)
def test_a_machine_that_answers_is_no_person(subject: str, text: str) -> None:
    assert finding(subject, text).kind == "auto-reply"


@pytest.mark.parametrize(("subject", "text"), PEOPLE)
def test_a_persons_letter_is_for_a_person(subject: str, text: str) -> None:
    assert finding(subject, text).kind == "other"


def test_a_mail_system_is_never_taken_for_a_holiday_notice() -> None:
    found = finding("Nghỉ phép", "550 5.1.1 User unknown", POSTMASTER, Auto_Submitted="auto-replied")
    assert (found.kind, found.error_class) == ("failed", "number")


@pytest.mark.parametrize(
    "subject", ["unsubscribe", "Unsubscribe me", "Hủy đăng ký", "Từ chối nhận thư", "Từ chối nhận tin"]
)
def test_a_mail_that_only_says_no_is_a_no(subject: str) -> None:
    found = finding(subject, "Apple Mail sent this email to unsubscribe")
    assert (found.kind, found.code, found.recipient) == ("complaint", "opt-out", RESIDENT)


@pytest.mark.parametrize("feedback_type", ["abuse", "opt-out", "opt-out-list", "fraud"])
def test_a_complaint_without_an_address_is_about_whom_our_mail_was_for(feedback_type: str) -> None:
    raw = (
        f"From: fbl@x.example\nTo: {OFFICE}\nSubject: FW\n"
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
        f"--b\nContent-Type: message/feedback-report\n\nFeedback-Type: {feedback_type}\n\n"
        f"--b\nContent-Type: message/rfc822\n\nFrom: {OFFICE}\nTo: <{RESIDENT}>\n\nx\n--b--\n"
    )
    found = parse_report(raw.encode(), LINKS).finding
    assert (found.kind, found.code, found.recipient) == ("complaint", feedback_type, RESIDENT)


def test_outlooks_complaints_come_without_a_report() -> None:
    assert finding("complaint about message from 192.0.2.1", "x", "staff@hotmail.com").kind == "complaint"
