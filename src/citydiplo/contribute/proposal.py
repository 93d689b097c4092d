"""A proposed row beside what the tables have: new, already there, or in conflict with a row that is there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from citydiplo.collectivities import fold, get
from citydiplo.contribute.cells import address, read_cells
from citydiplo.contribute.duplicates import warnings
from citydiplo.contribute.fault import Fault, empty, fault
from citydiplo.contribute.fields import FIELDS, IDS, SAME
from citydiplo.contribute.lookup import located
from citydiplo.contribute.names import new_id, short_name
from citydiplo.contribute.register import Register, Row, columns
from citydiplo.contribute.rules import faults_of
from citydiplo.language import Language
from citydiplo.places import Place

NEW, SAME_ROW, CONFLICT = "new", "same", "conflict"


@dataclass(frozen=True)
class Proposal:
    """What becomes of one proposed row.

    Attributes
    ----------
    table : str
    row : dict
        The whole row as it would stand in the table.
    state : {"new", "same", "conflict"}
    faults : list of Fault
        What keeps it from coming in.
    warnings : list of str
        What a person should look at; nothing is kept out for it.
    ours : dict
        Of a row that is there already: as it stands; else empty.
    differs : list of str
        The columns in which it differs from that row.
    places : list of Place
        The places of the gazetteer that the partner's name may mean, where several do.
    collectivity : dict
        The row that collectivities.csv needs first, if the collectivity is not in it.
    """

    table: str
    row: Row
    state: str
    faults: list[Fault]
    warnings: list[str] = field(default_factory=list)
    ours: Row = field(default_factory=dict)
    differs: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    collectivity: Row = field(default_factory=dict)


def propose(table: str, typed: Mapping[str, str], register: Register, language: Language) -> Proposal:
    """Read a row as typed, fill in what follows from it, and hold it against the tables.

    Parameters
    ----------
    table : {"facts", "partnerships", "memberships", "sources"}
    typed : dict
        Field of `fields.FIELDS` → text.
    """
    row, faults = read_cells(table, typed, register, language)
    given = {name: cell for name, cell in row.items() if cell}
    ours = _twin(table, row, register.rows[table])
    places: list[Place] = []
    if not ours:
        row, places = _filled(table, row, register)
        ours = _twin(table, row, register.rows[table])
    row = ours | given if ours else row
    unread = {wrong.field for wrong in faults}
    unread |= {"place"} if "country" in unread else set()  # where to look it up is not known
    unread |= {"short"} if table == "sources" and not row["publisher"] else set()
    if row != ours:  # what is in the table has been checked
        faults += [wrong for wrong in faults_of(table, row, register, language) if wrong.field not in unread]
    if table == "partnerships" and not row["place"]:
        faults = _for_want_of_place(faults, row, places, language)
    faults = sorted(faults, key=lambda wrong: FIELDS[table].index(wrong.field))
    if ours:
        differs = [name for name in row if row[name] != ours[name]]
        return Proposal(table, row, CONFLICT if differs else SAME_ROW, faults, [], ours, differs)
    if (twin := _twin(table, row, register.proposed[table])) and not faults:
        differs = [name for name in row if row[name] not in {twin[name], ""} and name != IDS.get(table)]
        if not differs:
            return Proposal(table, twin, SAME_ROW, [], [], twin)
        faults.append(twice(table, differs[0], row, language))
    if table in IDS and not row[IDS[table]] and not faults:
        row = row | {IDS[table]: new_id(table, row, register.ids[table])}
    noted = warnings(table, row, register, language)
    extra = _collectivity(row, register) if not faults and table != "sources" else {}
    noted += [language.text("contribute.new_collectivity", name=extra["name"])] if extra else []
    return Proposal(table, row, NEW, faults, noted, places=places if len(places) > 1 else [], collectivity=extra)


def _filled(table: str, row: Row, register: Register) -> tuple[Row, list[Place]]:
    """What follows from the cells: the state that is not documented, the place, the short name of a source."""
    if table == "partnerships":
        return located(row | {"status": row["status"] or "not_documented"}, register)
    if table == "sources" and row["publisher"]:
        return row | {"short": row["short"] or short_name(row)}, []
    return row, []


def _twin(table: str, row: Row, rows: list[Row]) -> Row:
    """The row with the same id; for a row without id, the one that makes the same statement; else nothing."""
    name = IDS.get(table)
    if name and row[name]:
        return next((known for known in rows if known[name] == row[name]), {})
    wanted = _statement(table, row)
    return next((known for known in rows if _statement(table, known) == wanted), {}) if any(wanted) else {}


def _statement(table: str, row: Row) -> tuple[str, ...]:
    cells = {name: row[name] for name in SAME[table]}
    return tuple(address(cell) if name == "url" else fold(cell) or cell for name, cell in cells.items())


def _for_want_of_place(faults: list[Fault], row: Row, places: list[Place], language: Language) -> list[Fault]:
    """Ask for what would tell the place rather than for its English name: the partner, its country, which of them."""
    others = [wrong for wrong in faults if wrong.field != "place"]
    if len(others) == len(faults) or not row["partner"]:
        return others
    if len(places) > 1:
        return [*others, _which(places, row, language)]
    return faults if row["country"] else [*others, empty("partnerships", "country", language)]


def _which(places: list[Place], row: Row, language: Language) -> Fault:
    listed = ", ".join(f"{place.name} ({place.geonames_id})" for place in places[:6])
    expected = language.text("fault.one_place", places=listed)
    return fault("partnerships", "place", row["partner"], expected, language.text("fault.write_geonames"), language)


def twice(table: str, column: str, row: Row, language: Language) -> Fault:
    """Say that another row of the file says the same differently, in this column for one."""
    name = "collectivity" if column == "collectivity_id" else column
    name = name if name in FIELDS[table] else FIELDS[table][-1]
    expected, todo = language.text("fault.once_in_file"), language.text("fault.keep_one")
    return fault(table, name, row[column], expected, todo, language) if row[column] else empty(table, name, language)


def _collectivity(row: Row, register: Register) -> Row:
    """The row of collectivities.csv for a commune or an EPCI that it lacks, from the official reference."""
    if row["collectivity_id"] in register.ids["collectivities"]:
        return {}
    city = get(register.everyone, row["collectivity_id"])
    points = {name: value for name in ("latitude", "longitude") if (value := getattr(city, name)) is not None}
    return dict.fromkeys(columns("collectivities"), "") | {
        "collectivity_id": city.id,
        "name": city.name,
        "kind": city.kind,
        "siren": city.siren or "",
        "region_code": city.region_code,
        **{name: str(round(value, 5)) for name, value in points.items()},
        "name_in_source": city.name,
        "source_id": row["source_id"],
        "locator": row["locator"],
        "derivation": "" if city.kind == "commune" else "Point of its most populous commune",
    }
