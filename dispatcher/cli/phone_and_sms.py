"""`phone` and `sms`: what we make of a number and what a text costs, without settings or ledger."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dispatcher.cli import json_lines
from dispatcher.cli.json_lines import JsonLinesOption
from dispatcher.cli.options import JsonOption
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.sms_encoding import SmsSize


def register(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(help=_("What we make of a telephone number, and why."))(phone)
    app.command(
        help=_("What a text costs: encoding, parts, which characters are dear, and without accents.")
    )(sms)


def phone(
    raw: Annotated[
        list[str] | None, typer.Argument(help=_("Cells as people write them."), show_default=False)
    ] = None,
    as_json: JsonOption = False,
    jsonl: JsonLinesOption = False,
) -> None:
    from dispatcher.vietnamese import phone as numbers

    def read(cell: object) -> dict[str, Any]:
        result = numbers.parse(cell)
        return {
            "numbers": list(result.numbers),
            "reason": result.reason or None,
            "repairs": list(result.repairs),
            "flags": list(result.flags),
        }

    if jsonl:
        json_lines.answer_lines(read)
    cells = raw or [line for line in json_lines.read_stdin().splitlines() if line.strip()]
    if as_json:
        from dispatcher.cli import console

        console.print_json([{"raw": cell, **read(cell)} for cell in cells])
    else:
        _print_phones(cells)
    raise typer.Exit(0 if all(numbers.parse(cell).numbers for cell in cells) else 1)


def _print_phones(cells: list[str]) -> None:
    from dispatcher.cli import console
    from dispatcher.vietnamese import phone as numbers

    rows = []
    for cell in cells:
        result = numbers.parse(cell)
        explanations = [numbers.REASONS[result.reason]] if result.reason else []
        explanations += [numbers.REPAIRS[word] for word in result.repairs]
        explanations += [numbers.FLAGS[word] for word in result.flags]
        networks = ", ".join(numbers.network(number) for number in result.numbers)
        rows.append((cell, " ".join(result.numbers) or "—", networks, "; ".join(map(_, explanations))))
    console.print_table((_("written"), _("number"), _("network of its prefix"), _("why")), rows)


def sms(
    text: Annotated[
        str | None, typer.Argument(help=_("The text, between quotation marks."), show_default=False)
    ] = None,
    as_json: JsonOption = False,
    jsonl: JsonLinesOption = False,
) -> None:
    if jsonl:
        json_lines.answer_lines(_text_cost)
    words = json_lines.read_stdin().rstrip("\n") if text is None else text
    if as_json:
        from dispatcher.cli import console

        console.print_json(_text_cost(words))
    else:
        _print_cost(words)


def _text_cost(value: object) -> dict[str, Any]:
    from dispatcher import sms_encoding
    from dispatcher.vietnamese.text import NotAscii, nfc

    words = nfc(value if isinstance(value, str) else _cell_text(value))
    cost = sms_encoding.measure(words)
    try:
        plain, cheaper = sms_encoding.apply_policy(words, "unaccented")
        unaccented: dict[str, Any] = {"text": plain, "parts": cheaper.parts}
    except NotAscii:
        unaccented = {"text": None, "parts": None}
    return {
        "encoding": cost.encoding,
        "units": cost.units,
        "parts": cost.parts,
        "forcing": list(cost.non_gsm7_characters),
        "unaccented": unaccented,
    }


def _cell_text(value: object) -> str:
    """Write a number as a cell shows it."""
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _print_cost(words: str) -> None:
    from dispatcher import sms_encoding
    from dispatcher.cli import console
    from dispatcher.vietnamese.text import NotAscii, nfc
    from dispatcher.vietnamese.unaccented_readings import misleading_words

    words = nfc(words)
    spellings = [(_("as written"), words, sms_encoding.measure(words))]
    try:
        plain, cost = sms_encoding.apply_policy(words, "unaccented")
        spellings.append((_("without accents"), plain, cost))
    except NotAscii as error:
        console.print_line(str(error), style="yellow")
    _draw_spellings(spellings)
    for name, text, _cost in spellings[1:]:
        if text != words:
            console.print_bubble(text, title=name)
    if spellings[0][2].non_gsm7_characters:
        console.print_line(
            _("Unicode because of: {characters}", characters=" ".join(spellings[0][2].non_gsm7_characters))
        )
    for word, reason in misleading_words(words):
        console.print_line(f"“{word}”: {_(reason)}", style="yellow")


def _draw_spellings(spellings: Sequence[tuple[str, str, SmsSize]]) -> None:
    """Draw what each way of writing a text costs, in VND too where the price is known."""
    from dispatcher.cli import console

    price = _price_per_part()
    heads = [_("spelling"), _("encoding"), _("length"), _("parts")]
    rows = [[name, cost.encoding, cost.units, cost.parts] for name, _text, cost in spellings]
    if price:
        heads.append(_("at {price} a part", price=console.format_money(price)))
        for row, (_name, _text, cost) in zip(rows, spellings, strict=True):
            row.append(console.format_money(cost.parts * price))
    console.print_table(heads, rows, right_aligned=(2, 3, 4))


def _price_per_part() -> int:
    """Return the usual price of a part where there is a schedules.toml to ask; 0: nobody knows."""
    import tomllib

    from dispatcher.cli import context
    from dispatcher.errors import DispatcherError

    try:
        raw = tomllib.loads(context.settings().schedules.read_text(encoding="utf-8-sig"))
        return int(raw["prices"]["default"])
    except (OSError, ValueError, KeyError, TypeError, DispatcherError):
        return 0
