"""Reads every template without rendering it: broken syntax, unknown names, files that are not there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields

from jinja2 import TemplateSyntaxError, meta, nodes

from dispatcher.campaign.audiences import Audience
from dispatcher.campaign.model import Campaign
from dispatcher.campaign.office import Office
from dispatcher.campaign.problem_collector import did_you_mean
from dispatcher.errors import Problem
from dispatcher.i18n import _
from dispatcher.message import Recipient
from dispatcher.message.digest import DIGEST_VARIABLES, DigestFigures
from dispatcher.message.environment import TemplateEnvironment, TemplateSet
from dispatcher.message.template_variables import VARIABLES

KNOWN_VARIABLES: frozenset[str] = frozenset(
    {*VARIABLES, *DIGEST_VARIABLES, "recipient", "self", "super", "loop", "caller"}
)
VARIABLE_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "recipient": frozenset(field.name for field in fields(Recipient)),
    "office": frozenset(Office.model_fields),
    "audience": frozenset({*Audience.model_fields, "name"}),
    "campaign": frozenset({*Campaign.model_fields, "name", "start", "last_day"}),
    "figures": frozenset(field.name for field in fields(DigestFigures)),
}


def check_syntax(templates: TemplateSet, campaigns: Collection[str]) -> Iterator[Problem]:
    """Yield what is wrong in any template of the folder, used or not."""
    environment = TemplateEnvironment(templates, "", html=False)
    for name in templates.sources:
        yield from _check_template(environment, templates, name, campaigns)


def _check_template(
    environment: TemplateEnvironment, templates: TemplateSet, name: str, campaigns: Collection[str]
) -> Iterator[Problem]:
    file = templates.file_path(name)
    try:
        tree = environment.parse(templates.sources[name], name, file)
        environment.compile(tree, name, file)  # knows the filters, which the parser does not
    except TemplateSyntaxError as error:
        yield Problem(
            file=error.filename or file,
            line=error.lineno,
            what=_("the template cannot be read: {error}", error=error.message or ""),
            remedy=_("Look at this line and the one above it: each opening brace needs its closing one."),
        )
        return
    yield from _unknown_names(tree, file)
    yield from _unknown_attributes(tree, file)
    yield from _missing_files(tree, templates, name, campaigns)


def _unknown_names(tree: nodes.Template, file: str) -> Iterator[Problem]:
    unknown = meta.find_undeclared_variables(tree) - KNOWN_VARIABLES
    for name in tree.find_all(nodes.Name):
        if name.name in unknown:
            unknown.discard(name.name)
            yield Problem(
                file=file,
                line=name.lineno,
                value=name.name,
                what=_('there is no value called "{name}"', name=name.name),
                remedy=did_you_mean(name.name, KNOWN_VARIABLES),
            )


def _unknown_attributes(tree: nodes.Template, file: str) -> Iterator[Problem]:
    for attribute in tree.find_all(nodes.Getattr):
        owner = attribute.node.name if isinstance(attribute.node, nodes.Name) else ""
        if owner in VARIABLE_ATTRIBUTES and attribute.attr not in VARIABLE_ATTRIBUTES[owner]:
            yield Problem(
                file=file,
                line=attribute.lineno,
                value=f"{owner}.{attribute.attr}",
                what=_('"{owner}" has no value called "{name}"', owner=owner, name=attribute.attr),
                remedy=did_you_mean(attribute.attr, VARIABLE_ATTRIBUTES[owner]),
            )


def _missing_files(
    tree: nodes.Template, templates: TemplateSet, name: str, campaigns: Collection[str]
) -> Iterator[Problem]:
    for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        named_file = getattr(node, "template", None)
        if not isinstance(named_file, nodes.Const) or getattr(node, "ignore_missing", False):
            continue
        names = {named_file.value, *(f"{campaign}/{named_file.value}" for campaign in campaigns)} - {name}
        if names.isdisjoint(templates.sources):
            yield Problem(
                file=templates.file_path(name),
                line=node.lineno,
                value=str(named_file.value),
                what=_(
                    "the template {template} does not exist",
                    template=templates.file_path(str(named_file.value)),
                ),
                remedy=did_you_mean(str(named_file.value), templates.sources),
            )
