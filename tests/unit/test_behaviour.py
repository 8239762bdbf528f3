"""Made-up people decide by themselves, always the same, in the shares that were asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dispatcher.feedback import replies
from dispatcher.sandbox.behaviour import OPT_OUT_REPLIES, OTHER_REPLIES, Behaviour, Reaction

NOON = datetime(2025, 11, 8, 5, 0, tzinfo=UTC)
ADDRESSES = [f"+84990{n:06d}" for n in range(4_000)]


def _over_a_campaign(behaviour: Behaviour, address: str, channel: str = "sms") -> list[Reaction]:
    """Everything one address does over six weekly messages, until it takes part or refuses."""
    done: list[Reaction] = []
    for week in range(6):
        due_at = NOON + timedelta(weeks=week)
        for reaction in behaviour.decide(address, channel, "cong-dan-so", "weekly", due_at):
            done.append(reaction)
            if reaction.kind != "answer" or reaction.text in OPT_OUT_REPLIES:
                return done
    return done


def _share(behaviour: Behaviour, deed: str, channel: str = "sms") -> float:
    does = [_over_a_campaign(behaviour, address, channel) for address in ADDRESSES]
    return sum(any(r.kind == deed and r.text not in OTHER_REPLIES for r in one) for one in does) / len(does)


def test_the_same_people_do_the_same_things() -> None:
    first, again = Behaviour(seed=7), Behaviour(seed=7)
    other = Behaviour(seed=8)
    decided = [first.decide(address, "sms", "c", "launch", NOON) for address in ADDRESSES]
    assert decided == [again.decide(address, "sms", "c", "launch", NOON) for address in ADDRESSES]
    assert decided != [other.decide(address, "sms", "c", "launch", NOON) for address in ADDRESSES]


def test_the_shares_are_those_asked_for() -> None:
    behaviour = Behaviour(participation_share=0.5, opt_out_share=0.1)
    assert _share(behaviour, "take-part") == pytest.approx(0.48, abs=0.04)
    assert _share(behaviour, "answer") == pytest.approx(0.075, abs=0.03)
    assert _share(behaviour, "click", "email") == pytest.approx(0.075, abs=0.03)


def test_nobody_and_everybody() -> None:
    quiet = Behaviour(participation_share=0, opt_out_share=0, chatter_share=0)
    assert not any(quiet.decide(address, "sms", "c", "launch", NOON) for address in ADDRESSES)
    eager = Behaviour(participation_share=1, opt_out_share=0)
    assert all(
        [r.kind for r in eager.decide(address, "sms", "c", "launch", NOON)] == ["take-part"]
        for address in ADDRESSES
    )


def test_refusals_are_understood_and_chatter_refuses_nothing() -> None:
    assert [words for words in OPT_OUT_REPLIES if replies.classify_reply(words).meaning != "opt-out"] == []
    assert [words for words in OTHER_REPLIES if replies.classify_reply(words).meaning != "person"] == []


def test_mails_are_refused_by_their_link() -> None:
    behaviour = Behaviour(opt_out_share=1, chatter_share=1)
    (reaction,) = behaviour.decide("a@hatay.example", "email", "c", "launch", NOON)
    assert (reaction.kind, reaction.text) == ("click", "")
    assert timedelta(0) < reaction.delay < timedelta(days=2)


def test_a_share_is_a_share() -> None:
    with pytest.raises(ValueError, match="opt_out_share"):
        Behaviour(opt_out_share=2)
