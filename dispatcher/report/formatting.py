"""How numbers, amounts and addresses are shown to people, on pages and on the command line."""

from __future__ import annotations

from dispatcher.i18n import _, current_language
from dispatcher.vietnamese.shares import format_share

_VIETNAMESE = str.maketrans(",", ".")


def format_number(value: float) -> str:
    """Write a whole number with its thousands grouped: 70.949 in Vietnamese, 70,949 in English."""
    grouped = f"{value:,.0f}"
    return grouped.translate(_VIETNAMESE) if current_language() == "vi" else grouped


def format_percent(share: float) -> str:
    """Write a share: "16,9%" in Vietnamese, "16.9%" in English."""
    text = format_share(share)
    return text if current_language() == "vi" else text.replace(",", ".")


def format_money(value: float) -> str:
    """Write an amount of VND."""
    return _("{amount} VND", amount=format_number(value))


def trial_note() -> str:
    """Return what stands on every page, print and workbook of a service that writes to nobody."""
    return _("Trial: everything goes to the sandbox, nobody is written to.")


def mask_address(address: str) -> str:
    """Write an address so that those who know it recognise it, and nobody else."""
    from dispatcher.vietnamese import phone  # brings the numbering plan, which few answers need

    local, at, domain = address.partition("@")
    if at:
        return f"{local[:2]}•••@{domain}"
    return phone.mask(address) if address.startswith("+") else "•••"
