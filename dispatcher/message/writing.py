"""Renders one template for one person after another; what does not depend on the person is rendered once."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from jinja2 import TemplateError
from jinja2.runtime import Context, new_context

from dispatcher import gsm
from dispatcher.i18n import _
from dispatcher.message import Draft, Recipient
from dispatcher.message.environment import TextEnvironment
from dispatcher.message.mail import MailParts
from dispatcher.message.unfit import MessageUnfit, unfit
from dispatcher.message.variables import EVERYTHING, ROOT, Uses
from dispatcher.vietnamese.text import NotAscii, nfc

Writer = Callable[[Recipient], Draft]
_Block = Callable[[Context], Iterator[str]]

PARTS_MAX = 3
DRAFTS_REMEMBERED = 1024  # of one template: one a class or thôn, never one a person
OF_ONE_PERSON = frozenset({EVERYTHING, "person_id", "address", "name", "given_name", "list_row"})
# The links are all that differs between two readers of the same words: they are filled in afterwards.
UNSUBSCRIBE, TOOK_PART = "UNSUBSCRIBEx4f1d9x", "TOOKPARTx4f1d9x"


class LinkMaker(Protocol):
    """Makes the signed addresses that a mail carries."""

    def unsubscribe(self, *, channel: str, address: str, campaign: str, person_id: int) -> str: ...

    def took_part(self, *, channel: str, address: str, campaign: str, person_id: int) -> str: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """A template with everything that its readers have in common."""

    environment: TextEnvironment
    name: str
    file: str  # for people
    uses: Uses
    known: Mapping[str, Any]


def wording(script: Script) -> Callable[[Recipient], str]:
    """Write texts as their author meant them: one composed line, before any spelling is chosen."""
    try:
        template = script.environment.get_template(script.name)
    except TemplateError as error:
        raise unfit(error, file=script.file) from error
    root, blocks, known = template.root_render_func, template.blocks, script.known

    def words(recipient: Recipient) -> str:
        values = {**known, "recipient": recipient}
        context = new_context(script.environment, script.name, blocks, values, shared=True)
        try:
            return one_line("".join(root(context)))
        except Exception as error:
            raise unfit(error, file=script.file) from error

    return words


def text_writer(script: Script, policy: gsm.Policy) -> Writer:
    """Write texts: spelled by `policy`, measured, never cut short."""
    words = wording(script)

    def write(recipient: Recipient) -> Draft:
        try:
            text, cost = gsm.choose(words(recipient), policy)
        except NotAscii as error:
            raise unfit(error, file=script.file) from error
        if cost.parts > PARTS_MAX:
            detail = _("{parts} parts, at most {most}", parts=cost.parts, most=PARTS_MAX)
            raise MessageUnfit("too-long", detail, file=script.file)
        return Draft(body=text, parts=cost.parts, encoding=cost.encoding, body_hash=hash_of(text))

    return _remembering(write, script.uses.recipient(ROOT))


def mail_writer(script: Script, markup: TextEnvironment, *, reply_to: str) -> Writer:
    """Write mails without their personal links: the blocks subject and text, and html escaped by itself."""
    plain_parts = _parts(script.environment, script, ("subject", "text"))
    html_part = _parts(markup, script, ("html",))

    def write(recipient: Recipient) -> Draft:
        values = {**script.known, "recipient": recipient}
        try:
            subject, text = plain_parts(values)
            (html,) = html_part(values)
        except Exception as error:
            raise unfit(error, file=script.file) from error
        mail = MailParts(
            subject=one_line(subject),
            text=nfc(text).strip() + "\n",
            html=(html if unicodedata.is_normalized("NFC", html) else nfc(html)).strip(),
            reply_to=reply_to,
        )
        return Draft(mail=mail)

    return _remembering(write, script.uses.recipient("subject", "text", "html"))


def with_links(write: Writer, links: LinkMaker | None, campaign: str) -> Writer:
    """Fill in the links that only one reader may have."""

    def write_with_links(recipient: Recipient) -> Draft:
        mail = write(recipient).mail
        assert mail is not None
        unsubscribe = took_part = ""
        if links is not None:
            to: dict[str, Any] = {"channel": recipient.channel, "address": recipient.address}
            to |= {"campaign": campaign, "person_id": recipient.person_id}
            unsubscribe = links.unsubscribe(**to)
            if any(TOOK_PART in words for words in (mail.subject, mail.text, mail.html)):
                took_part = links.took_part(**to)
        subject, text, html = (
            words.replace(UNSUBSCRIBE, unsubscribe).replace(TOOK_PART, took_part)
            for words in (mail.subject, mail.text, mail.html)
        )
        mail = MailParts(
            subject=subject, text=text, html=html, unsubscribe_url=unsubscribe, reply_to=mail.reply_to
        )
        return Draft(mail=mail, body_hash=hash_of(f"{subject}\n{text}\n{html}"))

    return write_with_links


def one_line(text: str) -> str:
    """Make one composed line of what a template gives: its line breaks are there for its writers."""
    return " ".join(nfc(text).split())


def hash_of(text: str) -> str:
    """Give the first 16 hex digits of SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _parts(
    environment: TextEnvironment, script: Script, names: tuple[str, ...]
) -> Callable[[dict[str, Any]], list[str]]:
    """Make a function that renders single blocks of a mail.

    Rendering a block alone skips the others. It is right when nothing outside the blocks sets a value;
    otherwise the whole template runs first.
    """
    template = environment.get_template(script.name)
    blocks = _blocks(environment, script.uses)
    missing = [name for name in names if name not in blocks]
    if missing:
        detail = _("the block {name} is missing", name=", ".join(missing))
        raise MessageUnfit("template-broken", detail, file=script.file)

    def render(values: dict[str, Any]) -> list[str]:
        if script.uses.blocks_only:
            context = new_context(environment, script.name, {}, values, shared=True)
            context.blocks = blocks
        else:
            context = new_context(environment, script.name, template.blocks, values, shared=True)
            deque(template.root_render_func(context), maxlen=0)
        return ["".join(context.blocks[name][0](context)) for name in names]

    return render


def _blocks(environment: TextEnvironment, reads: Uses) -> dict[str, list[_Block]]:
    """Stack the blocks of the files that extend each other, the overriding one first.

    A block that asks nothing about the person is rendered for the first and kept for all.
    """
    stacked: dict[str, list[_Block]] = {}
    for file in reads.lineage:
        for block, function in environment.get_template(file).blocks.items():
            stacked.setdefault(block, []).append(function)
    for block, stack in stacked.items():
        if not reads.recipient(block):
            stack[0] = _kept(stack[0])
    return stacked


def _kept(block: _Block) -> _Block:
    rendered: list[str] = []

    def again(context: Context) -> Iterator[str]:
        if not rendered:
            rendered.append("".join(block(context)))
        return iter(rendered)

    return again


def _remembering(write: Writer, asked: frozenset[str]) -> Writer:
    """Write once for all who are alike in what the template asks about a person."""
    if asked & OF_ONE_PERSON:
        return write
    if not asked:
        return _once(write)
    attributes = tuple(sorted(asked))
    known: dict[tuple[str, ...], Draft] = {}

    def remember(recipient: Recipient) -> Draft:
        key = tuple([getattr(recipient, attribute, "") for attribute in attributes])
        draft = known.get(key)
        if draft is None:
            if len(known) >= DRAFTS_REMEMBERED:
                known.clear()
            draft = known[key] = write(recipient)
        return draft

    return remember


def _once(write: Writer) -> Writer:
    written: list[Draft] = []

    def remember(recipient: Recipient) -> Draft:
        if not written:
            written.append(write(recipient))
        return written[0]

    return remember
