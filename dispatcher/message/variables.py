"""Which values a template uses, itself and through every file it extends, includes or imports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import Environment, TemplateNotFound, meta, nodes

EVERYTHING = "*"


@dataclass(frozen=True, kw_only=True, slots=True)
class Uses:
    """What a template reads.

    `recipient` holds the attributes of the person ('*' when the person is handed on as a whole), `names`
    every other variable, `files` the templates read and `lineage` those that extend each other, the named
    one first. `blocks_only` is true when nothing outside the blocks sets a value, so that a block may be
    rendered alone.
    """

    recipient: frozenset[str]
    names: frozenset[str]
    files: tuple[str, ...]
    lineage: tuple[str, ...]
    blocks_only: bool


def uses(environment: Environment, name: str) -> Uses:
    """Read the chain of templates that starts at `name`.

    Raises TemplateNotFound and TemplateSyntaxError.
    """
    recipient: set[str] = set()
    names: set[str] = set()
    files: dict[str, None] = {}
    blocks_only = True
    waiting = [name]
    while waiting:
        file = waiting.pop(0)
        if file in files:
            continue
        files[file] = None
        tree = parse(environment, file)
        recipient |= set(_recipient(tree))
        names |= meta.find_undeclared_variables(tree)
        blocks_only = blocks_only and _blocks_only(tree)
        for mentioned in meta.find_referenced_templates(tree):
            if mentioned is None:  # chosen while rendering: nobody knows what it reads
                recipient.add(EVERYTHING)
            else:
                waiting.append(environment.join_path(mentioned, file))
    return Uses(
        recipient=frozenset(recipient),
        names=frozenset(names - {"recipient"}),
        files=tuple(files),
        lineage=_lineage(environment, name),
        blocks_only=blocks_only,
    )


def parse(environment: Environment, name: str) -> nodes.Template:
    """Give the tree of one file."""
    if environment.loader is None:
        raise TemplateNotFound(name)
    source, path, _fresh = environment.loader.get_source(environment, name)
    return environment.parse(source, name, path)


def _recipient(tree: nodes.Template) -> Iterator[str]:
    asked = list(tree.find_all(nodes.Getattr))
    known = {id(asking.node) for asking in asked}
    for asking in asked:
        if isinstance(asking.node, nodes.Name) and asking.node.name == "recipient":
            yield asking.attr
    for name in tree.find_all(nodes.Name):
        if name.name == "recipient" and id(name) not in known:
            yield EVERYTHING


def _blocks_only(tree: nodes.Template) -> bool:
    if tree.find(nodes.Extends) is None:
        return all(isinstance(node, nodes.Block | nodes.Output) for node in tree.body)
    return all(isinstance(node, nodes.Extends | nodes.Block) or _is_blank(node) for node in tree.body)


def _is_blank(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Output) and all(
        isinstance(piece, nodes.TemplateData) and not piece.data.strip() for piece in node.nodes
    )


def _lineage(environment: Environment, name: str) -> tuple[str, ...]:
    """Give the files that extend each other, `name` first; stops where the next is chosen while rendering."""
    files = [name]
    while True:
        extends = parse(environment, files[-1]).find(nodes.Extends)
        if extends is None or not isinstance(extends.template, nodes.Const):
            return tuple(files)
        files.append(environment.join_path(extends.template.value, files[-1]))
