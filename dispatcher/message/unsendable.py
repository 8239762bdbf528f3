"""Why a text cannot be sent as it is: said with file and line, and never answered by cutting it short."""

from __future__ import annotations

from typing import Literal

from jinja2 import Template, TemplateSyntaxError, UndefinedError
from jinja2 import TemplateNotFound as NotFound

from dispatcher.errors import DispatcherError
from dispatcher.i18n import N_, _
from dispatcher.vietnamese.text import NotAscii

Reason = Literal["no-template", "template-broken", "missing-value", "not-ascii", "too-long"]

REASONS: dict[Reason, str] = {
    "no-template": N_("there is no text for this moment: {detail}"),
    "template-broken": N_("the text cannot be made: {detail}"),
    "missing-value": N_("a value that the text needs is missing: {detail}"),
    "not-ascii": N_("the text cannot be written without accents: {detail}"),
    "too-long": N_("the text is too long: {detail}"),
}


class UnsendableMessage(DispatcherError):
    """The words for one person cannot be sent; nothing leaves and nothing is cut short.

    `reason` is a code word for the ledger, `file` and `line` say where to look.
    """

    exit_code = 1

    def __init__(self, reason: Reason, detail: str, *, file: str = "", line: int | None = None) -> None:
        self.reason, self.detail, self.file, self.line = reason, detail, file, line
        location = f"{file}:{line}: " if line else f"{file}: " if file else ""
        super().__init__(location + self.description)

    @property
    def description(self) -> str:
        """The reason in the reader's language, without the place."""
        return _(REASONS[self.reason], detail=self.detail)


def as_unsendable(error: Exception, *, file: str) -> UnsendableMessage:
    """Return what an exception raised while rendering `file` means, and where it happened."""
    if isinstance(error, UnsendableMessage):
        return error
    if isinstance(error, TemplateSyntaxError):
        return UnsendableMessage(
            "template-broken", error.message or "", file=error.filename or file, line=error.lineno
        )
    at, line = locate_error(error, file)
    if isinstance(error, NotFound):
        return UnsendableMessage("no-template", str(error.message), file=at, line=line)
    if isinstance(error, UndefinedError):
        return UnsendableMessage("missing-value", error.message or "", file=at, line=line)
    if isinstance(error, NotAscii):
        characters = " ".join(error.characters)
        return UnsendableMessage("not-ascii", characters, file=at, line=line)
    return UnsendableMessage("template-broken", f"{type(error).__name__}: {error}", file=at, line=line)


def locate_error(error: BaseException, file: str) -> tuple[str, int | None]:
    """Find the deepest template file and line that an exception came through; `file` when there is none."""
    line = None
    step = error.__traceback__
    while step is not None:
        template = step.tb_frame.f_globals.get("__jinja_template__")
        if isinstance(template, Template):
            file, line = template.filename or file, template.get_corresponding_lineno(step.tb_lineno)
        step = step.tb_next
    return file, line
