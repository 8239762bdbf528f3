"""What is not told without the right: how sensitive audiences are called, who is known from them only."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from dispatcher.campaign.audiences import Audience
from dispatcher.campaign.model import Schedules
from dispatcher.errors import Problem
from dispatcher.i18n import _
from dispatcher.ledger.queries.answers import Sender, UnreadAnswer
from dispatcher.ledger.queries.people_counts import UnreachedPerson
from dispatcher.report.progress import MessageCounts, add_up


class AudienceView:
    """How audiences are spoken of before somebody: sensitive ones without their names, and all as one.

    `known` are the audiences of the ledger with the words that tell of each: one that is gone from the
    schedules may be a sensitive one under its old name, and is protected.
    """

    def __init__(
        self, schedules: Schedules, *, may_see: bool, known: Mapping[str, Collection[str]] | None = None
    ) -> None:
        self._may_see = may_see
        self._audiences = schedules.audiences
        self.shown = frozenset(self._audiences) if may_see else schedules.open_audiences
        hidden = [one for name, one in self._audiences.items() if name not in self.shown]
        said = {words for one in hidden for words in _told_of(one)}
        if not may_see:
            gone = [words for name, words in (known or {}).items() if name not in self._audiences]
            said |= set().union(*gone).difference(*(_told_of(self._audiences[name]) for name in self.shown))
        longest_first = sorted(filter(None, said), key=lambda words: (-len(words), words))
        by_value = [rf"(?<!\w){re.escape(words)}(?!\w)" for words in longest_first]
        # Said of an audience that nothing was ever loaded for, too.
        by_place = [] if may_see else [r"(?<=audience[.:])[a-z0-9_-]+", r'(?<=audience ")[^"]+']
        patterns = [*by_value, *by_place]
        self._hidden_words = re.compile("|".join(patterns), re.IGNORECASE) if patterns else None

    def title(self, name: str) -> str:
        """Return what an audience is called."""
        if name not in self.shown:
            return name if self._may_see else _("a protected list")
        return self._audiences[name].title

    def titles(self, names: Iterable[str]) -> list[str]:
        """Return what audiences are called, each once."""
        return list(dict.fromkeys(map(self.title, names)))

    def by_title(self, groups: Sequence[tuple[str, MessageCounts]]) -> list[tuple[str, MessageCounts]]:
        """Return figures by the audience's title; what is not named is one figure."""
        together: defaultdict[str, list[MessageCounts]] = defaultdict(list)
        for name, counts in groups:
            together[self.title(name)].append(counts)
        return [(title, add_up(counts)) for title, counts in together.items()]

    def words(self, text: str) -> str:
        """Return a sentence without the names, titles, suppliers and folders of what is not shown."""
        if self._hidden_words is None:
            return text
        return self._hidden_words.sub(lambda said: self._instead(said[0]), text)

    def problems(self, problems: Iterable[Problem]) -> list[Problem]:
        """Return problems, without them likewise."""
        said = self.words
        return [
            replace(
                one, file=said(one.file), where=said(one.where), what=said(one.what), remedy=said(one.remedy),
                value=said(one.value),
            )
            for one in problems
        ]  # fmt: skip

    def _instead(self, said: str) -> str:
        return said if said in self.shown else _("(protected)")


def _told_of(audience: Audience) -> tuple[str, ...]:
    """Return the words from which an audience is known."""
    return (audience.name, audience.title, audience.supplied_by, *audience.lists)


def conceal(people: Iterable[UnreachedPerson]) -> tuple[UnreachedPerson, ...]:
    """Return the same people, those who are protected without name and address."""
    return tuple(
        replace(one, name=_("(name not shown)"), address="") if one.is_protected else one for one in people
    )


def conceal_senders(
    answers: Iterable[UnreadAnswer], open_audiences: Collection[str]
) -> tuple[UnreadAnswer, ...]:
    """Return the same answers without a word of sensitive lists: not in names, and nothing that we wrote.

    No text of ours is quoted, whoever got it: left out for some, it would tell of these.
    """
    return tuple(
        replace(
            one, senders=tuple(_conceal_sender(who, open_audiences) for who in one.senders), answered=None
        )
        for one in answers
    )


def _conceal_sender(sender: Sender, open_audiences: Collection[str]) -> Sender:
    lists = tuple((audience, file) for audience, file in sender.lists if audience in open_audiences)
    return replace(sender, lists=lists, name=sender.name if lists else _("(name not shown)"))
