"""What made-up people do after a message: mostly nothing; some take part, a few opt out.

Every decision is drawn from (seed, address, occasion) alone: the same people do the same things whatever
the order in which their messages arrive and however often the simulation is played.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Literal, NamedTuple

ActionKind = Literal["answer", "click", "take-part"]

OPT_OUT_REPLIES = ("TC", "tc", "Tc.", "Từ chối", "TU CHOI", "HUY", "Hủy", "STOP", "DUNG", "Dừng")
OTHER_REPLIES = (
    "Cảm ơn xã",
    "ok",
    "Đã nhận",
    "Bác không có mạng, nhờ thôn giúp",
    "TC là gì vậy?",
    "Ai đấy ạ",
    "Cháu chưa thi ạ",
)


class Reaction(NamedTuple):
    """One thing somebody does: what, how long after the message left, and the words of an answer."""

    kind: ActionKind
    delay: timedelta
    text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Behaviour:
    """How people behave; shares are between 0 and 1.

    `participation_share` and `opt_out_share`: of the addresses that get `messages_expected` messages, how
    many end up taking part or refusing. `chatter_share`: of all texts, how many are answered with words
    that refuse nothing. Raises ValueError for a share outside 0 to 1.
    """

    seed: int = 1
    participation_share: float = 0.6
    opt_out_share: float = 0.02
    chatter_share: float = 0.003
    messages_expected: int = 6

    def __post_init__(self) -> None:
        for name in ("participation_share", "opt_out_share", "chatter_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be between 0 and 1, not {getattr(self, name)}")

    def decide(
        self, address: str, channel: str, campaign: str, step: str, due_at: datetime
    ) -> tuple[Reaction, ...]:
        """Return what the holder of `address` does after this message; usually nothing."""
        occasion = f"{self.seed}|{channel}|{address}|{campaign}|{step}|{due_at.isoformat()}"
        # four numbers: who refuses, who takes part, when, which words
        refuses, joins, when, which = _draw(occasion)
        if refuses < self._chance_per_message(self.opt_out_share):
            return (self._opt_out(channel, when, which),)
        if joins < self._chance_per_message(self.participation_share):
            return (Reaction("take-part", timedelta(minutes=3) + timedelta(hours=40) * when**3),)
        if channel == "sms" and joins > 1 - self.chatter_share:
            words = OTHER_REPLIES[int(which * len(OTHER_REPLIES))]
            return (Reaction("answer", timedelta(minutes=1) + timedelta(hours=6) * when**3, words),)
        return ()

    def _chance_per_message(self, share: float) -> float:
        """The chance at each message that adds up to `share` over all that are expected."""
        return float(1 - (1 - share) ** (1 / self.messages_expected))

    @staticmethod
    def _opt_out(channel: str, when: float, which: float) -> Reaction:
        # Most refuse within minutes, while the text is still on the screen.
        delay = timedelta(seconds=20) + timedelta(hours=12) * when**4
        if channel == "sms":
            return Reaction("answer", delay, OPT_OUT_REPLIES[int(which * len(OPT_OUT_REPLIES))])
        return Reaction("click", delay)


def _draw(occasion: str) -> tuple[float, float, float, float]:
    """Return four numbers in [0, 1), evenly spread and always the same for the same occasion."""
    drawn = int.from_bytes(blake2b(occasion.encode(), digest_size=16).digest())
    low = (1 << 32) - 1
    first, second, third, fourth = (((drawn >> shift) & low) / (1 << 32) for shift in (0, 32, 64, 96))
    return first, second, third, fourth
