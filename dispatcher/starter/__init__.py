"""What a new office begins with: a campaign of today's dates, made-up people, and the shipped words."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from io import StringIO
from pathlib import Path
from string import Template

from dispatcher.errors import ConfigurationError, Problem
from dispatcher.i18n import _

CAMPAIGN_DAYS = 30
SCHEDULES, FOLDERS = "schedules.toml", ("contacts", "templates")  # where everything is written
PRIVATE_MODE = 0o600
PRIVATE_FOLDER_MODE = 0o700
# Numbers of a range that no network gives out.
STAFF = (
    ("STT", "Họ và tên", "Chức vụ", "Thôn", "Email", "Điện thoại"),
    ("1", "Trần Thị Hoa", "Trưởng thôn", "Thôn Đông", "truong-thon-dong@xa.example.vn", "0990000001"),
    ("2", "Lê Văn Bình", "Trưởng thôn", "Thôn Đoài", "truong-thon-doai@xa.example.vn", "0990000002"),
    ("3", "Phạm Thu Hà", "Công chức văn hoá - xã hội", "", "van-hoa@xa.example.vn", "0990000003"),
)
RESIDENTS = (
    ("STT", "Họ và tên", "Thôn", "Số điện thoại", "Ghi chú"),
    ("1", "Nguyễn Văn An", "Thôn Đông", "0990000011", ""),
    ("2", "Vũ Thị Dung", "Thôn Đông", "0990000012", ""),
    ("3", "Đỗ Văn Giang", "Thôn Đông", "0990000013", "dùng chung số với gia đình"),
    ("4", "Bùi Thị Hạnh", "Thôn Đoài", "0990000014", ""),
    ("5", "Hoàng Văn Khánh", "Thôn Đoài", "0990000015", ""),
    ("6", "Ngô Thị Lan", "Thôn Đoài", "0990000016", "không muốn nhận tin"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewOffice:
    """Who will speak. `sender` is the brand name of texts, at most 11 letters without accents."""

    name: str
    sender: str
    phone: str
    mail: str


def create(folder: Path, office: NewOffice, *, today: date, beside_others: bool = False) -> tuple[Path, ...]:
    """Write everything a first campaign needs into `folder`; gives the files beside the shipped words.

    The campaign begins tomorrow and lasts a month. Raises ConfigurationError, and writes nothing, where
    something is there already; with `beside_others`, only where what is written is. Settings that are there
    are kept.
    """
    if beside_others:
        _assert_absent(folder)
    else:
        _assert_empty(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with resources.as_file(_shipped_words()) as shipped:
        shutil.copytree(
            shipped, folder / "templates", ignore=_only_general(shipped), copy_function=shutil.copyfile
        )
    for copied in (folder / "templates").rglob("**/"):
        copied.chmod(PRIVATE_FOLDER_MODE)  # copied with the mode that the package's own has
    files = ((folder / name, text) for name, text in _files(office, today))
    return tuple(_write(path, text) for path, text in files if not path.exists())


def remove(folder: Path, files: Iterable[Path]) -> None:
    """Take back what `create` has just written: `files`, and the shipped words."""
    for file in files:
        file.unlink()
    for name in FOLDERS:
        shutil.rmtree(folder / name)


def is_absent(folder: Path) -> bool:
    """Return whether nothing that `create` writes, but settings, is there."""
    return not any((folder / name).exists() for name in (SCHEDULES, *FOLDERS))


def _assert_absent(folder: Path) -> None:
    if not is_absent(folder):
        names = ", ".join(name for name in (SCHEDULES, *FOLDERS) if (folder / name).exists())
        what, remedy = _("{names} is there already", names=names), _("Begin in another folder.")
        raise ConfigurationError([Problem(file=str(folder), what=what, remedy=remedy)])


def _assert_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigurationError(
            [
                Problem(
                    file=str(folder),
                    what=_("something is there already"),
                    remedy=_("Name a new or an empty folder: dispatcher init FOLDER"),
                )
            ]
        )


def _shipped_words() -> resources.abc.Traversable:
    """Return the words of the wheel, else those of the checkout."""
    packed = resources.files("dispatcher") / "starter" / "templates"
    return packed if packed.is_dir() else resources.files("dispatcher") / ".." / "templates"


def _only_general(shipped: Path) -> Callable[[str, list[str]], set[str]]:
    """Leave out the words of one campaign: a folder that has folders of audiences in it."""
    folders = [path for path in shipped.iterdir() if path.is_dir()]
    own = {folder.name for folder in folders if any(path.is_dir() for path in folder.iterdir())}
    return lambda folder, names: own & set(names) if Path(folder) == shipped else set()


def _files(office: NewOffice, today: date) -> Iterator[tuple[str, str]]:
    starts = today + timedelta(days=1)
    facts = {
        "name": office.name, "sender": office.sender, "phone": office.phone, "mail": office.mail,
    }  # fmt: skip
    days = {"starts": starts, "launch": starts, "ends": today + timedelta(days=CAMPAIGN_DAYS)}
    schedules = resources.files("dispatcher.starter").joinpath("schedules.toml").read_text(encoding="utf-8")
    quoted = {fact: json.dumps(value, ensure_ascii=False) for fact, value in facts.items()}
    yield (
        "schedules.toml",
        Template(schedules).substitute(quoted | {day: one.isoformat() for day, one in days.items()}),
    )
    yield ".env", resources.files("dispatcher.starter").joinpath("settings.env").read_text(encoding="utf-8")
    yield "contacts/can-bo/can-bo.csv", _table(STAFF)
    yield "contacts/ho-gia-dinh/thon-dong-thon-doai.csv", _table(RESIDENTS)


def _table(rows: tuple[tuple[str, ...], ...]) -> str:
    text = StringIO(newline="")
    text.write("\ufeff")  # spreadsheets read Vietnamese only with it
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=PRIVATE_MODE)
    path.write_text(text, encoding="utf-8", newline="")
    return path
