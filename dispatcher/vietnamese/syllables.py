"""Vietnamese syllables: an onset, a rime and a tone that go together.

The tables are the spelling rules, not a dictionary: they tell text that was decoded rightly from text
that was not, and Vietnamese names from others.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

_ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
_RIMES = """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
    i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong
    ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uân uâng uât uây uc uê uêch uên uênh uêt ui um un ung uơ uôc uôi uôm uôn uông uôt up ut
    uy uya uych uyên uyêt uynh uyp uyt uyu
    ư ưa ưc ưi ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu
    y yêm yên yêng yêt yêu
"""
_RIMES_AFTER_QU = """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt ân âng ât âu ây e en eng eo et
    ê ên ênh êt êch i ich in inh it ơ ơn ơt ôc y yên yêt ynh yt yp ych
"""
RIMES = frozenset(_RIMES.split())
_AFTER_QU = frozenset(_RIMES_AFTER_QU.split())
_FRONT = tuple("eêiy")  # k, gh and ngh stand before these, c, g and ng before the others
TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng: the order of dictionaries
_STOPS = ("c", "ch", "p", "t")  # syllables ending in these have sắc or nặng only

_TONE = re.compile(f"[{TONES}]")
_BARE_RIMES = frozenset(
    "".join(c for c in unicodedata.normalize("NFD", rime) if c.isascii()) for rime in RIMES | _AFTER_QU
)
_ONSETS_LONGEST_FIRST = sorted(_ONSETS.split(), key=len, reverse=True)


def split_tone(word: str) -> tuple[str, str]:
    """Part a composed word into its letters without tone (composed) and its tone mark ("" for level).

    Of several tones the first counts and all are taken off.
    """
    decomposed = unicodedata.normalize("NFD", word)
    tones = _TONE.findall(decomposed)
    letters = unicodedata.normalize("NFC", _TONE.sub("", decomposed))
    return letters, tones[0] if tones else ""


def _splits(letters: str) -> list[tuple[str, str]]:
    """List each way to part `letters` into onset and rime: "gia" is gi+a, "gin" is g+in."""
    found = [(onset, letters[len(onset) :]) for onset in _ONSETS_LONGEST_FIRST if letters.startswith(onset)]
    return [*found, ("", letters)]


@cache
def _tone_places(rime: str) -> tuple[int, ...]:
    """List the letters of `rime` that can carry the tone; hoà and hòa are both right, tỉên is not."""
    vowels = len(rime) - len(rime.lstrip("aăâeêioôơuưy"))
    shaped = [place for place in range(vowels) if rime[place] in "ăâêôơư"]
    if shaped:
        return (shaped[-1],)
    if rime.startswith(("oa", "oe", "uy", "oo")):
        return (0, 1) if vowels == 2 else (1,)
    return (0,)


def _carries(onset: str, rime: str, index: int) -> bool:
    on_glide = index == len(onset) - 1 and onset in ("qu", "gi")  # Qúy: wrong, and typed everywhere
    return on_glide or index - len(onset) in _tone_places(rime)


def _goes_with(onset: str, rime: str, rimes: frozenset[str]) -> bool:
    if onset == "qu":
        return rime in _AFTER_QU or (rimes is _BARE_RIMES and rime in _BARE_RIMES)
    if onset in ("k", "gh", "ngh"):
        return rime in rimes and rime.startswith(_FRONT)
    if onset in ("c", "ng"):
        return rime in rimes and not rime.startswith(_FRONT)
    if onset == "g":
        return rime in rimes and (rime.startswith("i") or not rime.startswith(_FRONT))
    return rime in rimes


@lru_cache(maxsize=16_384)
def is_syllable(word: str) -> bool:
    """Return whether a composed word of any case can be one written Vietnamese syllable, tone included."""
    word = word.lower()
    letters, tone = split_tone(word)
    toned = [place for place, (here, there) in enumerate(zip(word, letters, strict=False)) if here != there]
    if len(word) != len(letters) or len(toned) > 1:
        return False
    if tone not in ("\u0301", "\u0323") and letters.endswith(_STOPS):
        return False
    return any(
        _goes_with(onset, rime, RIMES) and (not toned or _carries(onset, rime, toned[0]))
        for onset, rime in _splits(letters)
    )


@lru_cache(maxsize=16_384)
def is_bare_syllable(word: str) -> bool:
    """Return whether an ASCII word can be a Vietnamese syllable written without its accents."""
    if not word.isascii():
        return False
    bare = word.lower()
    return any(_goes_with(onset, rime, _BARE_RIMES) for onset, rime in _splits(bare))
