"""One text tried on one row after another, before the run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dispatcher import gsm
from dispatcher.errors import Problem, Severity
from dispatcher.i18n import _, ngettext
from dispatcher.message import Channel, Occasion, Recipient
from dispatcher.message.compose import Composer
from dispatcher.message.digest import sample_figures
from dispatcher.message.lint import Written, lint_mail, lint_text
from dispatcher.message.rows import Pattern, Rows
from dispatcher.message.unfit import MessageUnfit, unfit
from dispatcher.message.writing import PARTS_MAX, wording
from dispatcher.vietnamese.text import NotAscii

# People about whom the list says everything: what is wrong with these is wrong with the words.
SOMEBODY = Recipient(
    person_id=0,
    audience="",
    channel="sms",
    address="",
    name="Nguyễn Thị Phương Thảo",
    given_name="Thảo",
    honorific="bà",
    area="Thôn Phương La",
    unit="Phương La",
    role="Phó Trưởng thôn",
    list_file="-",
    list_row=1,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Worst:
    """The dearest text of one moment for one audience, over the real rows.

    `row` names the row it was found on, empty when it is the same for everybody or no rows were given.
    """

    campaign: str
    moment: str
    audience: str
    parts: int
    encoding: str
    units: int
    text: str
    row: str = ""


class Trial:
    """Tries the words for one audience on one occasion by one channel.

    Raises MessageUnfit when there are none.
    """

    def __init__(self, composer: Composer, occasion: Occasion, audience: str, channel: Channel) -> None:
        self._composer, self._occasion = composer, occasion
        self._policy = composer.schedules.audiences[audience].text
        self._figures = sample_figures(occasion.today) if occasion.kind == "digest" else None
        self._audience, self._channel = audience, channel
        somebody = replace(SOMEBODY, audience=audience, channel=channel)
        self._script = composer.script(somebody, occasion)
        self._words = wording(self._script)
        self.uses = self._script.uses
        self.files = frozenset(composer.texts.path(name) for name in self.uses.lineage)
        self.worst: Worst | None = None
        self._failures: dict[Pattern, tuple[MessageUnfit, Recipient]] = {}
        self._found: list[Problem] = []
        for sample in (somebody, replace(somebody, lead="area")):
            self._look(sample)

    def take(self, recipient: Recipient, pattern: Pattern) -> None:
        """Try the words on one row; `pattern` says what is empty in it."""
        if pattern in self._failures:
            return
        try:
            self._write(recipient, row=_row(recipient))
        except MessageUnfit as error:
            self._failures[pattern] = (error, recipient)

    def problems(self, rows: Rows) -> Iterator[Problem]:
        """Give what was found, with the number of rows concerned."""
        yield from self._found
        for pattern, (error, recipient) in self._failures.items():
            yield self._problem(error, recipient, rows.counted[pattern])
        if self.worst is not None:
            yield from self._dear(self.worst)

    def _look(self, sample: Recipient) -> None:
        """Judge the words themselves, on somebody about whom everything is known."""
        try:
            self._write(sample, row="")
            written = Written(
                texts=self._composer.texts,
                script=self._script,
                occasion=self._occasion,
                recipient=sample,
                policy=self._policy,
            )
            if self._channel == "sms":
                self._found.extend(lint_text(written, self._words(sample)))
            else:
                draft = self._composer.compose(sample, self._occasion, figures=self._figures)
                self._found.extend(lint_mail(written, draft))
        except MessageUnfit as error:
            self._found.append(self._problem(error, sample, 0))

    def _write(self, recipient: Recipient, *, row: str) -> None:
        if self._channel == "email":
            self._composer.compose(recipient, self._occasion, figures=self._figures)
            return
        try:
            text, cost = gsm.choose(self._words(recipient), self._policy)
        except NotAscii as error:
            raise unfit(error, file=self._script.file) from error
        worst = self.worst
        if worst is None or (row and not worst.row) or (cost.parts, cost.units) > (worst.parts, worst.units):
            self.worst = Worst(
                campaign=self._occasion.campaign,
                moment=self._occasion.moment,
                audience=self._audience,
                parts=cost.parts,
                encoding=cost.encoding,
                units=cost.units,
                text=text,
                row=row,
            )

    def _dear(self, worst: Worst) -> Iterator[Problem]:
        dearest = _(
            "up to {parts} parts ({units} of {encoding}): {text}",
            parts=worst.parts, units=worst.units, encoding=worst.encoding, text=worst.text,
        )  # fmt: skip
        if worst.parts > PARTS_MAX:
            remedy = _("Shorten it to {most} parts; a text is never cut.", most=PARTS_MAX)
            yield self._about(dearest, remedy, "error", worst.row)
        elif worst.parts > 1 and self._policy == "unaccented":
            remedy = _("Shorten it to one part of 160 letters: accents were given up for that.")
            yield self._about(dearest, remedy, "advice", worst.row)

    def _about(self, what: str, remedy: str, severity: Severity, value: str) -> Problem:
        return Problem(
            file=self._script.file,
            where=self._where,
            what=what,
            remedy=remedy,
            value=value,
            severity=severity,
        )

    @property
    def _where(self) -> str:
        return f"{self._occasion.campaign}/{self._occasion.moment}/{self._audience}/{self._channel}"

    def _problem(self, error: MessageUnfit, recipient: Recipient, rows: int) -> Problem:
        remedy = ""
        if error.reason == "missing-value":
            asked = f"{{% if {error.detail} %}}…{{% endif %}}"
            remedy = _("Fill it in, or write {example} around it.", example=asked)
        elif error.reason == "not-ascii":
            remedy = _("Write these characters another way, or allow accents for this audience.")
        what = error.said
        if rows:
            row = _row(recipient)
            what += " " + ngettext(
                "({n} row, the first: {row})", "({n} rows, the first: {row})", rows, row=row
            )
        return Problem(file=error.file, line=error.line, where=self._where, what=what, remedy=remedy)


def _row(recipient: Recipient) -> str:
    return _("{file}, row {row}", file=recipient.list_file, row=recipient.list_row)
