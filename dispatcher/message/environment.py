"""Templates of a folder, found by campaign, audience and name, rendered in a sandbox.

A campaign overrides what differs: where `summer/staff/launch.sms.j2` exists it wins over
`staff/launch.sms.j2`, and it may extend the very file it replaces. The same holds for every file that
another one extends, includes or imports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound, Undefined
from jinja2.runtime import TemplateReference
from jinja2.sandbox import ImmutableSandboxedEnvironment

from dispatcher.campaign.audiences import Audience
from dispatcher.campaign.model import Campaign
from dispatcher.campaign.office import Office
from dispatcher.campaign.referenced_files import template_names
from dispatcher.channels import Channel
from dispatcher.errors import ConfigurationError, Problem, os_error_message
from dispatcher.i18n import _
from dispatcher.message import Recipient
from dispatcher.message.filters import FILTERS
from dispatcher.vietnamese.text import nfc


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateSet:
    """Every template of a folder as it was at one moment: a later edit does not reach those who hold it."""

    folder: Path
    sources: Mapping[str, str]  # 'staff/launch.sms.j2' -> text, NFC

    def file_path(self, name: str) -> str:
        """Return the file of a template as people know it."""
        return str(self.folder / name)

    def resolve(self, campaign: str, name: str, *, within: str = "") -> str:
        """Return the file that `name` means in `campaign`, mentioned inside the file `within`.

        A file that names itself means the one it overrides.
        """
        override = f"{campaign}/{name}"
        return override if override in self.sources and override != within else name

    def find_template(self, campaign: str, audience: str, template: str, channel: Channel) -> str | None:
        """The template of an audience at a moment, or the one for everybody; None when there is none."""
        names = template_names(campaign, audience, template, channel)
        return next((name for name in names if name in self.sources), None)


def load_templates(folder: Path) -> TemplateSet:
    """Read every template below `folder`.

    Raises ConfigurationError naming every file that cannot be read.
    """
    sources: dict[str, str] = {}
    problems: list[Problem] = []
    for path in sorted(folder.rglob("*.j2")):
        try:
            text = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            what = _("the file cannot be read: {error}", error=os_error_message(error))
            problems.append(Problem(file=str(path), what=what, remedy=_("Check its permissions.")))
        except UnicodeDecodeError as error:
            line = path.read_bytes()[: error.start].count(b"\n") + 1
            remedy = _("Save it again with the encoding UTF-8.")
            problems.append(
                Problem(file=str(path), line=line, what=_("the file is not in UTF-8"), remedy=remedy)
            )
        else:
            sources[path.relative_to(folder).as_posix()] = nfc(text)
    if problems:
        raise ConfigurationError(problems)
    return TemplateSet(folder=folder, sources=sources)


class EmptyValue(Undefined):
    """A value that the list or the schedule leaves empty: may be asked about, may not be printed."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        return f"{_VARIABLE_NAMES.get(type(self._undefined_obj), '…')}.{self._undefined_name}"

    def __str__(self) -> str:  # noqa: PLE0307 - it always raises
        self._fail_with_undefined_error()

    def __iter__(self) -> Iterator[object]:
        self._fail_with_undefined_error()

    def __eq__(self, other: object) -> bool:
        return other in ("", None) or isinstance(other, EmptyValue)

    def __hash__(self) -> int:
        return hash("")


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """The sandbox of one campaign, for plain text or for HTML."""

    def __init__(self, templates: TemplateSet, campaign: str, *, html: bool) -> None:
        super().__init__(
            loader=_Loader(templates),
            undefined=StrictUndefined,
            autoescape=html,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
            cache_size=-1,
            auto_reload=False,
        )
        self.filters.update(FILTERS)
        self._resolve: Callable[..., str] = templates.resolve
        self._campaign = campaign

    def join_path(self, template: str, parent: str) -> str:
        """Return the campaign's own file where one file names another, if it has one."""
        return self._resolve(self._campaign, template, within=parent)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return an attribute; an empty one may be tested but not printed.

        "Kính gửi phụ huynh lớp ," must be found before the run, so emptiness counts as missing.
        """
        kind = type(obj)
        if kind is TemplateReference:  # self.words()
            try:
                return obj[attribute]
            except KeyError:
                return self.undefined(obj=obj, name=attribute)
        readable = _READABLE_ATTRIBUTES.get(kind)
        if readable is not None and attribute in readable:
            value = getattr(obj, attribute)  # what the sandbox would find out is known for these
        else:
            value = super().getattr(obj, attribute)
        if value is None or value == "":  # 0 and False are values, and may be printed
            return EmptyValue(obj=obj, name=attribute)
        return value


_VARIABLE_NAMES: Mapping[type, str] = {
    Recipient: "recipient",
    Office: "office",
    Audience: "audience",
    Campaign: "campaign",
}
_READABLE_ATTRIBUTES: Mapping[type, frozenset[str]] = {
    Recipient: frozenset(field.name for field in fields(Recipient)),
    **{model: frozenset(model.model_fields) for model in (Office, Audience, Campaign)},
}


class _Loader(BaseLoader):
    def __init__(self, templates: TemplateSet) -> None:
        self._templates = templates

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, None]:
        try:
            return self._templates.sources[template], self._templates.file_path(template), None
        except KeyError:
            raise TemplateNotFound(template) from None
