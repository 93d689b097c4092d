"""The workbook to fill in: columns with their help, choices from the vocabularies, and what is known already."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from citydiplo.collectivities import Collectivity
from citydiplo.contribute.fields import FIELDS, LISTS, advice, choices, columns, required, title, vocabulary
from citydiplo.contribute.register import Register, Row
from citydiplo.contribute.sheets import sheet_title
from citydiplo.errors import UserError
from citydiplo.language import Language
from citydiplo.style import BLUE

ROWS = 100  # to fill in: with choices and, in the first ones, the city
PREPARED = 30

WIDTHS = {"statement_fr": 50, "statement_en": 50, "note_fr": 40, "note_en": 40, "title": 50, "source_id": 45, "url": 45}
WIDTHS |= {"derivation_fr": 40, "derivation": 40, "note": 40, "network_id": 45, "status": 30, "domains": 40}
WIDTHS["locator"] = 30
NARROW, USUAL = 13, 22

FONT = "Calibri"  # a font without a name is another one in each program
HELP_WIDTHS = {"A": 34, "B": 90, "C": 14}
LINE = 15  # the height of a line in points: LibreOffice does not make a row higher for a text that wraps


def workbook(
    tables: Sequence[str],
    register: Register,
    language: Language,
    city: Collectivity | None = None,
    filled: Mapping[str, Sequence[Mapping[str, str]]] | None = None,
) -> bytes:
    """Write the workbook of one table or several, and of sources.

    Parameters
    ----------
    tables : list of {"facts", "partnerships", "memberships", "sources"}
    register : Register
    language : Language
    city : Collectivity, optional
        Whose rows are shown beside; its name stands in the first rows to fill in.
    filled : dict of list, optional
        Rows that are there already, to be completed, by table: field → text.

    Returns
    -------
    bytes
        An .xlsx workbook.

    Raises
    ------
    UserError
        If openpyxl is not installed.
    """
    try:
        from openpyxl import Workbook
    except ImportError:
        raise UserError("workbooks cannot be written: pip install 'citydiplo[survey]'") from None
    book = Workbook()
    book.remove(book.active)
    tables = [*(table for table in tables if table != "sources"), "sources"]
    lists = _Lists(book, register, language)
    for name in tables:
        rows = list((filled or {}).get(name, []))
        if city and name != "sources" and not rows:
            rows = [{"collectivity": city.name}] * PREPARED
        _to_fill_in(book.create_sheet(sheet_title(name, language)), name, rows, lists, language)
    for name in tables:
        _known(book.create_sheet(_known_title(name, tables, language)), name, _of_city(name, register, city), language)
    _help(book.create_sheet(language.text("sheet.help"), 0), tables, language)
    lists.finish()
    book.properties.title = language.text("sheet.workbook", table=sheet_title(tables[0], language))
    book.properties.creator = "citydiplo"
    book.properties.language = language.code
    book.active = 1
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


class _Lists:
    """The hidden sheet that holds the choices: a list in a validation may not be longer than 255 characters."""

    def __init__(self, book: Any, register: Register, language: Language):
        self.sheet = book.create_sheet(language.text("sheet.lists"))
        self.book, self.register, self.language = book, register, language
        self.ranges: dict[str, str] = {}

    def range_of(self, table: str, field: str) -> str | None:
        """The address of the choices of a field; none if it is free."""
        if field in LISTS:
            return None
        key = vocabulary(table, field) or field
        if key not in self.ranges:
            words = [label for label, _ in choices(table, field, self.register.tables, self.language)]
            if not words:
                return None
            self.ranges[key] = self.write(words)
        return self.ranges[key]

    def write(self, words: Iterable[str]) -> str:
        """Write words in a column of its own."""
        from openpyxl.utils import get_column_letter

        column = len(self.ranges) + 2
        letter, row = get_column_letter(column), 0
        for row, word in enumerate(words, start=1):
            _write(self.sheet.cell(row, column), word)
        return f"'{self.sheet.title}'!${letter}$1:${letter}${row}"

    def finish(self) -> None:
        """Put the sheet last and hide it."""
        self.book.move_sheet(self.sheet, len(self.book.sheetnames))
        self.sheet.sheet_state = "hidden"


def _write(cell: Any, text: str) -> None:
    """Write a text that a spreadsheet takes for nothing else."""
    cell.value = text
    cell.data_type = "s"
    cell.number_format = "@"


def _width(field: str, table: str) -> int:
    declared = columns(table).get(field)
    number = declared is not None and str(declared.dtype) != "str" and "string" not in str(declared.dtype)
    return WIDTHS.get(field, NARROW if number else USUAL)


def _head(sheet: Any, names: Sequence[str], needed: Sequence[bool], widths: Sequence[int]) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    for number, (name, must, width) in enumerate(zip(names, needed, widths, strict=True), start=1):
        cell = sheet.cell(1, number, name)
        cell.font = Font(name=FONT, bold=True, color="FFFFFF" if must else "000000")
        cell.fill = PatternFill("solid", fgColor=BLUE.removeprefix("#") if must else "E6E6E6")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        cell.border = Border(bottom=Side("medium"))
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.row_dimensions[1].height = 34
    sheet.freeze_panes = "B2"


def _to_fill_in(sheet: Any, table: str, rows: Sequence[Mapping[str, str]], lists: _Lists, language: Language) -> None:
    """The sheet of a table: one column a field, then the decision on a conflict."""
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    fields = FIELDS[table]
    names = [title(table, field, language) for field in fields]
    _head(
        sheet,
        [*names, language.text("sheet.decision")],
        [required(table, field) for field in fields] + [False],
        [_width(field, table) for field in fields] + [USUAL],
    )
    last = max(ROWS, len(rows) + 20) + 1
    advices = [advice(table, field, language) for field in fields] + [language.text("sheet.decision_help")]
    sources = [f'"{language.text("sheet.keep")},{language.text("sheet.replace")}"']
    formulas = [lists.range_of(table, field) for field in fields] + sources
    for number, (words, formula) in enumerate(zip(advices, formulas, strict=True), start=1):
        comment = Comment(words, "citydiplo", width=320, height=110)
        sheet.cell(1, number).comment = comment
        validation = DataValidation(
            type="list" if formula else None, formula1=formula, allow_blank=True, showInputMessage=True
        )
        validation.promptTitle, validation.prompt = sheet.cell(1, number).value[:32], words[:255]
        # A new source, a collectivity that is not in the list yet, or the acronym of a network may be written too.
        free = number <= len(fields) and fields[number - 1] in {"collectivity", "source_id", "network_id"}
        validation.showErrorMessage = bool(formula) and not free
        validation.errorTitle, validation.error = language.text("sheet.error"), language.text("sheet.choose")
        letter = get_column_letter(number)
        validation.add(f"{letter}2:{letter}{last}")
        sheet.add_data_validation(validation)
        sheet.column_dimensions[letter].number_format = "@"  # below the prepared rows, too
    for row in range(2, last + 1):
        typed = rows[row - 2] if row - 2 < len(rows) else {}
        for number, field in enumerate(fields, start=1):
            cell = sheet.cell(row, number)
            cell.number_format = "@"  # codes keep their zeros, dates stay as typed
            cell.alignment = Alignment(wrap_text=field in WIDTHS, vertical="top")
            if typed.get(field):
                _write(cell, typed[field])


def _known_title(table: str, tables: Sequence[str], language: Language) -> str:
    """The title of the sheet of what is there; if several tables have one, the first is the one that the help names."""
    if table == "sources":
        return language.text("sheet.known_sources")
    number = tables.index(table) + 1
    return language.text("sheet.known_rows") + f" ({number})" * (number > 1)


def _of_city(table: str, register: Register, city: Collectivity | None) -> list[Row]:
    """The rows of a table to show beside: those of the city, and all the sources."""
    rows = register.rows[table]
    if table == "sources" or city is None:
        return rows
    return [row for row in rows if row["collectivity_id"] == city.id]


def _known(sheet: Any, table: str, rows: Sequence[Row], language: Language) -> None:
    """The rows that are there, in the words of the reader and the columns of the sheet to fill in."""
    fields = FIELDS[table]
    _head(
        sheet,
        [title(table, field, language) for field in fields],
        [False] * len(fields),
        [_width(field, table) for field in fields],
    )
    for number, row in enumerate(rows, start=2):
        for column, cell in enumerate(worded(table, row, language).values(), start=1):
            _write(sheet.cell(number, column), cell)
    sheet.auto_filter.ref = sheet.dimensions


def worded(table: str, row: Mapping[str, str], language: Language) -> dict[str, str]:
    """A row in the words of the reader: field → label, name or text. `cells.read_cells` reads it back."""
    words = {}
    for field in FIELDS[table]:
        cell, name = row[field], vocabulary(table, field)
        if name:
            separator = ";" if field in LISTS else None
            codes = filter(None, cell.split(separator)) if separator else filter(None, [cell])
            cell = "; ".join(language.labels.get((name, code), code) for code in codes)
        elif field == "country":
            cell = language.countries.get(cell, cell)
        words[field] = cell
    return words


def _help(sheet: Any, tables: Sequence[str], language: Language) -> None:
    """The first sheet: how to go about it, then every column."""
    from openpyxl.styles import Alignment, Font
    from openpyxl.worksheet.properties import PageSetupProperties

    lines: list[tuple[str, ...]] = [(language.text("sheet.how_title"),)]
    steps = ("sheet.how_1", "sheet.how_2", "sheet.how_3", "sheet.how_4", "sheet.how_5", "sheet.how_6")
    lines += [("", language.text(step)) for step in steps]
    for table in tables:
        lines += [(), (sheet_title(table, language),)]
        for field in FIELDS[table]:
            must = language.text("sheet.required" if required(table, field) else "sheet.optional")
            lines.append((title(table, field, language), advice(table, field, language), must))
            if field in LISTS:
                lines.append(("", "; ".join(label for label, _ in lists_of(table, field, language)), ""))
    for number, parts in enumerate(lines, start=1):
        for column, words in enumerate(parts, start=1):
            cell = sheet.cell(number, column, words)
            cell.alignment = Alignment(wrap_text=len(parts) > 1, vertical="top")
            cell.font = Font(name=FONT, bold=column == 1, size=14 if len(parts) == 1 else 11)
        widest = max(map(len, parts[1:]), default=0)
        sheet.row_dimensions[number].height = LINE * (1 + widest // HELP_WIDTHS["B"]) + 6 * (len(parts) == 1)
    for letter, width in HELP_WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)  # printed, all columns are on one page
    sheet.page_setup.fitToHeight = 0


def lists_of(table: str, field: str, language: Language) -> list[tuple[str, str]]:
    """The choices of a field that takes several, as (label, code)."""
    name = vocabulary(table, field)
    return [(label, code) for (known, code), label in language.labels.items() if known == name]
