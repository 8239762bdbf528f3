"""The words of a template as an officer edits them: the blocks that say something, {Hạn cuối} for a field.

What a template does beside that stays as it stands: only the blocks edited are written, and whatever is no
field that we know is shown in the template's own language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dispatcher.campaign.time_values import InvalidValue
from dispatcher.channels import Channel
from dispatcher.i18n import _

# What an officer inserts -> what the template says. The words people read are Vietnamese, and so are these.
FIELDS: Mapping[str, str] = {
    "Việc cần làm": "action",
    "Việc cần làm, đủ tên": "action_long",
    "Làm": "verb",
    "Đã làm": "done",
    "Hạn cuối": "deadline|short_date",
    "Hạn cuối, đủ chữ": "deadline|long_date",
    "Hết hạn": "until",
    "Hết hạn, đủ chữ": "until_long",
    "Hạn, tính từ hôm nay": "last_day_words",
    "Còn mấy ngày": "days_left_words",
    "Ngày đầu": "starts|short_date",
    "Tên chiến dịch": "title",
    "Tên ngắn": "short_title",
    "Họ tên": "recipient.name",
    "Tên": "recipient.given_name",
    "Thôn": "recipient.area",
    "Đơn vị": "recipient.unit",
    "Chức vụ": "recipient.role",
    "Cơ quan": "office.name",
    "Điện thoại cơ quan": "office.phone",
    "Trang thông tin": "campaign.website",
}
BLOCKS: Mapping[Channel, tuple[str, ...]] = {"sms": ("words",), "email": ("headline", "words")}
_LABELS = {expression: label for label, expression in FIELDS.items()}
_EXPRESSION = re.compile(r"\{\{-?\s*([^{}]*?)\s*-?\}\}")
_FIELD = re.compile(r"(?<![{%#])\{([^\W\d_][^{}%#\n]*)\}(?!\})")


def blocks_of(source: str, channel: Channel) -> dict[str, str]:
    """Return the words of a template by block; none for a template that does more than say them."""
    found = {name: block_of(source, name) for name in BLOCKS[channel]}
    return {} if found["words"] is None else {name: text for name, text in found.items() if text is not None}


def block_of(source: str, name: str) -> str | None:
    """Return what stands in a block, fields as people write them; None: the template has no such block."""
    found = _find(source, name)
    if found is None:
        return None
    text = source[found[0] : found[1]].strip("\n")
    return _EXPRESSION.sub(_label, text)


def with_block(source: str, name: str, text: str) -> str:
    """Return the template with other words in a block. Raises InvalidValue for an unknown field."""
    found = _find(source, name)
    if found is None:
        return source
    written = to_template(text)
    if "\n" in source[found[0] : found[1]] or "\n" in written:
        written = f"\n{written}\n"
    return source[: found[0]] + written + source[found[1] :]


def to_template(text: str) -> str:
    """Return words with the fields as the template says them. Raises InvalidValue."""
    return _FIELD.sub(_expression, "\n".join(line.rstrip() for line in text.strip().splitlines()))


def _label(match: re.Match[str]) -> str:
    label = _LABELS.get(re.sub(r"\s*\|\s*", "|", match[1]))
    return f"{{{label}}}" if label else match[0]


def _expression(match: re.Match[str]) -> str:
    expression = FIELDS.get(" ".join(match[1].split()))
    if expression is None:
        raise InvalidValue(
            _("there is no field {name}", name=match[0]),
            _("Take one from the list, or write it without the braces."),
        )
    return f"{{{{ {expression} }}}}"


def _find(source: str, name: str) -> tuple[int, int] | None:
    """Return where the inside of a block begins and ends; blocks inside it belong to it."""
    begun = re.search(rf"\{{%-?\s*block\s+{re.escape(name)}\b[^%]*%\}}", source)
    if begun is None:
        return None
    depth = 1
    for tag in re.finditer(r"\{%-?\s*(block|endblock)\b[^%]*%\}", source[begun.end() :]):
        depth += 1 if tag[1] == "block" else -1
        if depth == 0:
            return begun.end(), begun.end() + tag.start()
    return None
