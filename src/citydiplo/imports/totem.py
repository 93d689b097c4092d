"""
Read the « document budgétaire » (TOTEM): the XML in which collectivities send their budgets and accounts to the State.

A file has one or more budgets (the main one, subsidiary ones), each with a header, lines by nature and by function, and
annexes, one of which lists subsidies by beneficiary.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from citydiplo.errors import DataError, Problem
from citydiplo.imports import functions
from citydiplo.imports.account_document import Reading, frame
from citydiplo.imports.budget_xml import Group, groups
from citydiplo.imports.totem_lines import Line, euros, in_one_line, operating_total, read_lines, without_blanks

KINDS = {
    "01": "initial_budget",
    "02": "amending_decision",
    "03": "supplementary_budget",
    "09": "administrative_account",
    "10": "single_account",
}
ACCOUNTS = {"administrative_account", "single_account"}

# Charts of accounts whose functions are those of general government; in the others a code 04 is not international.
FUNCTIONAL = {"M14", "M52", "M57", "M71"}

NATURAL_PERSON = "natural_person"
BENEFICIARIES = {
    "P1": "association",
    "P2": "company",
    "P3": NATURAL_PERSON,
    "P4": "other_private_body",
    "U1": "region",
    "U2": "department",
    "U3": "commune",
    "U4": "public_establishment",
    "U5": "state",
    "U6": "other_public_body",
}

SIREN_OR_SIRET = re.compile(r"[0-9]{9}(?:[0-9]{5})?")
CODE = re.compile(r"[0-9]{1,10}")
DAY = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})(?:T.*)?")
FRENCH_DAY = re.compile(r"(?P<day>[0-9]{2})/(?P<month>[0-9]{2})/(?P<year>[0-9]{4})")


@dataclass
class _Budget:
    """The groups of one budget."""

    line: int
    values: dict[str, str]
    lines: list[Group] = field(default_factory=list)
    beneficiaries: list[Group] = field(default_factory=list)


@dataclass
class _Report:
    """What becomes of the rows of a file."""

    file: str
    rows: dict[str, list[dict[str, object]]]
    problems: list[Problem] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)

    def refuse(self, line: int | None, column: str | None, found: str, expected: str) -> None:
        self.problems.append(Problem(self.file, line, column, found, expected))


def read(path: Path, name: str | None = None) -> Reading:
    """Read a budget document.

    Parameters
    ----------
    path : Path
        The XML file.
    name : str, optional
        What to call it in messages and in the column source: its own name, if not given.

    Returns
    -------
    Reading
        The lines of function 04 with what was mandated (``MtReal``) in an account or voted (``MtPrev``) in a budget; a
        row of totals for each budget: real operations of the natures of classes 6 and 7, missing if a line that may
        belong to them was refused; all beneficiaries of subsidies, natural persons without their names.
    """
    report = _Report(name or path.name, {"accounts": [], "account_totals": [], "subsidies": []})
    try:
        with path.open("rb") as stream:
            budgets = _budgets(groups(stream, report.file))
    except OSError as error:
        report.refuse(None, None, f"not readable ({error.strerror})", "a budget document (XML)")
        return Reading(problems=report.problems)
    except DataError as error:
        return Reading(problems=error.problems)
    if not budgets:
        report.refuse(None, "Budget", "no budget", "at least one in the document")
    zeros = functions.zeros_kept(line.values.get("Fonction", "") for budget in budgets for line in budget.lines)
    for budget in budgets:
        _read_budget(budget, zeros, report)
    origin = {"format": "totem"}
    tables = {table: frame(table, [row | origin for row in rows]) for table, rows in report.rows.items()}
    return Reading(**tables, problems=report.problems, notes=report.notes)


def _budgets(document: Iterable[Group]) -> list[_Budget]:
    """Put the groups of a document together by budget, each with the values of the document's header."""
    header: dict[str, str] = {}
    budgets: list[_Budget] = []
    for group in document:
        if group.name == "EnTeteDocBudgetaire":
            header |= group.values
        elif group.name == "Budget":
            budgets.append(_Budget(group.line, {}))
        elif group.name == "LigneBudget":
            budgets[-1].lines.append(group)
        elif group.name == "CONCOURS":
            budgets[-1].beneficiaries.append(group)
        else:
            budgets[-1].values |= group.values
    for budget in budgets:
        budget.values = {column: in_one_line(value) for column, value in (header | budget.values).items()}
    return budgets


def _read_budget(budget: _Budget, zeros: bool, report: _Report) -> None:
    who = _identity(budget, report)
    if who is None:
        return
    what = {"budget": _main_or_subsidiary(budget.values), "nomenclature": _nomenclature(budget.values)}
    lines = read_lines(budget.lines, "MtReal" if who["document_kind"] in ACCOUNTS else "MtPrev", zeros)
    if lines is None:
        report.refuse(budget.line, "LigneBudget", "no line with an amount", "MtReal in an account, MtPrev in a budget")
        return
    where = f"l. {budget.line}"
    if budget.values.get("ProjetBudget") in {"true", "1"}:
        report.notes.append((where, "a draft budget, not yet voted (ProjetBudget)"))
    if _garbled(budget.values.get("LibelleColl", "")):
        report.notes.append((where, "letters with accents look wrong: is the encoding the one that line 1 declares?"))
    read_functions = what["nomenclature"] in FUNCTIONAL
    if not read_functions and any(line.printed for line in lines):
        report.notes.append((where, f"the functions of {what['nomenclature']} have no international action: not read"))
    unusable = _keep_lines(lines, read_functions, who | what, report)
    # Without its zeros, a file does not tell which of its lines are of function 04.
    told = any(line.printed for line in lines) and (zeros or not any(line.function.ambiguous for line in lines))
    by_function = {"by_function": "yes" if read_functions and told else "no"}
    _keep_totals(lines, unusable, budget, who | what | by_function, report)
    _keep_beneficiaries(budget, who, report)


def _garbled(name: str) -> bool:
    """Whether a name is UTF-8 that was read as ISO-8859-1."""
    try:
        return name.encode("latin-1").decode("utf-8") != name
    except UnicodeError:
        return False


def _identity(budget: _Budget, report: _Report) -> dict[str, object] | None:
    """Whose budget it is, of which year and kind; None if that cannot be told."""
    values = budget.values
    collectivity, unit = without_blanks(values.get("IdColl", "")), without_blanks(values.get("IdEtab", ""))
    siren = next((code[:9] for code in (collectivity, unit) if SIREN_OR_SIRET.fullmatch(code)), None)
    year, kind = values.get("Exer", ""), KINDS.get(values.get("NatDec", "").zfill(2))
    nomenclature = values.get("Nomenclature", "")
    checks = {
        "IdColl": (siren, collectivity or unit, "a SIRET, 14 digits"),
        "Exer": (re.fullmatch(r"(?:19|20)[0-9]{2}", year), year, "a year"),
        "NatDec": (kind, values.get("NatDec", ""), f"one of {', '.join(KINDS)}"),
        "Nomenclature": (nomenclature, nomenclature, "a chart of accounts: M14, M57…"),
    }
    wrong = [(column, found, expected) for column, (right, found, expected) in checks.items() if not right]
    for column, found, expected in wrong:
        report.refuse(budget.line, column, f"« {found[:80]} »" if found else "nothing", expected)
    if wrong:
        return None
    return {
        "siren": siren,
        "siret": next(
            (code for code in (unit, collectivity) if SIREN_OR_SIRET.fullmatch(code) and len(code) == 14), None
        ),
        "name": values.get("LibelleColl") or values.get("LibelleEtab") or siren,
        "year": int(year),
        "document_kind": kind,
        "decided": _day(values.get("DteDec", "")),
    }


def _day(value: str) -> str | None:
    found = DAY.fullmatch(value) or FRENCH_DAY.fullmatch(value)
    return f"{found['year']}-{found['month']}-{found['day']}" if found else None


def _nomenclature(values: dict[str, str]) -> str:
    """M14 of « M14-M14_COM_SUP3500 »."""
    found = re.match(r"M[0-9]+", values["Nomenclature"], re.IGNORECASE)
    return found[0].upper() if found else values["Nomenclature"]


def _main_or_subsidiary(values: dict[str, str]) -> str:
    code = values.get("CodTypBud") or ("A" if values.get("CodBud", "").strip("0") else "P")
    return "main" if code == "P" else "subsidiary"


def _locator(group: Group) -> str:
    """The line of the file; the column too where the whole document is on one line."""
    return f"l. {group.line}" if group.line > 1 else f"l. 1, c. {group.column + 1}"


def _keep_lines(lines: list[Line], read_functions: bool, whose: dict[str, object], report: _Report) -> set[Line]:
    """Keep or refuse the lines of function 04; give the lines, of any function, whose amount cannot be used."""
    others = sum(abs(line.amount or 0) for line in lines if not line.international)
    unusable = set()
    for line in lines:
        international = read_functions and line.international
        if line.problem:
            unusable.add(line)
            report.refuse(line.group.line, *line.problem)
        elif international and line.operation == "total":
            report.notes.append((_locator(line.group), "a sum of other lines, left out"))
        elif international and others and abs(line.amount or 0) > others:
            unusable.add(line)
            expected = f"no more than all lines of other functions together, {others:.2f}"
            report.refuse(line.group.line, line.column, f"{line.amount:.2f}", expected)
        elif international:
            _keep_line(line, whose, report)
    return unusable


def _keep_line(line: Line, whose: dict[str, object], report: _Report) -> None:
    checks = (
        ("Fonction", not line.function.ambiguous, line.printed, functions.EXPECTED),
        ("Nature", not line.nature or CODE.fullmatch(line.nature), line.nature, "an account number"),
        ("Nature", line.section, line.nature, "an account of classes 1 to 7, or a chapter, to tell the section"),
    )
    for column, right, found, expected in checks:
        if not right:
            report.refuse(line.group.line, column, f"« {found[:80]} »", expected)
            return
    if line.amount is not None and line.amount < 0:
        report.notes.append((_locator(line.group), f"less than 0, kept: {line.amount:.2f}"))
    row = {
        "function": line.function.code,
        "function_printed": line.printed,
        "nature": line.nature or None,
        "section": line.section,
        "direction": line.direction,
        "operation": line.operation,
        "amount": line.amount,
        "locator": _locator(line.group),
    }
    report.rows["accounts"].append(whose | row)


def _keep_totals(
    lines: list[Line], unusable: set[Line], budget: _Budget, whose: dict[str, object], report: _Report
) -> None:
    population = _population(budget.values.get("Information/PopTot", ""))
    where = f"l. {budget.line}"
    if population is None:
        report.notes.append((where, "the population (PopTot) is missing"))
    totals = {
        "operating_expenditure": operating_total(lines, unusable, "expenditure"),
        "operating_receipts": operating_total(lines, unusable, "receipt"),
    }
    for column, total in totals.items():
        if total is None:
            report.notes.append((where, f"{column} is missing: a line that may belong to it cannot be used"))
    report.rows["account_totals"].append(whose | totals | {"population": population, "locator": where})


def _population(value: str) -> int | None:
    found = re.fullmatch(r"([0-9]{1,9})(?:[.,]0*)?(?:hab\.?|habitants)?", without_blanks(value))
    return int(found[1]) if found else None


def _keep_beneficiaries(budget: _Budget, whose: dict[str, object], report: _Report) -> None:
    unknown = 0
    for group in budget.beneficiaries:
        values = {name: in_one_line(value) for name, value in group.values.items()}
        kind = BENEFICIARIES.get(without_blanks(values.get("CodNatJurBenefCA", "")).upper())
        given = values.get("MtSubv", "")
        amount = euros(given)
        if given and amount is None:
            report.refuse(group.line, "MtSubv", f"« {given[:80]} »", "an amount in euros")
            continue
        # A beneficiary whose legal nature is not told may be a natural person.
        named = kind not in {NATURAL_PERSON, None}
        unknown += kind is None
        article = without_blanks(values.get("CodArticle", ""))
        row = {
            "beneficiary": (values.get("LibOrgaBenef") or None) if named else None,
            "beneficiary_kind": kind,
            "nature": article if CODE.fullmatch(article) else None,
            "in_kind": (values.get("LibPrestaNat") or None) if named else None,
            "amount": amount,
            "locator": _locator(group),
        }
        report.rows["subsidies"].append(whose | row)
    if unknown:
        note = f"beneficiaries without a legal nature, kept without their names: {unknown}"
        report.notes.append((f"l. {budget.line}", note))
