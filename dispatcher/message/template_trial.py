"""One text tried on one row after another, before the run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dispatcher import sms_encoding
from dispatcher.campaign import step_kinds
from dispatcher.channels import Channel
from dispatcher.errors import Problem, Severity
from dispatcher.i18n import _, ngettext
from dispatcher.message import Recipient, RenderContext
from dispatcher.message.compose import Composer
from dispatcher.message.digest import sample_figures
from dispatcher.message.lint import RenderedText, lint_mail, lint_text
from dispatcher.message.rendering import PARTS_MAX, text_renderer
from dispatcher.message.row_sampler import RowSampler, RowShape
from dispatcher.message.unsendable import UnsendableMessage, as_unsendable
from dispatcher.vietnamese.text import NotAscii

# People about whom the list says everything: what is wrong with these is wrong with the words.
SAMPLE_RECIPIENT = Recipient(
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
class CostliestText:
    """The dearest text of one moment for one audience, over the real rows.

    `row` names the row it was found on, empty when it is the same for everybody or no rows were given.
    """

    campaign: str
    template: str
    audience: str
    parts: int
    encoding: str
    units: int
    text: str
    row: str = ""


class TemplateTrial:
    """Tries the words for one audience on one occasion by one channel.

    Raises MessageUnfit when there are none.
    """

    def __init__(self, composer: Composer, context: RenderContext, audience: str, channel: Channel) -> None:
        self._composer, self._context = composer, context
        self._policy = composer.schedules.audiences[audience].text
        self._figures = sample_figures(context.today) if context.kind in step_kinds.NEEDING_FIGURES else None
        self._audience, self._channel = audience, channel
        sample_recipient = replace(SAMPLE_RECIPIENT, audience=audience, channel=channel)
        self._prepared = composer.prepare(sample_recipient, context)
        self._render_text = text_renderer(self._prepared)
        self.inputs = self._prepared.inputs
        self.files = frozenset(composer.templates.file_path(name) for name in self.inputs.inheritance_chain)
        self.costliest: CostliestText | None = None
        self._failures: dict[RowShape, tuple[UnsendableMessage, Recipient]] = {}
        self._rows_by_letters: dict[str, tuple[UnsendableMessage, list[Recipient]]] = {}
        self._problems: list[Problem] = []
        for sample in (sample_recipient, replace(sample_recipient, lead="area")):
            self._lint(sample)

    def try_on(self, recipient: Recipient, shape: RowShape) -> str:
        """Try the words on one row, whose `shape` says what is empty; return letters that cannot be sent."""
        if shape in self._failures:
            return ""
        try:
            self._render(recipient, row=_row(recipient))
        except UnsendableMessage as error:
            if error.reason == "not-ascii":  # that is about this row, not about all of its shape
                self._rows_by_letters.setdefault(error.description, (error, []))[1].append(recipient)
                return error.detail
            self._failures[shape] = (error, recipient)
        return ""

    def problems(self, sampler: RowSampler) -> Iterator[Problem]:
        """Yield what was found, with the number of rows concerned."""
        yield from self._problems
        for shape, (error, recipient) in self._failures.items():
            yield self._problem(error, recipient, sampler.row_counts[shape])
        for error, recipients in self._rows_by_letters.values():
            yield self._problem(error, recipients[0], len(recipients))
        if self.costliest is not None:
            yield from self._cost_problems(self.costliest)

    def _lint(self, sample: Recipient) -> None:
        """Judge the words themselves, on somebody about whom everything is known."""
        try:
            self._render(sample, row="")
            rendered = RenderedText(
                templates=self._composer.templates,
                prepared=self._prepared,
                context=self._context,
                recipient=sample,
                policy=self._policy,
            )
            if self._channel == "sms":
                self._problems.extend(lint_text(rendered, self._render_text(sample)))
            else:
                draft = self._composer.compose(sample, self._context, figures=self._figures)
                self._problems.extend(lint_mail(rendered, draft))
        except UnsendableMessage as error:
            self._problems.append(self._problem(error, sample, 0))

    def _render(self, recipient: Recipient, *, row: str) -> None:
        if self._channel == "email":
            self._composer.compose(recipient, self._context, figures=self._figures)
            return
        try:
            text, cost = sms_encoding.apply_policy(self._render_text(recipient), self._policy)
        except NotAscii as error:
            raise as_unsendable(error, file=self._prepared.file) from error
        costliest = self.costliest
        if (
            costliest is None
            or (row and not costliest.row)
            or (cost.parts, cost.units) > (costliest.parts, costliest.units)
        ):
            self.costliest = CostliestText(
                campaign=self._context.campaign,
                template=self._context.template,
                audience=self._audience,
                parts=cost.parts,
                encoding=cost.encoding,
                units=cost.units,
                text=text,
                row=row,
            )

    def _cost_problems(self, costliest: CostliestText) -> Iterator[Problem]:
        dearest = _(
            "up to {parts} parts ({units} of {encoding}): {text}",
            parts=costliest.parts, units=costliest.units, encoding=costliest.encoding, text=costliest.text,
        )  # fmt: skip
        if costliest.parts > PARTS_MAX:
            remedy = _("Shorten it to {most} parts; a text is never cut.", most=PARTS_MAX)
            yield self._about(dearest, remedy, "error", costliest.row)
        elif costliest.parts > 1 and self._policy == "unaccented":
            remedy = _("Shorten it to one part of 160 letters: accents were given up for that.")
            yield self._about(dearest, remedy, "advice", costliest.row)

    def _about(self, what: str, remedy: str, severity: Severity, value: str) -> Problem:
        return Problem(
            file=self._prepared.file,
            where=self._where,
            what=what,
            remedy=remedy,
            value=value,
            severity=severity,
        )

    @property
    def _where(self) -> str:
        return f"{self._context.campaign}/{self._context.template}/{self._audience}/{self._channel}"

    def _problem(self, error: UnsendableMessage, recipient: Recipient, row_count: int) -> Problem:
        remedy = ""
        if error.reason == "missing-value":
            example = f"{{% if {error.detail} %}}…{{% endif %}}"
            remedy = _("Fill it in, or write {example} around it.", example=example)
        elif error.reason == "not-ascii":
            remedy = _("Write these characters another way, or allow accents for this audience.")
        what = error.description
        if row_count:
            row = _row(recipient)
            what += " " + ngettext(
                "({n} row, the first: {row})", "({n} rows, the first: {row})", row_count, row=row
            )
        return Problem(file=error.file, line=error.line, where=self._where, what=what, remedy=remedy)


def _row(recipient: Recipient) -> str:
    return _("{file}, row {row}", file=recipient.list_file, row=recipient.list_row)
