"""What a template asks about a person, block by block: what asks nothing is rendered once for everybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from jinja2 import Environment, TemplateNotFound, nodes

ALL_FIELDS = "*"
ROOT_BLOCK = ""  # what stands outside the blocks of the file that extends no other
_SETTERS = (nodes.Assign, nodes.AssignBlock, nodes.Import, nodes.FromImport, nodes.Macro)


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateInputs:
    """What a template asks about its reader.

    `blocks` tells for each block the attributes of the person it asks for, also through the blocks it
    shows ('*': nobody can tell). `inheritance_chain` are the files that extend each other, the named one
    first. `has_only_blocks` is true when nothing outside the blocks sets a value, so that a block may be
    rendered alone.
    """

    blocks: Mapping[str, frozenset[str]]
    inheritance_chain: tuple[str, ...]
    has_only_blocks: bool

    def recipient_fields(self, *blocks: str) -> frozenset[str]:
        """Return the attributes that the blocks given ask for."""
        unknown = frozenset({ALL_FIELDS})
        return frozenset().union(*(self.blocks.get(entry, unknown) for entry in blocks))


@dataclass(kw_only=True, slots=True)
class _BlockInputs:
    """What one block reads by itself."""

    recipient: set[str] = field(default_factory=set)
    shows: set[str] = field(default_factory=set)  # other blocks
    shows_parent: bool = False

    def add(self, other: _BlockInputs) -> None:
        self.recipient |= other.recipient
        self.shows |= other.shows


def analyse(environment: Environment, name: str) -> TemplateInputs:
    """Read the chain of templates that starts at `name`.

    Raises TemplateNotFound and TemplateSyntaxError.
    """
    files, trees, is_complete = _inheritance_chain(environment, name)
    blocks: dict[str, _BlockInputs] = {}
    closed: set[str] = set()  # replaced by a file further down that does not show it
    for file, tree in zip(files, trees, strict=True):
        for block in tree.find_all(nodes.Block):
            reads = _block_inputs(environment, file, block.body)
            if block.scoped:
                reads.recipient.add(ALL_FIELDS)
            if block.name not in closed:
                blocks.setdefault(block.name, _BlockInputs()).add(reads)
            if not reads.shows_parent:
                closed.add(block.name)
    blocks[ROOT_BLOCK] = _block_inputs(environment, files[-1], trees[-1].body)
    if not is_complete:
        blocks[ROOT_BLOCK].recipient.add(ALL_FIELDS)
    return TemplateInputs(
        blocks={block: frozenset(_recipient_fields(block, blocks)) for block in blocks},
        inheritance_chain=files,
        has_only_blocks=is_complete and all(map(_only_blocks, trees)),
    )


def parse_template(environment: Environment, name: str) -> nodes.Template:
    """Return the tree of one file."""
    if environment.loader is None:
        raise TemplateNotFound(name)
    source, path, _fresh = environment.loader.get_source(environment, name)
    return environment.parse(source, name, path)


def _inheritance_chain(
    environment: Environment, name: str
) -> tuple[tuple[str, ...], tuple[nodes.Template, ...], bool]:
    """Return the files that extend each other, their trees, and whether the chain is known to its end."""
    files, trees = [name], [parse_template(environment, name)]
    while (extends := trees[-1].find(nodes.Extends)) is not None:
        if not isinstance(extends.template, nodes.Const):
            return tuple(files), tuple(trees), False
        files.append(environment.join_path(extends.template.value, files[-1]))
        trees.append(parse_template(environment, files[-1]))
    return tuple(files), tuple(trees), True


def _recipient_fields(block: str, blocks: Mapping[str, _BlockInputs]) -> set[str]:
    """Collect what a block asks for, itself and through what it shows."""
    recipient_fields: set[str] = set()
    waiting, seen = [block], {block}
    while waiting:
        reads = blocks.get(waiting.pop())
        if reads is None:
            return {ALL_FIELDS}
        recipient_fields |= reads.recipient
        waiting.extend(reads.shows - seen)
        seen |= reads.shows
    return recipient_fields


def _block_inputs(environment: Environment, file: str, body: Iterable[nodes.Node]) -> _BlockInputs:
    reads = _BlockInputs()
    for node in body:
        _visit(environment, file, node, reads)
    return reads


def _visit(environment: Environment, file: str, node: nodes.Node, reads: _BlockInputs) -> None:
    if isinstance(node, nodes.Block):  # read by itself
        reads.shows.add(node.name)
        return
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        if node.node.name == "recipient":
            reads.recipient.add(node.attr)
            return
        if node.node.name == "self":
            reads.shows.add(node.attr)
            return
    if isinstance(node, nodes.Name):
        if node.name in ("recipient", "self"):  # handed on as a whole
            reads.recipient.add(ALL_FIELDS)
        reads.shows_parent = reads.shows_parent or node.name == "super"
    if isinstance(node, nodes.Include | nodes.Import | nodes.FromImport):
        reads.recipient |= set(_included_fields(environment, file, node))
    for child in node.iter_child_nodes():
        _visit(environment, file, child, reads)


def _included_fields(
    environment: Environment, file: str, node: nodes.Include | nodes.Import | nodes.FromImport
) -> Iterator[str]:
    if not isinstance(node.template, nodes.Const) or not isinstance(node.template.value, str):
        yield ALL_FIELDS
        return
    yield from analyse(environment, environment.join_path(node.template.value, file)).recipient_fields(
        ROOT_BLOCK
    )


def _only_blocks(tree: nodes.Template) -> bool:
    return not any(isinstance(node, _SETTERS) for node in tree.body)
