"""What a text that renders well may still do wrong: law, tone, cost, and what makes it look like fraud."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dispatcher import gsm
from dispatcher.errors import Problem, Severity
from dispatcher.i18n import N_, _
from dispatcher.message import Draft, Occasion, Recipient
from dispatcher.message.environment import Texts
from dispatcher.message.facts import carries_opt_out, is_advertising
from dispatcher.message.variables import ROOT
from dispatcher.message.writing import Script
from dispatcher.vietnamese.text import NotAscii, fold, misleading, typographic

LABEL = "[QC]"
REFUSALS = ("tuchoi", "khongnhan", "ngungnhan", "huytin", "dungnhan")
# Hosts whose addresses hide where they lead. Every campaign against fraud tells people not to open them.
SHORTENERS = frozenset(
    [
        "bit.ly",
        "bitly.com",
        "tinyurl.com",
        "goo.gl",
        "t.co",
        "ow.ly",
        "is.gd",
        "v.gd",
        "cutt.ly",
        "rebrand.ly",
        "s.id",
        "shorturl.at",
        "rb.gy",
        "tiny.cc",
        "by.com.vn",
        "t.ly",
        "short.gy",
        "urlvn.net",
        "linktr.ee",
    ]
)
GOVERNMENT = ".gov.vn"
# Whoever else reads a shared telephone should not learn these.
PRIVATE: Mapping[str, tuple[str, str]] = {
    "party": (
        r"\b(?:đảng viên|đảng bộ|đảng uỷ|đảng ủy|chi bộ|chi uỷ|chi ủy)\b",
        N_("names the party: others may read the telephone"),
    ),
}
NAMES_ON_SHARED_TELEPHONES = frozenset({"name", "given_name"})
SHARED = frozenset({"residents", "parents"})

# "giờ.Xin mời" is no link; phones make one of what ends like an address.
_ENDINGS = (
    "vn|com|net|org|info|biz|edu|gov|io|me|app|xyz|top|link|site|online|store|shop|club|asia|co|ly|gd|gl|cc|id|"
    "at|gy|page|dev|tv|ai|to|tk|ml|ga|cf|gq|ee|us|ru|cn|eu|click|live|vip|pro|cloud|tech|mobi"
)
_LINK = re.compile(
    rf"(?<![@\w.])(?:https?://([\w.-]+)|((?:[a-z0-9-]+\.)+(?:{_ENDINGS}))(?!\w))(?::\d+)?(/\S*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """One text as it came out, with everything that judging it needs."""

    texts: Texts
    script: Script
    occasion: Occasion
    recipient: Recipient
    policy: gsm.Policy

    def problem(
        self, what: str, remedy: str, *, severity: Severity = "error", value: str = "", near: str = ""
    ) -> Problem:
        """Say what is wrong, at the line on which `near` (by default the value) stands."""
        file, line = self.find(near or value)
        reader = f"{self.recipient.audience}/{self.recipient.channel}"
        where = f"{self.occasion.campaign}/{self.occasion.moment}/{reader}"
        return Problem(
            file=file, line=line, where=where, value=value, what=what, remedy=remedy, severity=severity
        )

    def find(self, words: str) -> tuple[str, int | None]:
        """Find the file and line that `words` were written on; the template itself when nobody can tell."""
        for name in self.script.uses.lineage if words else ():
            for number, line in enumerate(self.texts.sources[name].splitlines(), start=1):
                if words in line:
                    return self.texts.path(name), number
        return self.script.file, None


def lint_text(written: Written, words: str) -> Iterator[Problem]:
    """Judge the words of a text before any spelling was chosen."""
    yield from _label(written, words)
    yield from _sender(written, words)
    yield from _refusal(written, words)
    yield from _links(written, words)
    yield from _typography(written, words)
    yield from _spelling(written, words)
    yield from _privacy(written, words)


def lint_mail(written: Written, draft: Draft) -> Iterator[Problem]:
    """Judge a mail."""
    assert draft.mail is not None
    text, html = draft.mail.text, draft.mail.html
    if not draft.mail.subject:
        yield written.problem(_("the mail has no subject"), _("Fill in the block subject."))
    if draft.mail.unsubscribe_url and draft.mail.unsubscribe_url not in text:
        yield written.problem(
            _("the mail does not say how to refuse"),
            _("Put {name} in the block text.", name="{{ unsubscribe_url }}"),
            severity="advice",
        )
    if html and draft.mail.unsubscribe_url not in html:
        yield written.problem(
            _("the HTML part does not say how to refuse"),
            _("Put {name} in the block html.", name="{{ unsubscribe_url }}"),
            severity="advice",
        )
    for host in {_host(match) for match in _LINK.finditer(text)} & SHORTENERS:
        yield _shortened(written, host)


def _label(written: Written, words: str) -> Iterator[Problem]:
    campaign = written.script.known["campaign"]
    if is_advertising(campaign) != words.startswith(LABEL):
        yield written.problem(
            _("an advertising text must begin with {label}", label=LABEL)
            if is_advertising(campaign)
            else _("only advertising begins with {label}", label=LABEL),
            _("Keep the block label of layout.sms.j2."),
            value=words[:20],
        )


def _sender(written: Written, words: str) -> Iterator[Problem]:
    office = written.script.known["office"].name
    start = words.removeprefix(LABEL).strip()
    if not fold(start).startswith(fold(office)):
        yield written.problem(
            _("the text does not begin with who sends it"),
            _('Begin with "{office}:", or keep the block sender of layout.sms.j2.', office=office),
            severity="advice",
            value=start[:20],
        )


def _refusal(written: Written, words: str) -> Iterator[Problem]:
    campaign = written.script.known["campaign"]
    if carries_opt_out(campaign, written.occasion) and not any(word in fold(words) for word in REFUSALS):
        yield written.problem(
            _("the text must say how to refuse, and does not"),
            _('Keep the block refuse, for example "Từ chối nhận tin: gọi …".'),
        )


def _links(written: Written, words: str) -> Iterator[Problem]:
    for match in _LINK.finditer(words):
        host = _host(match)
        if host in SHORTENERS:
            yield _shortened(written, match[0])
        elif not host.endswith(GOVERNMENT):
            yield written.problem(
                _("a link that is not a .gov.vn address: people are told that such links are fraud"),
                _("Take the link out, or name a .gov.vn address in full."),
                value=match[0],
                near=host,
            )
        elif match[1] or match[3]:
            yield written.problem(
                _("a link in a text: a bare address is trusted more"),
                _("Write only {host}.", host=host),
                severity="advice",
                value=match[0],
                near=host,
            )


def _host(match: re.Match[str]) -> str:
    return (match[1] or match[2]).lower().rstrip(".")


def _shortened(written: Written, link: str) -> Problem:
    return written.problem(
        _("a shortened link hides where it leads"),
        _("Write the full .gov.vn address, or none."),
        value=link,
    )


def _typography(written: Written, words: str) -> Iterator[Problem]:
    for character, plain in typographic(words):
        code = f"U+{ord(character):04X}"
        yield written.problem(
            _("a character from a word processor: {character} ({code})", character=character, code=code),
            _("Type {plain} instead: one such character can double the cost of a text.", plain=repr(plain)),
            severity="advice",
            value=character,
        )  # fmt: skip


def _spelling(written: Written, words: str) -> Iterator[Problem]:
    """Judge how it reads without accents, if that is how it goes out."""
    try:
        spelled, _cost = gsm.choose(words, written.policy)
    except NotAscii:
        return  # said when the text itself is made
    if not spelled.isascii() or words.isascii():
        return
    for word, reason in misleading(words):
        yield written.problem(_(reason), _("Choose another word."), severity="advice", value=word)


def _privacy(written: Written, words: str) -> Iterator[Problem]:
    audience = written.recipient.audience
    pattern, reason = PRIVATE.get(audience, ("", ""))
    found = re.search(pattern, words, re.IGNORECASE) if pattern else None
    if found:
        yield written.problem(_(reason), _("Say it without these words."), severity="advice", value=found[0])
    asked = written.script.uses.recipient(ROOT) & NAMES_ON_SHARED_TELEPHONES
    if audience in SHARED and asked:
        yield written.problem(
            _("a name in a text: families share telephones, and the name may be another's"),
            _("Write to everybody: bà con, quý phụ huynh."),
            severity="advice",
            value=f"recipient.{min(asked)}",
        )
