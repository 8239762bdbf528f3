"""Options that many verbs share."""

from __future__ import annotations

from typing import Annotated

import typer

from dispatcher.i18n import _

JsonOption = Annotated[bool, typer.Option("--json", help=_("Answer with one JSON value on standard output."))]
FullOption = Annotated[bool, typer.Option("--full", help=_("Show telephone numbers and addresses in full."))]
WhoOption = Annotated[
    str,
    typer.Option("--who", metavar="NAME", help=_("Who decides this; without it the user of this machine.")),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help=_("Do it without asking."))]
CampaignArgument = Annotated[str, typer.Argument(metavar="CAMPAIGN", help=_("Its name in schedules.toml."))]
AddressArgument = Annotated[
    str,
    typer.Argument(metavar="ADDRESS", help=_("A telephone number, however written, or an e-mail address.")),
]
