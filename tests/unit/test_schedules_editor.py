"""An edit of one campaign keeps everything else of the file to the letter, or is refused."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

import pytest
import tomlkit

from dispatcher.campaign import schedules_editor
from dispatcher.campaign.schedules_editor import ChangedMeanwhile, NotEditable

TEXT = """\
# đầu tệp
[office]
name = "UBND xã Mẫu" # cơ quan

# việc thứ nhất
[campaign.mot]
title = "Việc một" # tên
ends = 2026-12-15 # hết ngày này

[[campaign.mot.step]]
name = "a"
at = 2026-12-01

[[campaign.mot.step]]
name = "b" # bước hai
before = ["3d 08:00"]

# báo cáo cho lãnh đạo
[[campaign.mot.digest]]
name = "c"
every = "thứ sáu 16:30"

# việc thứ hai
[campaign.hai]
title = 'Việc "hai"'
# cuối tệp
"""
INLINE = """\
campaign.mot = { title = "Việc một", step = [{ name = "a" }, { name = "b" }] } # một dòng
campaign.hai.title = "hai"
"""


def changed_lines(before: str, after: str) -> tuple[set[str], set[str]]:
    """Lines that went, lines that came."""
    return set(before.splitlines()) - set(after.splitlines()), set(after.splitlines()) - set(
        before.splitlines()
    )


def edited(text: str, name: str, **keys: object) -> str:
    document, campaign = schedules_editor.edit(schedules_editor.campaign_fragment(text, name), name)
    for key, value in keys.items():
        schedules_editor.set_key(campaign, key, value)
    return schedules_editor.put_campaign(text, name, tomlkit.dumps(document))


def test_one_value_changes_one_line_and_its_comment_stays() -> None:
    after = edited(TEXT, "mot", ends=dt.date(2026, 12, 20))
    assert changed_lines(TEXT, after) == (
        {"ends = 2026-12-15 # hết ngày này"},
        {"ends = 2026-12-20 # hết ngày này"},
    )


def test_a_value_that_says_the_same_stays_as_it_is_written() -> None:
    assert changed_lines(TEXT, edited(TEXT, "hai", title='Việc "hai"')) == (set(), set())


def test_a_key_comes_and_goes() -> None:
    longer = edited(TEXT, "mot", budget_vnd=500_000)
    assert tomllib.loads(longer)["campaign"]["mot"]["budget_vnd"] == 500_000
    assert tomllib.loads(edited(longer, "mot", budget_vnd=None)) == tomllib.loads(TEXT)


@pytest.mark.parametrize("text", [TEXT, INLINE])
def test_steps_are_added_and_taken_out(text: str) -> None:
    document, campaign = schedules_editor.edit(schedules_editor.campaign_fragment(text, "mot"), "mot")
    schedules_editor.append(campaign, "step", {"name": "moi", "before": ["1d 08:00"]})
    schedules_editor.remove_at(campaign["step"], 1)
    after = schedules_editor.put_campaign(text, "mot", tomlkit.dumps(document))
    read = tomllib.loads(after)
    assert [step["name"] for step in read["campaign"]["mot"]["step"]] == ["a", "moi"]
    assert read["campaign"]["hai"] == tomllib.loads(text)["campaign"]["hai"]


def test_a_note_above_the_next_thing_outlives_the_step_before_it() -> None:
    document, campaign = schedules_editor.edit(schedules_editor.campaign_fragment(TEXT, "mot"), "mot")
    schedules_editor.remove_at(campaign["step"], 1)
    after = schedules_editor.put_campaign(TEXT, "mot", tomlkit.dumps(document))
    gone, _came = changed_lines(TEXT, after)
    assert gone == {'name = "b" # bước hai', 'before = ["3d 08:00"]'}


def test_a_new_campaign_comes_last_and_nothing_else_moves() -> None:
    after = schedules_editor.put_campaign(TEXT, "ba", '[campaign.ba]\ntitle = "Việc ba"\n')
    assert after.startswith(TEXT.rstrip())
    assert tomllib.loads(after)["campaign"]["ba"] == {"title": "Việc ba"}


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        (TEXT, '[campaign.ba]\ntitle = "x"\n[office]\nname = "kẻ khác"\n'),  # more than the campaign
        (TEXT, '[campaign.hai]\ntitle = "x"\n'),  # another one
        (TEXT, "[campaign.ba\n"),
        (TEXT, "campaign = 5\n"),
        (TEXT, "[campaign]\nba = 5\n"),
        ("campaign = 5\n", '[campaign.ba]\ntitle = "x"\n'),
        ("a = \n", '[campaign.ba]\ntitle = "x"\n'),  # a file that somebody is at work in
        ('campaign = { mot = { title = "x" } }\n', '[campaign.ba]\ntitle = "x"\n'),  # closed by its braces
    ],
)
def test_what_would_harm_is_refused(text: str, fragment: str) -> None:
    with pytest.raises(NotEditable):
        schedules_editor.put_campaign(text, "ba", fragment)


def test_a_file_that_changed_meanwhile_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "schedules.toml"
    file.write_text(TEXT + "# bằng tay\n", encoding="utf-8")
    with pytest.raises(ChangedMeanwhile):
        schedules_editor.write_file(file, "x = 1\n", seen=TEXT)
    assert file.read_text(encoding="utf-8") == TEXT + "# bằng tay\n"
    assert [one.name for one in tmp_path.iterdir()] == ["schedules.toml"]


def test_line_ends_mark_and_mode_of_the_file_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "schedules.toml"
    file.write_bytes(b"\xef\xbb\xbf" + b"a = 1\r\n")
    file.chmod(0o600)
    schedules_editor.write_file(file, "a = 1\nb = 2\n", seen=schedules_editor.read_file(file))
    assert file.read_bytes() == b"\xef\xbb\xbfa = 1\r\nb = 2\r\n"
    assert file.stat().st_mode & 0o777 == 0o600


def test_words_that_are_there_are_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b.sms.j2"
    schedules_editor.write_new(file, "một")
    schedules_editor.write_new(file, "hai")
    assert file.read_text(encoding="utf-8") == "một"
