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

from dispatcher import sms_encoding
from dispatcher.i18n import _
from dispatcher.message import Draft, Recipient
from dispatcher.message.environment import TemplateEnvironment
from dispatcher.message.mail_parts import MailParts
from dispatcher.message.template_analysis import ALL_FIELDS, ROOT_BLOCK, TemplateInputs
from dispatcher.message.unsendable import UnsendableMessage, as_unsendable
from dispatcher.vietnamese.text import NotAscii, nfc

Renderer = Callable[[Recipient], Draft]
_Block = Callable[[Context], Iterator[str]]

PARTS_MAX = 3
DRAFT_CACHE_SIZE = 1024  # of one template: one a class or thôn, never one a person
IDENTIFYING_FIELDS = frozenset({ALL_FIELDS, "person_id", "address", "name", "given_name", "list_row"})
# The links are all that differs between two readers of the same words: they are filled in afterwards.
UNSUBSCRIBE_PLACEHOLDER, TOOK_PART_PLACEHOLDER = "UNSUBSCRIBEx4f1d9x", "TOOKPARTx4f1d9x"


class LinkMaker(Protocol):
    """Makes the signed addresses that a mail carries."""

    def unsubscribe_url(self, *, channel: str, address: str, campaign: str, person_id: int) -> str: ...

    def participation_url(self, *, channel: str, address: str, campaign: str, person_id: int) -> str: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedTemplate:
    """A template with everything that its readers have in common."""

    environment: TemplateEnvironment
    name: str
    file: str  # for people
    inputs: TemplateInputs
    variables: Mapping[str, Any]


def text_renderer(prepared: PreparedTemplate) -> Callable[[Recipient], str]:
    """Write texts as their author meant them: one composed line, before any spelling is chosen."""
    try:
        template = prepared.environment.get_template(prepared.name)
    except TemplateError as error:
        raise as_unsendable(error, file=prepared.file) from error
    root, blocks, variables = template.root_render_func, template.blocks, prepared.variables

    def words(recipient: Recipient) -> str:
        values = {**variables, "recipient": recipient}
        context = new_context(prepared.environment, prepared.name, blocks, values, shared=True)
        try:
            return one_line("".join(root(context)))
        except Exception as error:
            raise as_unsendable(error, file=prepared.file) from error

    return words


def sms_renderer(prepared: PreparedTemplate, policy: sms_encoding.AccentPolicy) -> Renderer:
    """Write texts: spelled by `policy`, measured, never cut short."""
    render_text = text_renderer(prepared)

    def write(recipient: Recipient) -> Draft:
        try:
            text, cost = sms_encoding.apply_policy(render_text(recipient), policy)
        except NotAscii as error:
            raise as_unsendable(error, file=prepared.file) from error
        if cost.parts > PARTS_MAX:
            detail = _("{parts} parts, at most {most}", parts=cost.parts, most=PARTS_MAX)
            raise UnsendableMessage("too-long", detail, file=prepared.file)
        return Draft(body=text, parts=cost.parts, encoding=cost.encoding, body_hash=body_hash(text))

    return _memoised(write, prepared.inputs.recipient_fields(ROOT_BLOCK))


def mail_renderer(
    prepared: PreparedTemplate, html_environment: TemplateEnvironment, *, reply_to: str
) -> Renderer:
    """Write mails without their personal links: the blocks subject and text, and html escaped by itself."""
    plain_parts = _block_renderer(prepared.environment, prepared, ("subject", "text"))
    html_part = _block_renderer(html_environment, prepared, ("html",))

    def write(recipient: Recipient) -> Draft:
        values = {**prepared.variables, "recipient": recipient}
        try:
            subject, text = plain_parts(values)
            (html,) = html_part(values)
        except Exception as error:
            raise as_unsendable(error, file=prepared.file) from error
        mail = MailParts(
            subject=one_line(subject),
            text=nfc(text).strip() + "\n",
            html=(html if unicodedata.is_normalized("NFC", html) else nfc(html)).strip(),
            reply_to=reply_to,
        )
        return Draft(mail=mail)

    return _memoised(write, prepared.inputs.recipient_fields("subject", "text", "html"))


def with_links(render: Renderer, links: LinkMaker | None, campaign: str) -> Renderer:
    """Fill in the links that only one reader may have."""

    def write_with_links(recipient: Recipient) -> Draft:
        mail = render(recipient).mail
        assert mail is not None
        unsubscribe = took_part = ""
        if links is not None:
            to: dict[str, Any] = {"channel": recipient.channel, "address": recipient.address}
            to |= {"campaign": campaign, "person_id": recipient.person_id}
            unsubscribe = links.unsubscribe_url(**to)
            if any(TOOK_PART_PLACEHOLDER in words for words in (mail.subject, mail.text, mail.html)):
                took_part = links.participation_url(**to)
        subject, text, html = (
            words.replace(UNSUBSCRIBE_PLACEHOLDER, unsubscribe).replace(TOOK_PART_PLACEHOLDER, took_part)
            for words in (mail.subject, mail.text, mail.html)
        )
        mail = MailParts(
            subject=subject, text=text, html=html, unsubscribe_url=unsubscribe, reply_to=mail.reply_to
        )
        return Draft(mail=mail, body_hash=body_hash(f"{subject}\n{text}\n{html}"))

    return write_with_links


def one_line(text: str) -> str:
    """Make one composed line of what a template gives: its line breaks are there for its writers."""
    return " ".join(nfc(text).split())


def body_hash(text: str) -> str:
    """Return the first 16 hex digits of SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _block_renderer(
    environment: TemplateEnvironment, prepared: PreparedTemplate, names: tuple[str, ...]
) -> Callable[[dict[str, Any]], list[str]]:
    """Make a function that renders single blocks of a mail.

    Rendering a block alone skips the others. It is right when nothing outside the blocks sets a value;
    otherwise the whole template runs first.
    """
    template = environment.get_template(prepared.name)
    blocks = _stacked_blocks(environment, prepared.inputs)
    missing = [name for name in names if name not in blocks]
    if missing:
        detail = _("the block {name} is missing", name=", ".join(missing))
        raise UnsendableMessage("template-broken", detail, file=prepared.file)

    def render(values: dict[str, Any]) -> list[str]:
        if prepared.inputs.has_only_blocks:
            context = new_context(environment, prepared.name, {}, values, shared=True)
            context.blocks = blocks
        else:
            context = new_context(environment, prepared.name, template.blocks, values, shared=True)
            deque(template.root_render_func(context), maxlen=0)
        return ["".join(context.blocks[name][0](context)) for name in names]

    return render


def _stacked_blocks(environment: TemplateEnvironment, inputs: TemplateInputs) -> dict[str, list[_Block]]:
    """Stack the blocks of the files that extend each other, the overriding one first.

    A block that asks nothing about the person is rendered for the first and kept for all.
    """
    stacked: dict[str, list[_Block]] = {}
    for file in inputs.inheritance_chain:
        for block, function in environment.get_template(file).blocks.items():
            stacked.setdefault(block, []).append(function)
    for block, stack in stacked.items():
        if not inputs.recipient_fields(block):
            stack[0] = _render_once(stack[0])
    return stacked


def _render_once(block: _Block) -> _Block:
    rendered: list[str] = []

    def again(context: Context) -> Iterator[str]:
        if not rendered:
            rendered.append("".join(block(context)))
        return iter(rendered)

    return again


def _memoised(render: Renderer, recipient_fields: frozenset[str]) -> Renderer:
    """Write once for all who are alike in what the template asks about a person."""
    if recipient_fields & IDENTIFYING_FIELDS:
        return render
    if not recipient_fields:
        return _cached(render)
    attributes = tuple(sorted(recipient_fields))
    drafts: dict[tuple[str, ...], Draft] = {}

    def remember(recipient: Recipient) -> Draft:
        key = tuple([getattr(recipient, attribute, "") for attribute in attributes])
        draft = drafts.get(key)
        if draft is None:
            if len(drafts) >= DRAFT_CACHE_SIZE:
                drafts.clear()
            draft = drafts[key] = render(recipient)
        return draft

    return remember


def _cached(render: Renderer) -> Renderer:
    drafts: list[Draft] = []

    def remember(recipient: Recipient) -> Draft:
        if not drafts:
            drafts.append(render(recipient))
        return drafts[0]

    return remember
