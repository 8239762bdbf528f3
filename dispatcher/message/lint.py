"""What a text that renders well may still do wrong: law, tone, cost, and what makes it look like fraud."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dispatcher import sms_encoding
from dispatcher.errors import Problem, Severity
from dispatcher.i18n import N_, _
from dispatcher.message import Draft, Recipient, RenderContext
from dispatcher.message.environment import TemplateSet
from dispatcher.message.rendering import PreparedTemplate
from dispatcher.message.template_analysis import ROOT_BLOCK
from dispatcher.message.template_variables import is_advertising, needs_opt_out
from dispatcher.vietnamese.text import NotAscii, fold, typographic_characters
from dispatcher.vietnamese.unaccented_readings import misleading_words

ADVERTISING_LABEL = "[QC]"
OPT_OUT_PHRASES = ("tuchoi", "khongnhan", "ngungnhan", "huytin", "dungnhan")
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
PRIVATE_PATTERNS: Mapping[str, tuple[str, str]] = {
    "party": (
        r"\b(?:đảng viên|đảng bộ|đảng uỷ|đảng ủy|chi bộ|chi uỷ|chi ủy)\b",
        N_("names the party: others may read the telephone"),
    ),
}
SHARED_PHONE_FIELDS = frozenset({"name", "given_name"})
SHARED_PHONE_AUDIENCES = frozenset({"residents", "parents"})

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
class RenderedText:
    """One text as it came out, with everything that judging it needs."""

    templates: TemplateSet
    prepared: PreparedTemplate
    context: RenderContext
    recipient: Recipient
    policy: sms_encoding.AccentPolicy

    def problem(
        self, what: str, remedy: str, *, severity: Severity = "error", value: str = "", near: str = ""
    ) -> Problem:
        """Return what is wrong, at the line on which `near` (by default the value) stands."""
        file, line = self.locate(near or value)
        reader = f"{self.recipient.audience}/{self.recipient.channel}"
        where = f"{self.context.campaign}/{self.context.template}/{reader}"
        return Problem(
            file=file, line=line, where=where, value=value, what=what, remedy=remedy, severity=severity
        )

    def locate(self, text: str) -> tuple[str, int | None]:
        """Find the file and line that `text` were written on; the template itself when nobody can tell."""
        for name in self.prepared.inputs.inheritance_chain if text else ():
            for number, line in enumerate(self.templates.sources[name].splitlines(), start=1):
                if text in line:
                    return self.templates.file_path(name), number
        return self.prepared.file, None


def lint_text(rendered: RenderedText, text: str) -> Iterator[Problem]:
    """Judge the words of a text before any spelling was chosen."""
    yield from _label(rendered, text)
    yield from _sender(rendered, text)
    yield from _opt_out(rendered, text)
    yield from _links(rendered, text)
    yield from _typography(rendered, text)
    yield from _spelling(rendered, text)
    yield from _privacy(rendered, text)


def lint_mail(rendered: RenderedText, draft: Draft) -> Iterator[Problem]:
    """Judge a mail."""
    assert draft.mail is not None
    text, html = draft.mail.text, draft.mail.html
    if not draft.mail.subject:
        yield rendered.problem(_("the mail has no subject"), _("Fill in the block subject."))
    if draft.mail.unsubscribe_url and draft.mail.unsubscribe_url not in text:
        yield rendered.problem(
            _("the mail does not say how to refuse"),
            _("Put {name} in the block text.", name="{{ unsubscribe_url }}"),
            severity="advice",
        )
    if html and draft.mail.unsubscribe_url not in html:
        yield rendered.problem(
            _("the HTML part does not say how to refuse"),
            _("Put {name} in the block html.", name="{{ unsubscribe_url }}"),
            severity="advice",
        )
    for host in {_host(match) for match in _LINK.finditer(text)} & SHORTENERS:
        yield _shortened(rendered, host)


def _label(rendered: RenderedText, text: str) -> Iterator[Problem]:
    campaign = rendered.prepared.variables["campaign"]
    if is_advertising(campaign) != text.startswith(ADVERTISING_LABEL):
        yield rendered.problem(
            _("an advertising text must begin with {label}", label=ADVERTISING_LABEL)
            if is_advertising(campaign)
            else _("only advertising begins with {label}", label=ADVERTISING_LABEL),
            _("Keep the block label of layout.sms.j2."),
            value=text[:20],
        )


def _sender(rendered: RenderedText, text: str) -> Iterator[Problem]:
    office = rendered.prepared.variables["office"].name
    start = text.removeprefix(ADVERTISING_LABEL).strip()
    if not fold(start).startswith(fold(office)):
        yield rendered.problem(
            _("the text does not begin with who sends it"),
            _('Begin with "{office}:", or keep the block sender of layout.sms.j2.', office=office),
            severity="advice",
            value=start[:20],
        )


def _opt_out(rendered: RenderedText, text: str) -> Iterator[Problem]:
    campaign = rendered.prepared.variables["campaign"]
    if needs_opt_out(campaign, rendered.context) and not any(word in fold(text) for word in OPT_OUT_PHRASES):
        yield rendered.problem(
            _("the text must say how to refuse, and does not"),
            _('Keep the block refuse, for example "Từ chối nhận tin: gọi …".'),
        )


def _links(rendered: RenderedText, text: str) -> Iterator[Problem]:
    for match in _LINK.finditer(text):
        host = _host(match)
        if host in SHORTENERS:
            yield _shortened(rendered, match[0])
        elif not host.endswith(GOVERNMENT):
            yield rendered.problem(
                _("a link that is not a .gov.vn address: people are told that such links are fraud"),
                _("Take the link out, or name a .gov.vn address in full."),
                value=match[0],
                near=host,
            )
        elif match[1] or match[3]:
            yield rendered.problem(
                _("a link in a text: a bare address is trusted more"),
                _("Write only {host}.", host=host),
                severity="advice",
                value=match[0],
                near=host,
            )


def _host(match: re.Match[str]) -> str:
    return (match[1] or match[2]).lower().rstrip(".")


def _shortened(rendered: RenderedText, link: str) -> Problem:
    return rendered.problem(
        _("a shortened link hides where it leads"),
        _("Write the full .gov.vn address, or none."),
        value=link,
    )


def _typography(rendered: RenderedText, text: str) -> Iterator[Problem]:
    for character, plain in typographic_characters(text):
        code = f"U+{ord(character):04X}"
        yield rendered.problem(
            _("a character from a word processor: {character} ({code})", character=character, code=code),
            _("Type {plain} instead: one such character can double the cost of a text.", plain=repr(plain)),
            severity="advice",
            value=character,
        )  # fmt: skip


def _spelling(rendered: RenderedText, text: str) -> Iterator[Problem]:
    """Judge how it reads without accents, if that is how it goes out."""
    try:
        spelled, _cost = sms_encoding.apply_policy(text, rendered.policy)
    except NotAscii:
        return  # said when the text itself is made
    if not spelled.isascii() or text.isascii():
        return
    for word, reason in misleading_words(text):
        yield rendered.problem(_(reason), _("Choose another word."), severity="advice", value=word)


def _privacy(rendered: RenderedText, text: str) -> Iterator[Problem]:
    audience = rendered.recipient.audience
    pattern, reason = PRIVATE_PATTERNS.get(audience, ("", ""))
    match = re.search(pattern, text, re.IGNORECASE) if pattern else None
    if match:
        yield rendered.problem(_(reason), _("Say it without these words."), severity="advice", value=match[0])
    recipient_fields = rendered.prepared.inputs.recipient_fields(ROOT_BLOCK) & SHARED_PHONE_FIELDS
    if audience in SHARED_PHONE_AUDIENCES and recipient_fields:
        yield rendered.problem(
            _("a name in a text: families share telephones, and the name may be another's"),
            _("Write to everybody: bà con, quý phụ huynh."),
            severity="advice",
            value=f"recipient.{min(recipient_fields)}",
        )
