"""Every package of the lock may be used with, and shipped beside, what stands under Apache-2.0."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
# What asks for no more than to be named.
PERMISSIVE = re.compile(
    r"MIT(-0)?|BSD(-[23]-Clause)?|Apache-2\.0|ISC|PSF-2\.0|(The )?Unlicense|"
    r"MIT License|BSD License|BSD 2-Clause License|Apache Software License|Apache 2\.0|ISC License|"
    r"Python Software Foundation License|PSFL"
)
# What asks for more, and why we may; whoever adds one writes down the reason.
REASONS = {
    "certifi": "MPL-2.0 covers its own files, which stay as they are",
    "hypothesis": "MPL-2.0, and in the tests only",
    "odfpy": "the Apache licence is one of its three, and it is in the tests only",
    "pathspec": "MPL-2.0, and for building only",
    "psycopg": "LGPL-3.0: a library of its own, which whoever installs us can replace",
    "psycopg-binary": "LGPL-3.0: as psycopg",
    "python-dateutil": "Apache or BSD, as one likes",
    # These name no licence in their metadata; their LICENSE file does.
    "axe-playwright-python": "MIT; the axe-core in it is MPL-2.0; in the tests only",
    "pyreqwest": "Apache-2.0",
}


def locked(file: str) -> Iterator[str]:
    text = (ROOT / file).read_text(encoding="utf-8")
    return (match[1] for match in re.finditer(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE))


def licences(found: PackageMetadata) -> set[str]:
    """Return the words a package uses for its licence, of which all must be fine."""
    if expression := found.get("License-Expression"):
        return set(re.split(r" (?:AND|OR) |[()]", expression)) - {""}
    classifiers = {
        text.rpartition(" :: ")[2].partition(" (")[0]
        for text in found.get_all("Classifier", [])
        if text.startswith("License :: ") and not text.lower().endswith(" approved")
    }
    return classifiers or {(found.get("License") or "none named").splitlines()[0]}


@pytest.mark.parametrize("name", sorted({*locked("requirements.txt"), *locked("requirements-dev.txt")}))
def test_every_locked_package_may_be_used(name: str) -> None:
    try:
        found = licences(metadata(name))
    except PackageNotFoundError:
        pytest.skip("for another platform")
    assert name in REASONS or all(PERMISSIVE.fullmatch(word) for word in found), found


def test_no_reason_outlives_its_package() -> None:
    assert set(REASONS) <= {*locked("requirements.txt"), *locked("requirements-dev.txt")}


@pytest.mark.parametrize("text", ["GPL-3.0-only", "AGPL-3.0-or-later", "none named", "LGPL-3.0-only"])
def test_a_licence_that_asks_for_more_is_noticed(text: str) -> None:
    assert not PERMISSIVE.fullmatch(text)
