"""The second factor: time-based codes of six digits (RFC 6238), as any authenticator app makes them.

What an app is given is derived from our secret key and a salt in the ledger: whoever reads the database
alone cannot make a code.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp
import segno

from dispatcher.signed_links import SignedLinks

STEPS_TOLERATED = 1  # of 30 seconds each, earlier or later: clocks differ
CODE_LENGTH = 6


def new_salt() -> str:
    """Make the part that is kept in the ledger."""
    return secrets.token_urlsafe(16)


def shared_secret(links: SignedLinks, name: str, salt: str) -> str:
    """Return what the app of `name` is given, in base32."""
    digest = hashlib.sha256(links.sign_text(f"totp|{name}|{salt}").encode()).digest()
    return base64.b32encode(digest[:20]).decode()


def step_of_code(links: SignedLinks, name: str, salt: str, code: str, *, now: datetime) -> int | None:
    """Return the time step of a code that the app of `name` shows now; None when it shows another.

    Apps keep what they were given: set up under the old secret key they go on while that is valid.
    """
    secrets_given = (shared_secret(one, name, salt) for one in links.generations)
    steps = (matching_step(secret, code, now=now) for secret in secrets_given)
    return next((step for step in steps if step is not None), None)


def matching_step(secret: str, code: str, *, now: datetime) -> int | None:
    """Return the number of the time step that `code` belongs to; None when it is none of the present ones."""
    given = "".join(code.split())
    if len(given) != CODE_LENGTH or not given.isascii():
        return None
    totp = pyotp.TOTP(secret)
    steps = range(-STEPS_TOLERATED, STEPS_TOLERATED + 1)
    found = [offset for offset in steps if hmac.compare_digest(totp.at(now, counter_offset=offset), given)]
    return totp.timecode(now) + found[0] if found else None


def app_address(secret: str, name: str, office: str) -> str:
    """Return the address by which an app takes the secret over."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=f"dispatcher – {office}")


def qr_code(address: str) -> str:
    """Draw an address as a QR code, as SVG to stand in a page."""
    drawn: str = segno.make(address, error="m").svg_inline(scale=4, border=4, light="#fff")
    return drawn
