"""Whether the web face may listen where the settings say."""

from __future__ import annotations

from dispatcher.errors import ConfigurationError, Problem
from dispatcher.i18n import _
from dispatcher.settings import LOOPBACK_HOSTS, Settings


def require_secret_key(settings: Settings) -> None:
    """Refuse to listen beyond this machine without a secret key of the organiser's own.

    Raises ConfigurationError. The key that is made on first use is as strong; but whoever opens a service
    to the network should know that there is one, and keep it apart from the database.
    """
    if settings.host in LOOPBACK_HOSTS or settings.secret_key:
        return
    raise ConfigurationError(
        [
            Problem(
                file=_("environment"),
                where="DISPATCHER_SECRET_KEY",
                value=settings.bind,
                what=_("the web face would be open to the network without a secret key"),
                remedy=_(
                    "Set DISPATCHER_SECRET_KEY (or DISPATCHER_SECRET_KEY_FILE) to at least 16 random "
                    "characters, or listen on 127.0.0.1 behind a proxy."
                ),
            )
        ]
    )
