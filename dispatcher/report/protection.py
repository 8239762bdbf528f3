"""Who is known from sensitive lists only is counted, and not named, before anybody without the right."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from dispatcher.i18n import _
from dispatcher.ledger.queries.answers import Sender, UnreadAnswer
from dispatcher.ledger.queries.people_counts import UnreachedPerson


def conceal(people: Iterable[UnreachedPerson]) -> tuple[UnreachedPerson, ...]:
    """Return the same people, those who are protected without name and address."""
    return tuple(
        replace(one, name=_("(name not shown)"), address="") if one.is_protected else one for one in people
    )


def conceal_senders(
    answers: Iterable[UnreadAnswer], open_audiences: Collection[str]
) -> tuple[UnreadAnswer, ...]:
    """Return the same answers without a word of sensitive lists: not in names, and not in what we wrote."""
    return tuple(_conceal_senders(one, open_audiences) for one in answers)


def _conceal_senders(answer: UnreadAnswer, open_audiences: Collection[str]) -> UnreadAnswer:
    senders = tuple(_conceal_sender(one, open_audiences) for one in answer.senders)
    return answer if senders == answer.senders else replace(answer, senders=senders, answered=None)


def _conceal_sender(sender: Sender, open_audiences: Collection[str]) -> Sender:
    lists = tuple((audience, file) for audience, file in sender.lists if audience in open_audiences)
    return replace(sender, lists=lists, name=sender.name if lists else _("(name not shown)"))
