"""Message keys, callback addresses and sealed tokens for links.

Everything here rests on the secret key and carries its own facts, so that a link works after a restart, on
any machine, and cannot be guessed or altered. What a link says of its reader nobody else can read: links
stand in the logs of proxies, in histories and in mails that are passed on.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from typing import Any

from dispatcher import sealing
from dispatcher.sealing import Sealer
from dispatcher.settings import SECRET_LENGTH_MIN

BASE36_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
MAC_LENGTH = 13  # 65 bits of base32: a forger needs 2^64 tries against a live server
TOKEN_MAC_BYTES = 16
TOKEN_LENGTH_MAX = 1024  # longer than any of ours: refused before any work is done on it
_KEY = re.compile(r"(?<![0-9a-z])[0-9a-z]{1,13}-[0-9a-z]{1,6}-[2-7a-z]{13}(?![0-9a-z])")


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = BASE36_DIGITS[rest] + digits
        if not number:
            return digits


def possible_message_keys(text: str) -> tuple[str, ...]:
    """Return whatever in a text looks like a message key, in order of appearance, each once."""
    return tuple(dict.fromkeys(match[0] for match in _KEY.finditer(text.lower())))


def verp_address(mailbox: str, message_key: str) -> str:
    """Return the return path of one attempt: `bounce@x` becomes `bounce+KEY@x`, and what comes back says by
    itself what it is about."""
    local, _at, domain = mailbox.rpartition("@")
    return f"{local}+{message_key}@{domain}"


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkPayload:
    """What a link in a text or mail says about its reader."""

    purpose: str  # u: stop; t: took part
    channel: str
    address: str
    campaign: str
    person_id: int


class SignedLinks:
    """Makes and reads them, under one public address and one secret; what `old_secret` signed is read too."""

    def __init__(self, public_url: str, secret: str, *, old_secret: str = "") -> None:
        if len(secret) < SECRET_LENGTH_MIN:
            raise ValueError(f"the secret key needs at least {SECRET_LENGTH_MIN} characters")
        self.public_url = public_url.rstrip("/")
        self._key = hmac.new(secret.encode(), digestmod=hashlib.sha256)
        self._token_key = hmac.new(secret.encode(), b"links", hashlib.sha256).digest()
        self._sealer = Sealer(secret, "links")
        # Under each secret that is valid, the present one first.
        self.generations = (self, *((SignedLinks(public_url, old_secret),) if old_secret else ()))

    def _mac(self, text: str) -> str:
        mac = self._key.copy()
        mac.update(text.encode())
        return base64.b32encode(mac.digest()[:10]).decode().lower()[:MAC_LENGTH]

    def sign_text(self, text: str) -> str:
        """Return a mark of `text` (43 characters of A-Za-z0-9-_) that nobody can make without the secret."""
        digest = hmac.digest(self._token_key, f"text|{text}".encode(), "sha256")
        return sealing.encode(digest)

    def message_key(self, message_id: int, attempt: int) -> str:
        """Return the key of one attempt of one message: at most 50 of [a-z0-9-], unique for ever."""
        signed_part = f"{_base36(message_id)}-{_base36(attempt)}"
        return f"{signed_part}-{self._mac(signed_part)}"

    def is_mark_of(self, mark: str, text: str) -> bool:
        """Return whether a mark was made of `text` under a secret that is valid."""
        return any(
            hmac.compare_digest(mark.encode(), one.sign_text(text).encode()) for one in self.generations
        )

    def parse_message_key(self, key: str) -> tuple[int, int] | None:
        """Return (message id, attempt) of a key that is ours, or None."""
        read = (one._parse_message_key(key) for one in self.generations)
        return next((facts for facts in read if facts is not None), None)

    def _parse_message_key(self, key: str) -> tuple[int, int] | None:
        signed_part, _dash, mac = key.rpartition("-")
        message_id, dash, attempt = signed_part.partition("-")
        if not dash or len(key) > 50 or not signed_part.isascii() or not mac.isascii():
            return None
        if not hmac.compare_digest(mac, self._mac(signed_part)):
            return None
        try:
            return int(message_id, 36), int(attempt, 36)
        except ValueError:
            return None

    def status_callback_url(self, provider: str, key: str) -> str:
        """Where a provider reports about the message with this key."""
        return f"{self.public_url}/providers/{provider}/status/{key}"

    def message_id_header(self, message_id: int, domain: str) -> str:
        """Message-ID (without <>) of a mail, the same for every attempt."""
        return f"{self.message_key(message_id, 0)}@{domain}"

    def find_message_keys(self, text: str) -> tuple[tuple[int, int], ...]:
        """Return (message id, attempt) of every key of ours in a text, in order of appearance, each once."""
        keys = map(self.parse_message_key, possible_message_keys(text))
        return tuple(dict.fromkeys(facts for facts in keys if facts is not None))

    def sign_token(self, link: LinkPayload) -> str:
        """Seal what a link says; fits into a path, and tells nothing to whoever reads it there."""
        facts = [link.channel, link.address, link.campaign, link.person_id]
        return self._sealer.seal(_to_json(facts), link.purpose)

    def verify_token(self, token: str, purpose: str) -> LinkPayload | None:
        """Return what a token says if we made it for this purpose, else None."""
        read = (one._verify_token(token, purpose) for one in self.generations)
        return next((link for link in read if link is not None), None)

    def _verify_token(self, token: str, purpose: str) -> LinkPayload | None:
        if len(token) > TOKEN_LENGTH_MAX or not token.isascii():
            return None
        payload = self._sealer.open(token, purpose)
        facts = json.loads(payload) if payload is not None else self._verify_readable_token(token, purpose)
        if facts is None:
            return None
        channel, address, campaign, person_id = facts
        return LinkPayload(
            purpose=purpose, channel=channel, address=address, campaign=campaign, person_id=person_id
        )

    def _verify_readable_token(self, token: str, purpose: str) -> list[Any] | None:
        """Read a token as they were before they were sealed: signed, in the clear. Old mails carry them."""
        raw = sealing.decode(token) or b""
        mac, payload = raw[:TOKEN_MAC_BYTES], raw[TOKEN_MAC_BYTES:]
        if not hmac.compare_digest(mac, hmac.digest(self._token_key, payload, "sha256")[:TOKEN_MAC_BYTES]):
            return None
        token_purpose, *facts = json.loads(payload)
        return facts if token_purpose == purpose else None

    def unsubscribe_url(self, *, channel: str, address: str, campaign: str, person_id: int) -> str:
        """Where the reader says no."""
        link = LinkPayload(
            purpose="u", channel=channel, address=address, campaign=campaign, person_id=person_id
        )
        return f"{self.public_url}/u/{self.sign_token(link)}"

    def participation_url(self, *, channel: str, address: str, campaign: str, person_id: int) -> str:
        """Where the reader says "I have taken part"."""
        link = LinkPayload(
            purpose="t", channel=channel, address=address, campaign=campaign, person_id=person_id
        )
        return f"{self.public_url}/tham-gia/{self.sign_token(link)}"


def _to_json(facts: list[Any]) -> bytes:
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()
