"""Migration files: each line is imported or told of; dry runs keep nothing; a run goes on where it stopped."""

import csv

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.models import Employer, Employment, ImportRun, InsuredPerson, NumberRange, PersonName
from app.services import import_rules, imports, numbers, people
from tests.services.test_cases import account

PERSONS = "number;family_name;given_names;birth_date;registered_on;email\n"


@pytest.fixture
def bring_in(app, tmp_path):
    """Runs the command on these lines; what it said, and the refused lines."""

    def run(kind, text, *options, name="file.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8-sig")
        said = app.test_cli_runner().invoke(
            args=["guichet", "import", kind, str(path), "--lang", "en", *options]
        )
        report = path.with_suffix(".refused.csv")
        rows = (
            list(csv.reader(report.read_text(encoding="utf-8").splitlines()))[1:] if report.exists() else []
        )
        return said, rows

    return run


def place(app, ahead):
    with app.app_context():
        return people.number_of(db.session.get_one(NumberRange, numbers.region()).next_number + ahead)


def count(app, model):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model))


def test_good_lines_come_in_and_each_refused_one_is_told(app, bring_in):
    good, twice, future = place(app, -1), place(app, -2), place(app, 9)
    with app.app_context():
        known = db.session.scalars(select(InsuredPerson.ssn)).first()
        before = count(app, InsuredPerson)
    text = PERSONS + "\n".join(
        [
            f"{good.replace('-', ' ')};Élan; Rose ;1988-02-01;2020-01-06;rose@mail.example",
            f"{twice};Mbarga;Luc;1970-12-31;1999-01-01;",
            f"{twice};Mbarga;Luc;1970-12-31;1999-01-01;",
            f"{known};Known;Known;1970-12-31;1999-01-01;",
            f"{future};Future;Future;1970-12-31;1999-01-01;",
            "10-0000001-00;Wrong;Wrong;1970-12-31;1999-01-01;",
            ";;;1970-02-30;99-01-01;nobody",
            f"{place(app, -3)};Late;Late;2020-01-01;1999-01-01;",
        ]
    )
    said, refused = bring_in("persons", text)
    assert said.exit_code == 0, said.output
    assert "Lines read: 8" in said.output
    assert "Imported: 2" in said.output
    assert "Refused: 6" in said.output
    assert [(row[0], row[1]) for row in refused] == [
        ("4", "number"),
        ("5", "number"),
        ("6", "number"),
        ("7", "number"),
        *(("8", column) for column in ("birth_date", "email", "family_name", "given_names", "number")),
        ("8", "registered_on"),
        ("9", "registered_on"),
    ]
    assert refused[0][2] == "stands on an earlier line of this file"
    with app.app_context():
        rose = numbers.whose(good)
        assert (rose.family_name, rose.given_names, rose.email) == ("Élan", "Rose", "rose@mail.example")
        assert db.session.scalars(select(PersonName).where(PersonName.person_id == rose.id)).one()
        assert count(app, InsuredPerson) == before + 2


def test_reserved_numbers_come_in_and_are_never_issued(app, bring_in):
    future = place(app, 0)
    with app.app_context():
        first = db.session.get_one(NumberRange, numbers.region()).next_number
        numbers.reserve(numbers.region(), first, first + 5, "Of before", account("administrator"))
        db.session.commit()
    said, _refused = bring_in("persons", PERSONS + f"{future};A;B;1988-02-01;2020-01-06;\n")
    assert "Imported: 1" in said.output
    with app.app_context():
        assert numbers.issue() == people.number_of(first + 6)


def test_a_dry_run_keeps_nothing(app, bring_in):
    before = count(app, InsuredPerson)
    text = PERSONS + f"{place(app, -1)};A;B;1988-02-01;2020-01-06;\nx;A;B;1988-02-01;2020-01-06;\n"
    said, refused = bring_in("persons", text, "--dry-run")
    assert "Imported: 1" in said.output
    assert "nothing was kept" in said.output
    assert [row[:2] for row in refused] == [["3", "number"]]
    assert (count(app, InsuredPerson), count(app, ImportRun)) == (before, 0)


def test_the_same_file_is_not_brought_in_twice(app, bring_in):
    text = "registration_number,name\nE-9,Nine\n"
    assert bring_in("employers", text)[0].exit_code == 0
    again = bring_in("employers", text)[0]
    assert again.exit_code == 1
    assert "brought in already" in again.output
    assert count(app, Employer) == len([1]) + 6


def test_a_run_that_was_killed_goes_on_where_it_stopped(app, bring_in, monkeypatch):
    monkeypatch.setattr(imports, "SLICE", 2)
    text = "registration_number,name\n" + "".join(f"E-R{n},Name {n}\n" for n in range(5))
    inserted, insert = [], import_rules.insert

    def dies_in_the_second_slice(kind):
        inserted.append(kind)
        if len(inserted) == 2:
            raise KeyboardInterrupt
        return insert(kind)

    monkeypatch.setattr(import_rules, "insert", dies_in_the_second_slice)
    assert bring_in("employers", text)[0].exit_code == 1
    with app.app_context():
        stopped = db.session.scalars(select(ImportRun)).one()
        assert (stopped.lines_read, stopped.imported, stopped.finished_at) == (2, 2, None)
    monkeypatch.setattr(import_rules, "insert", insert)
    said, refused = bring_in("employers", text)
    assert "Imported: 5" in said.output, said.output
    assert refused == []
    with app.app_context():
        there = db.session.scalars(
            select(Employer.name).where(Employer.registration_number.like("E-R%"))
        ).all()
        assert sorted(there) == [f"Name {n}" for n in range(5)]


def test_employments_are_tied_to_person_and_employer(app, bring_in):
    with app.app_context():
        person = db.session.scalars(select(InsuredPerson)).first()
        number, pk = person.ssn, person.id
    text = (
        "number,registration_number,started_on,ended_on,occupation,monthly_wage\n"
        f"{number},E-000101,2021-01-04,,Driver,206250.00\n"
        f"{number},E-000101,2021-01-04,,Driver,\n"
        f"{number},E-NONE,2021-01-04,,,\n"
        f"{place(app, 900)},E-000101,2021-01-04,,,\n"
        f"{number},E-000102,2021-01-04,2020-01-04,,-5\n"
        f"{number},E-000102,2021-01-04,2020-01-04,,\n"
    )
    said, refused = bring_in("employments", text)
    assert "Imported: 1" in said.output, said.output
    assert [row[:2] for row in refused] == [
        ["3", "started_on"],
        ["4", "registration_number"],
        ["5", "number"],
        ["6", "monthly_wage"],
        ["7", "ended_on"],
    ]
    with app.app_context():
        made = db.session.scalars(select(Employment)).unique().one()
        assert (made.person_id, made.employer.registration_number, str(made.monthly_wage)) == (
            pk,
            "E-000101",
            "206250.00",
        )


@pytest.mark.parametrize(
    "heading", ["", "name\n", "registration_number,name,colour\n", "name,name,registration_number\n"]
)
def test_a_file_with_another_heading_is_refused_whole(app, bring_in, heading):
    said, _refused = bring_in("employers", heading + "E-1,x\n")
    assert said.exit_code == 1
    assert "registration_number*" in said.output


def test_reasons_are_told_in_french_too(app, tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("registration_number,name\n,x\n")
    app.test_cli_runner().invoke(args=["guichet", "import", "employers", str(path)])
    assert "est vide" in path.with_suffix(".refused.csv").read_text()
