"""Headings as lists have them, and what each column holds."""

from __future__ import annotations

from pathlib import Path

# What a column holds, "-" for nothing we know, and its heading.
TABLE = Path(__file__).parent.parent / "corpus" / "headings.tsv"
HEADINGS: list[tuple[str, str]] = [
    (heading, kind.strip("-"))
    for kind, heading in (line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines())
]
