"""Settings that stand in files: `.env` beside schedules.toml, and one file for the whole machine.

Service and shell read the same files, so that both work on the same ledger. The environment beats `.env`, and
`.env` beats the machine's file; a value that is left empty is not said. Relative paths count from the folder
of the file they stand in. Nothing in a value is replaced: a `$` is a `$`, as systemd and Docker have it.
"""

from __future__ import annotations

import difflib
import io
import re
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dispatcher.errors import ConfigurationError, Problem, os_error_message
from dispatcher.i18n import _
from dispatcher.settings import Setting

if TYPE_CHECKING:
    from dotenv.parser import Binding

MACHINE_FILE = Path("/etc/dispatcher/dispatcher.env")
MACHINE_FILE_SETTING = "DISPATCHER_SETTINGS_FILE"  # names another; in the environment only
FOLDER_FILE = ".env"
PREFIX = "DISPATCHER_"
ALIKE = 0.85  # a name that is nobody's and so near to one of ours is a slip of the pen
MAYBE = 0.6  # where a mistake costs more than a question, less is enough; DB_URL may be DATABASE_URL
_WORD = re.compile(r"[A-Z_]{3,}")
_DATABASE = re.compile(r"\b(?:sqlite|postgres(?:ql)?)\b[^:\s]*:", re.IGNORECASE)
OWNER_ONLY = stat.S_IRWXG | stat.S_IRWXO  # what must not be set


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where a setting stands: a file and its line."""

    file: Path
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One setting in a file."""

    name: str
    value: str
    number: int


@dataclass(kw_only=True)
class SettingsFile:
    """One file, read: its settings, and what is wrong with its lines."""

    path: Path
    lines: dict[str, Line] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    mode: int = 0
    is_readable: bool = True

    def problem(self, what: str, remedy: str, *, line: int | None = None, name: str = "") -> None:
        """Note that something in it cannot be used."""
        self.problems.append(Problem(file=str(self.path), line=line, where=name, what=what, remedy=remedy))


@dataclass(frozen=True, kw_only=True)
class SettingSources:
    """Everything said of settings, and where each was said."""

    values: Mapping[str, str]  # environment and files in one, as `settings.from_environment` takes it
    origins: Mapping[str, Origin]  # of what stands in a file
    files: tuple[SettingsFile, ...]  # those that are there, the strongest first
    unsaid: frozenset[str] = frozenset()  # of the values, those that nobody said

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong with the files themselves."""
        return tuple(problem for file in self.files for problem in file.problems)

    def said_as(self, row: Setting) -> str:
        """Return by which name a setting was said, NAME or NAME_FILE; empty when nobody did."""
        names = (row.name, f"{row.name}_FILE")
        return next((name for name in names if name in self.values.keys() - self.unsaid), "")

    def located(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """Let problems of settings that stand in a file name it and its line."""
        return tuple(
            replace(problem, file=str(origin.file), line=origin.line)
            if (origin := self.origins.get(problem.where))
            else problem
            for problem in problems
        )

    def open_to_others(self, rows: Iterable[Setting]) -> list[Problem]:
        """Return advice on files that hold a secret and that not only their owner may read."""
        secrets = {row.name for row in rows if row.is_secret}
        return [
            Problem(
                file=str(file.path),
                what=_("others on this machine can read the secrets in it"),
                remedy=_("chmod 600 {file}, and let it belong to who runs the service.", file=file.path),
                severity="advice",
            )
            for file in self.files
            if file.mode & OWNER_ONLY and any(_tells_secret(line, secrets) for line in file.lines.values())
        ]


def read(
    environ: Mapping[str, str], rows: Collection[Setting], *, skip_unreadable: bool = False
) -> SettingSources:
    """Return the environment with what the files add to it.

    Raises ConfigurationError for a file that is there, or named, and cannot be read; with `skip_unreadable`
    it counts as empty.
    """
    values = {name: value for name, value in environ.items() if value.strip()}
    origins: dict[str, Origin] = {}
    files = _find(environ)
    unreadable = [problem for file in files if not file.is_readable for problem in file.problems]
    if unreadable and not skip_unreadable:
        raise ConfigurationError(unreadable)
    by_name = {row.name: row for row in rows}
    for file in files:
        given = {_base(name, by_name) for name in values}  # NAME and NAME_FILE are one setting
        for line in file.lines.values():
            base = _base(line.name, by_name)
            if not _is_known(file, line, by_name) or base in given or not line.value:
                continue
            values[line.name] = _in_folder(file.path.parent, line, by_name)
            origins[line.name] = Origin(file=file.path, line=line.number)
    unsaid = _unsaid_paths(values, origins, files, rows)
    return SettingSources(
        values=values | unsaid, origins=origins, files=tuple(files), unsaid=frozenset(unsaid)
    )


def peek(environ: Mapping[str, str], name: str) -> str:
    """Return what is said of one setting, without a look at the others or at what is wrong with them."""
    if value := environ.get(name, ""):
        return value
    return next((file.lines[name].value for file in _find(environ) if name in file.lines), "")


def may_mean(problem: Problem, names: Collection[str], rows: Collection[Setting]) -> bool:
    """Return whether what cannot be used may have been meant to be one of these settings.

    It is asked before something else is taken for them: of a line its words are looked at, of a file that
    cannot be read as a whole all its lines, and a file of which nothing is known may mean anything.
    """
    if problem.where.removesuffix("_FILE") in names:
        return True
    if problem.file in {"", _("environment")}:
        return False
    try:
        content = Path(problem.file).read_bytes()
    except OSError:
        return True
    # Without the zeros UTF-16 is read as well: names of settings are ASCII.
    lines = content.replace(b"\0", b"").decode("ascii", errors="replace").splitlines()
    if problem.line is not None:
        lines = lines[problem.line - 1 : problem.line]
    others = {row.name for row in rows} - set(names)
    return any(_may_name(line, names, others) for line in lines if not line.lstrip().startswith("#"))


def _may_name(line: str, names: Collection[str], others: Collection[str]) -> bool:
    if _DATABASE.search(line):
        return True
    bare = [name.removeprefix(PREFIX) for name in names]
    words = (word.removesuffix("_FILE") for word in _WORD.findall(line.upper()))
    return any(
        difflib.get_close_matches(word.removeprefix(PREFIX), bare, n=1, cutoff=MAYBE)
        for word in words
        if not difflib.get_close_matches(word, others, n=1, cutoff=ALIKE)
    )


# --- where they stand -------------------------------------------------------------------------------------


def _find(environ: Mapping[str, str]) -> list[SettingsFile]:
    """Read the files that are there, the strongest first."""
    named = environ.get(MACHINE_FILE_SETTING, "").strip()
    machine = _read_file(Path(named) if named else MACHINE_FILE, is_wanted=bool(named))
    schedules = Path(
        environ.get("DISPATCHER_SCHEDULES", "") or _machine_schedules(machine) or "schedules.toml"
    )
    beside = _read_file(schedules.parent / FOLDER_FILE)
    return [file for file in (beside, machine) if file is not None]


def _machine_schedules(machine: SettingsFile | None) -> Path | None:
    line = machine.lines.get("DISPATCHER_SCHEDULES") if machine else None
    return machine.path.parent / line.value if machine and line and line.value else None


def _unsaid_paths(
    values: Mapping[str, str],
    origins: Mapping[str, Origin],
    files: Iterable[SettingsFile],
    rows: Iterable[Setting],
) -> dict[str, str]:
    """Return the defaults of paths that nobody says: beside schedules.toml, where a file tells of it.

    Empty where no file is: then they count from the working directory, as ever.
    """
    is_told = "DISPATCHER_SCHEDULES" in origins or any(file.path.name == FOLDER_FILE for file in files)
    if not is_told:
        return {}
    home = Path(values.get("DISPATCHER_SCHEDULES", "schedules.toml")).parent
    return {
        row.name: row.in_folder(home, row.default)
        for row in rows
        if row.in_folder and not {row.name, f"{row.name}_FILE"} & values.keys()
    }


def _in_folder(folder: Path, line: Line, rows: Mapping[str, Setting]) -> str:
    row = rows.get(line.name)
    if row is None:  # NAME_FILE
        return str(folder / line.value)
    return row.in_folder(folder, line.value) if row.in_folder else line.value


# --- what stands in them ----------------------------------------------------------------------------------


def _read_file(path: Path, *, is_wanted: bool = False) -> SettingsFile | None:
    """Read one file; None when it is not there and need not be."""
    file = SettingsFile(path=path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        file.mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        if not is_wanted:
            return None
        remedy = _("Give {name} the path of a file.", name=MACHINE_FILE_SETTING)
        return _unreadable(file, os_error_message(error), remedy)
    except OSError as error:
        remedy = _("Let it be read by who calls dispatcher, or call it as the service's user.")
        return _unreadable(file, os_error_message(error), remedy)
    except UnicodeDecodeError:
        remedy = _("Save it as UTF-8, one NAME=VALUE a line.")
        return _unreadable(file, _("the file is not in UTF-8"), remedy)
    for line in _lines(file, text):
        if line.name in file.lines:
            what = _("it stands in line {n} already", n=file.lines[line.name].number)
            file.problem(what, _("Keep one of the two."), line=line.number, name=line.name)
        file.lines[line.name] = line
    return file


def _unreadable(file: SettingsFile, what: str, remedy: str) -> SettingsFile:
    file.is_readable = False
    file.problem(what, remedy)
    return file


def _lines(file: SettingsFile, text: str) -> Iterator[Line]:
    from dotenv.parser import parse_stream

    for binding in parse_stream(io.StringIO(text)):
        if binding.key is not None and binding.value is not None and not binding.error:
            yield Line(name=binding.key, value=binding.value.strip(), number=_number(binding))
        elif binding.key is not None or binding.error:
            # Of a line that cannot be read nobody knows what in it is secret: its first word is shown.
            first = (binding.key or binding.original.string.split("=")[0]).split()
            file.problem(
                _("this line cannot be read"), _("Write NAME=VALUE; # begins a remark."),
                line=_number(binding), name=first[0] if first else "",
            )  # fmt: skip


def _number(binding: Binding) -> int:
    """Return the line on which a setting begins; the parser counts the empty ones before it as its own."""
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")


def _is_known(file: SettingsFile, line: Line, rows: Mapping[str, Setting]) -> bool:
    """Return whether a name is one of our settings; note one that is meant to be.

    Names of other programs are let be: such files are shared.
    """
    base = _base(line.name, rows)
    if base in rows:
        return True
    if line.name == MACHINE_FILE_SETTING:
        what = _("a file of settings cannot name another")
        file.problem(what, _("Set it in the environment."), line=line.number, name=line.name)
        return False
    near = difflib.get_close_matches(base, rows, n=1, cutoff=ALIKE)
    if near or line.name.startswith(PREFIX):
        remedy = (
            _("Is {name} meant?", name=near[0]) if near else _("The settings stand in docs/reference.md.")
        )
        file.problem(_("there is no such setting"), remedy, line=line.number, name=line.name)
    return False


def _base(name: str, rows: Mapping[str, Setting]) -> str:
    base = name.removesuffix("_FILE")
    return base if base in rows else name


def _tells_secret(line: Line, secrets: Collection[str]) -> bool:
    return line.name in secrets and bool(line.value) and not line.value.startswith("sqlite")
