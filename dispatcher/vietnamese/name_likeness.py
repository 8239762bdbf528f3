"""Whether two written names may be one person's: short forms, initials, an order turned round, a slip.

Beside the same telephone number that is enough to ask; it is never enough to take two people for one.
"""

from __future__ import annotations

from dispatcher.vietnamese.text import fold_words

_LETTERS_FOR_A_SLIP = 4  # in a shorter word another letter is another name: Lan, Lai
_LETTERS_OF_AN_INITIAL = 2  # "Ng." is Nguyễn


def may_be_one(one: str, other: str) -> bool:
    """Return whether two names may be written for the same person; no name may be anybody's."""
    shorter, longer = sorted((fold_words(one).split(), fold_words(other).split()), key=len)
    if not shorter:
        return True
    left, agreeing = list(longer), []
    for word in shorter:
        found = next((of for agrees in _DEGREES for of in left if agrees(word, of)), None)
        if found is None:
            return False
        left.remove(found)
        agreeing.append(found)
    return longer[-1] in agreeing  # what somebody is called by


def _is_short_form(one: str, other: str) -> bool:
    short, full = sorted((one, other), key=len)
    return len(short) <= _LETTERS_OF_AN_INITIAL and full.startswith(short)


def _is_slip(one: str, other: str) -> bool:
    """Return whether one letter was left out, doubled, mistaken, or two changed places."""
    short, full = sorted((one, other), key=len)
    if len(short) < _LETTERS_FOR_A_SLIP or len(full) - len(short) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(short, full, strict=False)) if a != b), len(short))
    return short[at:] == full[at + 1 :] or (
        len(short) == len(full)
        and (short[at + 1 :] == full[at + 1 :] or sorted(short[at : at + 2]) == sorted(full[at : at + 2]))
        and short[at + 2 :] == full[at + 2 :]
    )


_DEGREES = (str.__eq__, _is_short_form, _is_slip)
