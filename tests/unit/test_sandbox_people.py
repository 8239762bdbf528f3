"""The made-up people: the same for the same seed, overlapping as in life, and nobody's real number."""

from __future__ import annotations

import csv
import re
import tracemalloc
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import phonenumbers
import pytest
from phonenumbers import carrier

from dispatcher.contacts import ParsedRow
from dispatcher.contacts.duplicates import DuplicateFinder
from dispatcher.contacts.list_reader import read_file
from dispatcher.sandbox import people
from dispatcher.sandbox.people.population import ROW_DEFECTS, THON, Population

SAMPLE = Path(__file__).parents[2] / "contacts"
AUDIENCES = ("staff", "party", "parents", "residents")


@pytest.fixture(scope="module")
def sample() -> dict[str, list[ParsedRow]]:
    """The committed lists, read as the product reads them."""
    rows: dict[str, list[ParsedRow]] = {}
    for audience in AUDIENCES:
        repeats = DuplicateFinder()
        rows[audience] = [
            row
            for path in sorted((SAMPLE / audience).iterdir())
            for row in read_file(path, audience=audience, duplicate_finder=repeats)
            if row.status != "skipped"
        ]
    return rows


def _files(folder: Path) -> dict[str, bytes]:
    """What is in each file; of workbooks the parts inside, for another zlib packs them in other bytes."""
    inside: dict[str, bytes] = {}
    for path in folder.rglob("*.*"):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".xlsx":
            with ZipFile(path) as archive:
                inside |= {f"{name}:{part}": archive.read(part) for part in archive.namelist()}
        else:
            inside[name] = path.read_bytes()
    return inside


def test_the_committed_sample_is_what_the_generator_makes(tmp_path: Path) -> None:
    made = people.generate(tmp_path, residents=400)
    assert (made.staff, made.party, made.parents, made.residents) == (40, 60, 120, 400)
    assert len(made.files) == 10
    generated, committed = _files(tmp_path), _files(SAMPLE)
    assert {name for name in committed if name in generated} == set(generated)
    assert [name for name in generated if generated[name] != committed[name]] == []


def test_the_same_seed_makes_the_same_bytes(tmp_path: Path) -> None:
    first = people.generate(tmp_path / "a", residents=60)
    again = people.generate(tmp_path / "b", residents=60)
    assert [path.read_bytes() for path in first.files] == [path.read_bytes() for path in again.files]


def test_another_seed_makes_other_people(tmp_path: Path) -> None:
    people.generate(tmp_path / "a", residents=30, seed=1)
    people.generate(tmp_path / "b", residents=30, seed=2)
    assert _files(tmp_path / "a") != _files(tmp_path / "b")


def test_the_sample_has_the_sizes_and_the_leads(sample: dict[str, list[ParsedRow]]) -> None:
    sizes = {
        audience: sum(row.contact is not None and row.status != "merged" for row in rows)
        for audience, rows in sample.items()
    }
    assert sizes["staff"] == 40
    assert sizes["party"] == 60
    assert sizes["parents"] == 120
    assert len(sample["residents"]) == 400
    leads = Counter(row.contact.area for row in sample["staff"] if row.contact and row.contact.lead == "area")
    assert leads == {f"Thôn {thon}": 3 for thon in THON}
    assert sum(bool(row.contact and row.contact.lead == "commune") for row in sample["staff"]) >= 3
    assert sum(bool(row.contact and row.contact.email) for row in sample["staff"]) >= 35


def test_the_sample_has_everything_that_goes_wrong_in_life(sample: dict[str, list[ParsedRow]]) -> None:
    words = Counter(word for rows in sample.values() for row in rows for word in (*row.reasons, *row.repairs))
    for word in (
        "phone:landline",
        "phone:may-be-old-landline",
        "phone:old-prefix",
        "phone:lost-zero",
        "phone:letters-for-digits",
        "phone:several-numbers",
        "phone:rounded",
        "hold:dead",
        "hold:moved",
        "hold:refuses",
        "mail:incomplete",
    ):
        assert words[word], word
    statuses = Counter(row.status for rows in sample.values() for row in rows)
    assert set(statuses) >= {"accepted", "repaired", "held", "rejected", "merged"}


def test_the_lists_overlap_as_they_do_in_life(sample: dict[str, list[ParsedRow]]) -> None:
    who = {
        audience: {
            (row.contact.name, row.contact.phones) for row in rows if row.contact and row.contact.phones
        }
        for audience, rows in sample.items()
    }
    assert len(who["staff"] & who["party"]) >= 20
    assert len(who["staff"] & who["residents"]) >= 20
    assert len(who["staff"] & who["parents"]) >= 5
    assert len(who["party"] & who["residents"]) >= 30
    assert len(who["parents"] & who["residents"]) >= 60
    households = Counter(phone for _name, phones in who["residents"] for phone in phones)
    assert sum(count > 1 for count in households.values()) >= 20


def test_nobody_can_be_reached_by_mistake(sample: dict[str, list[ParsedRow]]) -> None:
    """0990 and 0991 belong to no network that phonenumbers knows; 0199 of old became 059 0xx."""
    for rows in sample.values():
        for contact in filter(None, (row.contact for row in rows)):
            for phone in contact.phones:
                assert re.fullmatch(r"\+84(?:990000|590000)[0-9]{3}", phone) or phone.startswith("+8499000")
            assert not contact.email or contact.email.endswith("@hatay.example")
    for prefix in ("990", "991"):
        number = phonenumbers.parse(f"+84{prefix}000100")
        assert phonenumbers.is_valid_number(number)
        assert carrier.name_for_number(number, "en") == ""


def test_every_number_of_the_largest_town_is_a_valid_mobile() -> None:
    population = Population.of_size(people.RESIDENTS_MAX, seed=1)
    last = population.residents + population.staff + population.party + population.parents
    for serial in (0, 1, people.RESIDENTS_MAX - 1, last):
        number = phonenumbers.parse(population.person(serial).e164)
        assert phonenumbers.is_valid_number(number)
        assert phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE


@pytest.mark.parametrize("residents", [0, -1, people.RESIDENTS_MAX + 1])
def test_an_impossible_size_is_refused(residents: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="residents must be between"):
        people.generate(tmp_path, residents=residents)


@pytest.mark.parametrize("residents", [1, 7, 60])
def test_a_hamlet_is_a_town_too(residents: int, tmp_path: Path) -> None:
    made = people.generate(tmp_path, residents=residents)
    rows = sum(
        len(list(csv.reader(path.open(encoding="utf-8-sig", newline=""))))
        for path in made.files
        if path.parent.name == "residents"
    )
    assert rows == residents + 7 + 4  # a row of headings each, and four rows of titles


@pytest.mark.parametrize("residents", [60, 400, 5_000])
def test_nobody_stands_twice_in_a_list_of_staff_or_party(residents: int) -> None:
    population = Population.of_size(residents, seed=3)
    staff = [population.staff_member(place) for place in range(population.staff)]
    party = [population.party_member(place) for place in range(population.party)]
    parents = [population.parent(place) for place in range(population.parents)]
    for serials in (staff, party, parents):
        assert len(set(serials)) == len(serials)


def test_who_is_in_several_lists_has_a_clean_row_everywhere() -> None:
    population = Population.of_size(400, seed=people.SEED)
    listed = {population.staff_member(place) for place in range(population.staff)}
    listed |= {population.party_member(place) for place in range(population.party)}
    listed |= {population.parent(place) for place in range(population.parents)}
    assert {population.person(serial).row_defect for serial in listed} == {""}
    everybody = Counter(population.person(serial).row_defect for serial in range(400))
    assert set(everybody) == {"", *ROW_DEFECTS}


def test_a_larger_town_takes_no_more_memory(tmp_path: Path) -> None:
    def peak(residents: int) -> int:
        tracemalloc.start()
        people.generate(tmp_path / str(residents), residents=residents)
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(100)  # what is loaded once
    assert peak(5_000) < 1.3 * peak(1_000)


def test_participants_are_residents_and_always_the_same() -> None:
    since = datetime(2025, 10, 11, tzinfo=UTC)
    until = since + timedelta(days=30)
    first = list(people.sample_participants(residents=400, since=since, until=until, share=0.5))
    assert first == list(people.sample_participants(residents=400, since=since, until=until, share=0.5))
    assert 120 <= len(first) <= 220
    assert all(since <= one.at <= until for one in first)
    numbers = {Population.of_size(400, seed=people.SEED).person(serial).e164 for serial in range(400)}
    assert {one.phone for one in first} <= numbers
    assert {one.area for one in first} == {f"Thôn {thon}" for thon in THON}
