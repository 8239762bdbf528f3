"""Opens what a verb works on: settings, schedules, the ledger, a campaign by its name."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from dispatcher.clock import SystemClock
from dispatcher.errors import ConfigurationError, DispatcherError, Problem
from dispatcher.i18n import _
from dispatcher.settings import Settings

if TYPE_CHECKING:
    from dispatcher.campaign.model import Campaign, Schedules
    from dispatcher.channels import Channel
    from dispatcher.configuration import Configuration
    from dispatcher.env_files import SettingSources
    from dispatcher.ledger import Ledger


# Which ledger, and the key to what is sealed in it.
OF_THE_LEDGER = ("DISPATCHER_DATABASE_URL", "DISPATCHER_SECRET_KEY", "DISPATCHER_OLD_SECRET_KEY")


class NotFound(DispatcherError):
    """Somebody named a thing that does not exist."""


def setting_sources() -> SettingSources:
    """Read the environment and the files of settings. Raises ConfigurationError."""
    from dispatcher import env_files
    from dispatcher.gateways import registry

    return env_files.read(os.environ, registry.setting_rows())


def settings() -> Settings:
    """Read the settings. Raises ConfigurationError, with file and line of what stands in a file."""
    from dispatcher.gateways import registry

    sources = setting_sources()
    problems = list(sources.problems)
    try:
        read = registry.read_settings(sources.values)
    except ConfigurationError as broken:
        problems += sources.located(broken.problems)
    if problems:
        raise ConfigurationError(problems)
    return read


def brake_settings() -> Settings:
    """Read the settings for what works from the ledger alone: one that cannot be used is told, and left out.

    Raises ConfigurationError all the same when it may be one that says which ledger, or holds its key: no
    other one is taken for it.
    """
    from dispatcher.cli import console
    from dispatcher.gateways import registry
    from dispatcher.ledger import masked_address

    try:
        return settings()
    except ConfigurationError as broken:
        values = _values_without(broken.problems)
        if values is None:
            raise ConfigurationError([*broken.problems, _ledger_not_known()]) from None
        try:
            read = registry.read_settings(values)
        except ConfigurationError:
            raise broken from None
        console.print_problems(broken.problems)
        console.print_note(
            _("These settings cannot be used; going on with the ledger alone."), style="yellow"
        )
        console.print_note(_("The ledger: {url}", url=masked_address(read.database_url)), style="yellow")
        return read


def _ledger_not_known() -> Problem:
    remedy = _(
        "Mend the lines above; or, to go on at once, set DISPATCHER_DATABASE_URL in the environment to the "
        "service's ledger, with its full path (sqlite:////path/dispatcher.sqlite3)."
    )
    return Problem(file=_("environment"), what=_("which ledger is meant is not known"), remedy=remedy)


def _values_without(problems: Sequence[Problem]) -> Mapping[str, str] | None:
    """Return what is said of settings, without those that are wrong; None when the ledger may be meant."""
    from dispatcher import env_files
    from dispatcher.gateways import registry

    rows = registry.setting_rows()
    sources = env_files.read(os.environ, rows, skip_unreadable=True)
    is_said = OF_THE_LEDGER[0] in sources.values.keys() - sources.unsaid
    # Where nobody names the ledger it is beside the schedules.
    names = OF_THE_LEDGER if is_said else (*OF_THE_LEDGER, "DISPATCHER_SCHEDULES")
    unreadable = [file for file in sources.files if not file.is_readable]
    of_lines = [one for one in problems if one not in [of for file in unreadable for of in file.problems]]
    if any(env_files.may_mean(one, names, rows) for one in (of_lines if is_said else problems)):
        return None
    wrong = {problem.where.removesuffix("_FILE") for problem in problems}
    is_doubtful = bool(wrong - {row.name for row in rows})
    if is_doubtful and not is_said and not _is_there(sources.values.get(OF_THE_LEDGER[0], "")):
        return None
    return {name: value for name, value in sources.values.items() if name.removesuffix("_FILE") not in wrong}


def _is_there(url: str) -> bool:
    """Return whether a file of a ledger is where nobody named one: beside the schedules."""
    from dispatcher.ledger import sqlite_file

    file = sqlite_file(url) if url else None
    return file is not None and file.exists()


def located(problems: Sequence[Problem]) -> Sequence[Problem]:
    """Let problems of settings name the file that these stand in."""
    try:
        return setting_sources().located(problems)
    except ConfigurationError:  # it is one of the problems
        return problems


def settings_in(folder: Path) -> Settings:
    """Read the environment as it is for somebody who works in `folder`. Raises ConfigurationError."""
    from dispatcher.gateways import registry

    places = {
        "DISPATCHER_SCHEDULES": folder / "schedules.toml",
        "DISPATCHER_TEMPLATES": folder / "templates",
        "DISPATCHER_CONTACTS": folder / "contacts",
        "DISPATCHER_DATABASE_URL": f"sqlite:///{folder / 'dispatcher.sqlite3'}",
    }
    return registry.read_settings({**os.environ, **{name: str(place) for name, place in places.items()}})


def configuration(settings: Settings) -> Configuration:
    """Read schedules and templates. Raises ConfigurationError."""
    from dispatcher.configuration import load_configuration

    return load_configuration(settings, None)


def usable_configuration(settings: Settings, ledger: Ledger, *, is_served: bool = False) -> Configuration:
    """Return schedules and templates as on disk, else, saying so, as they were when they last were sound.

    Raises ConfigurationError with what is wrong on disk when there is no sound state to go back to.
    """
    from dispatcher import kept_configuration
    from dispatcher.cli import console
    from dispatcher.configuration import load_configuration, load_servable

    load = load_servable if is_served else load_configuration
    usable = kept_configuration.load_or_kept(ledger, settings, None, load=load)
    if usable.problems:
        console.print_problems(usable.problems)
        console.print_note(
            _("What stands on disk cannot be used; going by what was last in force."), style="yellow"
        )
    return usable.config


def keep_configuration(settings: Settings, ledger: Ledger) -> None:
    """Keep schedules and templates as they are, if they are sound, and note every campaign in them."""
    from dispatcher import kept_configuration
    from dispatcher.configuration import load_configuration, require_readable_templates
    from dispatcher.ledger.sending import campaign_states

    try:
        config = load_configuration(settings, None)
    except ConfigurationError:
        return  # whoever checks or runs them hears of it
    with suppress(ConfigurationError):  # it is noted, but not kept
        require_readable_templates(config)
        kept_configuration.keep(ledger, config)
    for name in config.schedules.campaigns:
        campaign_states.ensure(ledger, name, now=now())


def ledger_exists(settings: Settings) -> bool:
    """Return whether there is a ledger where the settings say."""
    from dispatcher.ledger import explain_database_errors, has_tables

    with explain_database_errors(settings.database_url):
        return has_tables(settings.database_url)


@contextmanager
def ledger(settings: Settings, *, create: bool = False) -> Iterator[Ledger]:
    """Open the ledger for a while; only with `create` is one made where there is none.

    Raises ConfigurationError saying where it was looked for.
    """
    from dispatcher.ledger import explain_database_errors, open_ledger

    with explain_database_errors(settings.database_url):
        opened = open_ledger(
            settings.database_url,
            create=create,
            secret_key=settings.secret_key,
            old_secret_key=settings.old_secret_key,
            key_folder=settings.schedules.parent,
        )
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def ledger_or_empty(settings: Settings) -> Iterator[Ledger]:
    """Open the ledger for a while; where there is none, an empty one that is gone afterwards."""
    from tempfile import TemporaryDirectory

    from dispatcher.ledger import Ledger

    if ledger_exists(settings):
        with ledger(settings) as opened:
            yield opened
        return
    with TemporaryDirectory() as folder:
        empty = Ledger.open(f"sqlite:///{Path(folder) / 'empty.sqlite3'}")
        try:
            yield empty
        finally:
            empty.close()


def protected_audiences(settings: Settings, ledger: Ledger) -> frozenset[str]:
    """Return the audiences not to be named without a reason; all of the ledger when no file says which."""
    from dispatcher import kept_configuration
    from dispatcher.ledger.queries import protected

    known = frozenset(protected.words_by_audience(ledger))
    try:
        schedules = kept_configuration.load_or_kept(ledger, settings, None).config.schedules
    except ConfigurationError:
        return known
    return known.union(schedules.audiences) - schedules.open_audiences


def scrub(settings: Settings, ledger: Ledger) -> bool:
    """Let what was deleted be gone from the disk, unless that holds a service up; gives whether it is."""
    from dispatcher.ledger import scrubbing
    from dispatcher.service import single_instance_lock

    if scrubbing.scrub(ledger):
        return True
    try:
        with single_instance_lock(settings):
            return scrubbing.scrub(ledger, at_most=None)
    except DispatcherError:  # a service has it, and does so at night
        return False


def record_view(ledger: Ledger, what: str, subject: str = "", *, in_full: bool = True) -> None:
    """Write down that the user of this machine looked at personal data.

    In full it is shown only where that can be written down; masked also from a ledger on a read-only disk.
    """
    from dispatcher.ledger import audit_log, is_writable, sqlite_file

    file = sqlite_file(ledger.url)
    if not in_full and file is not None and not is_writable(file):
        return
    audit_log.record_view(ledger, who=acting_user(""), what=what, subject=subject, now=now())


def campaign_name(config: Configuration | None, ledger: Ledger, name: str) -> str:
    """Find a campaign among those that are written down and those that ever ran. Raises NotFound."""
    from dispatcher.ledger.sending import campaign_states

    ever_ran = (state.name for state in campaign_states.all_states(ledger))
    names = dict.fromkeys((*(config.schedules.campaigns if config else ()), *ever_ran))
    return match_name(name, names, _("there is no campaign {name}", name=repr(name)))


def campaign(schedules: Schedules, name: str) -> Campaign:
    """Find a campaign. Raises NotFound, with what may have been meant."""
    return schedules.campaigns[
        match_name(name, schedules.campaigns, _("there is no campaign {name}", name=repr(name)))
    ]


def campaign_or_only(schedules: Schedules, name: str) -> str:
    """Return the campaign meant; without a name the only one there is. Raises NotFound."""
    if name or len(schedules.campaigns) != 1:
        return campaign(schedules, name).name
    return next(iter(schedules.campaigns))


def parse_day(text: str, option: str) -> date | None:
    """Read a day as people write it; None for nothing. Raises BadParameter."""
    if not text:
        return None
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"):
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a plain day has no zone
        except ValueError:
            continue
    raise typer.BadParameter(
        _("{words} is not a day; write 2025-10-11 or 11/10/2025", words=repr(text)), param_hint=option
    )


def match_name(name: str, names: Iterable[str], missing: str) -> str:
    """Return the one of `names` that is `name` in any case; else raise NotFound saying `missing`."""
    from dispatcher.campaign.problem_collector import did_you_mean

    names = list(names)
    for one in names:
        if one.lower() == name.strip().lower():
            return one
    raise NotFound(f"{missing}. {did_you_mean(name, names)}".strip())


def now() -> datetime:
    """Return the present moment."""
    return SystemClock().now()


def acting_user(name: str) -> str:
    """Return who acts: as given, else the user of this machine."""
    if name.strip():
        return name.strip()
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "cli"


def parse_address(text: str) -> tuple[Channel, str]:
    """Return channel and address. Raises NotFound, with the reason, when it is neither number nor mail."""
    from dispatcher.contacts import address_parser

    parsed = address_parser.parse(text)
    if not parsed.address:
        raise NotFound(_("{given}: {why}", given=repr(text), why=_(parsed.error)))
    return parsed.channel, parsed.address
