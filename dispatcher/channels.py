"""The channels a message can take."""

from __future__ import annotations

from typing import Literal

Channel = Literal["sms", "email"]
