"""Reads every template without rendering it: broken syntax, unknown names, files that are not there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields

from jinja2 import TemplateSyntaxError, meta, nodes

from dispatcher.campaign.findings import did_you_mean
from dispatcher.campaign.model import Audience, Campaign, Office
from dispatcher.errors import Problem
from dispatcher.i18n import _
from dispatcher.message import Recipient
from dispatcher.message.digest import DIGEST_NAMES, Figures
from dispatcher.message.environment import TextEnvironment, Texts
from dispatcher.message.facts import NAMES

KNOWN: frozenset[str] = frozenset({*NAMES, *DIGEST_NAMES, "recipient", "self", "super", "loop", "caller"})
ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "recipient": frozenset(field.name for field in fields(Recipient)),
    "office": frozenset(Office.model_fields),
    "audience": frozenset({*Audience.model_fields, "name"}),
    "campaign": frozenset({*Campaign.model_fields, "name", "start", "last_day"}),
    "figures": frozenset(field.name for field in fields(Figures)),
}


def read_all(texts: Texts, campaigns: Collection[str]) -> Iterator[Problem]:
    """Give what is wrong in any template of the folder, used or not."""
    environment = TextEnvironment(texts, "", html=False)
    for name in texts.sources:
        yield from _read(environment, texts, name, campaigns)


def _read(
    environment: TextEnvironment, texts: Texts, name: str, campaigns: Collection[str]
) -> Iterator[Problem]:
    file = texts.path(name)
    try:
        tree = environment.parse(texts.sources[name], name, file)
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
    yield from _absent_files(tree, texts, name, campaigns)


def _unknown_names(tree: nodes.Template, file: str) -> Iterator[Problem]:
    unknown = meta.find_undeclared_variables(tree) - KNOWN
    for name in tree.find_all(nodes.Name):
        if name.name in unknown:
            unknown.discard(name.name)
            yield Problem(
                file=file,
                line=name.lineno,
                value=name.name,
                what=_('there is no value called "{name}"', name=name.name),
                remedy=did_you_mean(name.name, KNOWN),
            )


def _unknown_attributes(tree: nodes.Template, file: str) -> Iterator[Problem]:
    for asked in tree.find_all(nodes.Getattr):
        owner = asked.node.name if isinstance(asked.node, nodes.Name) else ""
        if owner in ATTRIBUTES and asked.attr not in ATTRIBUTES[owner]:
            yield Problem(
                file=file,
                line=asked.lineno,
                value=f"{owner}.{asked.attr}",
                what=_('"{owner}" has no value called "{name}"', owner=owner, name=asked.attr),
                remedy=did_you_mean(asked.attr, ATTRIBUTES[owner]),
            )


def _absent_files(
    tree: nodes.Template, texts: Texts, name: str, campaigns: Collection[str]
) -> Iterator[Problem]:
    for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        wanted = getattr(node, "template", None)
        if not isinstance(wanted, nodes.Const) or getattr(node, "ignore_missing", False):
            continue
        found = {wanted.value, *(f"{campaign}/{wanted.value}" for campaign in campaigns)} - {name}
        if found.isdisjoint(texts.sources):
            yield Problem(
                file=texts.path(name),
                line=node.lineno,
                value=str(wanted.value),
                what=_("the template {template} does not exist", template=texts.path(str(wanted.value))),
                remedy=did_you_mean(str(wanted.value), texts.sources),
            )
