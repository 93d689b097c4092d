"""The sections of a report, without a kernel: every collectivity, both languages, hostile data."""

import base64
import csv
import dataclasses
import io
import itertools
import re
from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import unquote

import nbformat
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citydiplo import charts, data, geography, sections
from citydiplo.captions import Caption, illustrate, source_line
from citydiplo.data import Tables
from citydiplo.exhibits.city_accounts import city_accounts
from citydiplo.exhibits.partnerships import partnerships
from citydiplo.language import Language
from citydiplo.profile import Profile
from citydiplo.reports.page import to_page
from citydiplo.reports.site import index
from citydiplo.spreadsheet import safe_cell
from citydiplo.style import new_figure

ProfileOf = Callable[[str], Profile]


def everything(profile: Profile, language: Language) -> str:
    """All sections of a report, as HTML."""
    parts = [
        sections.title(profile, language),
        sections.brief(profile, language),
        sections.identity(profile, language),
        sections.facts(profile, language),
        sections.survey(profile, language),
        city_accounts(profile, language),
        partnerships(profile, language, data.load_boundaries("110m")),
        sections.networks(profile, language),
        sections.recommendations(profile, language),
        sections.to_fill_in(profile, language),
        sections.used_sources(profile, language),
    ]
    return "\n".join(str(part.data) for part in parts)


class Outline(HTMLParser):
    """The tags of a page, checked to be balanced, and the attributes that matter."""

    VOID = frozenset({"img", "br", "meta", "input"})

    def __init__(self, html: str):
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.anchors: list[str] = []
        self.alts: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        found = dict(attrs)
        assert not any(name.startswith("on") for name in found)
        if "id" in found:
            self.ids.append(str(found["id"]))
        if str(found.get("href", "")).startswith("#"):
            self.anchors.append(str(found["href"])[1:])
        if tag == "img":
            self.alts.append(str(found["alt"]))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("query", ["Marseille", "Rennes", "Caen", "Le Havre", "Métropole de Lyon", "dep-62", "reg-25"])
def test_sections_are_sound(profile_of: ProfileOf, language: Language, query: str) -> None:
    outline = Outline(everything(profile_of(query), language))
    assert outline.tags.count("h1") == 1
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.anchors) <= set(outline.ids)
    assert all(outline.alts)
    assert "script" not in outline.tags
    assert outline.tags.count("figure") == outline.tags.count("figcaption")


def test_every_collectivity_of_the_tables_has_its_sections(
    tables: Tables, profile_of: ProfileOf, language: Language
) -> None:
    for code in tables["collectivities"]["collectivity_id"]:
        profile = profile_of(code)
        html = sections.facts(profile, language).data + sections.networks(profile, language).data
        html += partnerships(profile, language, data.load_boundaries("110m")).data
        shown = set(re.findall(r'<li id="fact-([^"]+)"', html))
        hidden = profile.facts[~profile.facts["fact_id"].isin(shown)]
        # Not shown: having had a part in the study, landmarks (they are under its identity), the table of networks.
        assert set(hidden["theme"]) <= {"study", "context", "networks"}
        identity = sections.identity(profile, language).data
        landmarks = hidden[hidden["theme"] == "context"]
        assert all(language.pick(fact, "statement") in identity for _, fact in landmarks.iterrows())
        assert set(hidden.loc[hidden["theme"] == "networks", "indicator"]) <= set(sections.IN_NETWORK_TABLE)


def test_facts_left_to_the_network_table_are_in_it(tables: Tables) -> None:
    facts = tables["facts"]
    left = facts[facts["indicator"].isin(sections.IN_NETWORK_TABLE) & (facts["theme"] == "networks")]
    stated = set(zip(tables["memberships"]["collectivity_id"], tables["memberships"]["source_id"], strict=True))
    assert set(zip(left["collectivity_id"], left["source_id"], strict=True)) <= stated
    counted = left.groupby("collectivity_id").size()
    rows = tables["memberships"].groupby("collectivity_id").size()
    assert (counted <= rows.reindex(counted.index, fill_value=0)).all()


def test_marseille_shows_what_its_sources_say(profile_of: ProfileOf, tables: Tables) -> None:
    html = everything(profile_of("Marseille"), Language.of("fr", tables))
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html).replace("\u202f", " ").replace("\xa0", " "))
    for said in (
        "46 villes partenaires", "1958", "17 jumelages", "29 accords", "Naples", "Erevan", "depuis 2025", "Odessa",
        "Haïfa", "Plus de 70 pays ont un consulat", "30 des pays", "28 pays africains", "AFCCRE", "AIMF", "CUF",
        "Eurocities", "ICLEI", "MedCités", "deuxième place diplomatique", "première place consulaire",
        "Les sources divergent",
    ):  # fmt: skip
        assert said in text, said
    disagreement = re.search(r"Les sources divergent\. [^:]+ : 2 \( Ville .*? \) ; 1 \( Ville .*? \)", text)
    assert disagreement, "both claims on the consular rank, with their sources"


PROSE = (
    "statement", "note", "partner", "place", "question", "answer", "title", "short", "publisher", "derivation",
    "locator", "name", "conditions", "services",
)  # fmt: skip


def prose(frame: pd.DataFrame) -> list[str]:
    """The columns of free text."""
    return [column for column in frame.columns if column.startswith(PROSE) and column != "partner_kind"]


def shown(profile: Profile) -> list[tuple[str, pd.DataFrame]]:
    """The frames of a profile, by name."""
    fields = {field.name: getattr(profile, field.name) for field in dataclasses.fields(Profile)}
    return [(name, frame) for name, frame in fields.items() if isinstance(frame, pd.DataFrame)]


HOSTILE = "<script>alert('x')</script>\"' onload=\"y\" ../../etc & =1+1"


def test_hostile_data_is_escaped_everywhere(profile_of: ProfileOf, language: Language) -> None:
    profile = profile_of("Marseille")
    frames = {name: frame.assign(**dict.fromkeys(prose(frame), HOSTILE)) for name, frame in shown(profile)}
    city = dataclasses.replace(profile.city, name=HOSTILE, official_name=HOSTILE + "2")
    html = everything(dataclasses.replace(profile, city=city, **frames), language)
    assert "<script" not in html
    assert "alert(" in html  # it is shown, as text
    Outline(html)  # no attribute that runs, every tag balanced
    for image in re.findall(r"base64,([^\"]+)", html):
        assert b"<script" not in base64.b64decode(image)


def test_hostile_names_are_escaped_in_the_index_and_the_page_title(
    profile_of: ProfileOf, tables: Tables, language: Language
) -> None:
    profile = profile_of("Rennes")
    hostile = dataclasses.replace(profile, city=dataclasses.replace(profile.city, name=HOSTILE), region=HOSTILE)
    made = {"collectivity_id": hostile.city.id, "lang": language.code, "path": f"{language.code}/a.html", "pdf": None}
    records = pd.DataFrame([made | {"state": "done"}])
    page = index([hostile], records, language, ["fr", "en"], tables["sources"], data.load_boundaries("50m"))
    assert page.count("<script") == 1  # its own
    assert "<script>alert" not in page
    assert not [link for link in re.findall(r'href="([^"]*)"', page) if ".." in link or " " in link]
    heading = nbformat.v4.new_output("display_data", {"text/html": sections.title(hostile, language).data})
    cells = [
        nbformat.v4.new_code_cell(outputs=[heading]),
        nbformat.v4.new_markdown_cell("## One", metadata={"tags": [f"lang-{language.code}"]}),
    ]
    html = to_page(nbformat.v4.new_notebook(cells=cells), language.code)
    assert "<script" not in html
    assert html.count("alert(") == 3  # as text: in the title, the heading and the region


def form_rows(html: str) -> list[list[str]]:
    found = re.search(r'href="data:text/csv;charset=utf-8,([^"]+)"', html)
    assert found
    return list(csv.reader(io.StringIO(unquote(found[1]).removeprefix("\N{BYTE ORDER MARK}")), delimiter=";"))


def test_form_asks_what_is_missing(profile_of: ProfileOf, language: Language) -> None:
    profile = profile_of("Le Havre")
    header, *rows = form_rows(str(sections.to_fill_in(profile, language).data))
    assert len(rows) == len(profile.missing)
    assert {len(row) for row in rows} == {len(header)} == {13}
    assert {(row[0], row[1]) for row in rows} == {("76351", "Le Havre")}


@given(st.sampled_from("=+-@\t"), st.text(max_size=10))
def test_form_never_starts_a_formula(first: str, rest: str) -> None:
    assert safe_cell(first + rest).startswith("'")


def test_no_figure_without_alternative_text_and_caption(tables: Tables) -> None:
    language = Language.of("fr", tables)
    complete = Caption("un point est une ville.", "57 collectivités.", "INSEE")
    with pytest.raises(ValueError, match="alternative text"):
        illustrate(new_figure(1, 1), " ", complete, language)
    for part in ("reading", "scope", "source"):
        with pytest.raises(ValueError, match=part):
            dataclasses.replace(complete, **{part: " "})
    html = str(illustrate(new_figure(1, 1), "Une carte", complete, language).data)
    assert 'alt="Une carte"' in html
    assert all(word in html for word in ("Lecture", "Champ", "Source", "INSEE"))


def test_source_line_comes_from_the_data(tables: Tables) -> None:
    rows = tables["facts"].query("collectivity == 'Marseille' and theme != 'context'")
    line = source_line(Language.of("en", tables), tables["sources"], rows)
    named = ["France urbaine – INET, 2021", "Ville de Marseille, page internationale", "Ville de Marseille, bilan 2025"]
    assert line == "; ".join(named)
    (fact,) = tables["facts"].query("fact_id == 'brest-budget-share' or fact_id == 'rennes-budget-share'").itertuples()
    cited = source_line(Language.of("fr", tables), tables["sources"], tables["facts"].loc[[fact.Index]], passages=True)
    assert cited == f"France urbaine – INET, 2021 ({fact.locator})"


def test_a_caption_names_ten_sources_at_most(tables: Tables) -> None:
    sources = tables["sources"]
    line = source_line(Language.of("en", tables), sources, sources)
    others = sources["short"].nunique() - 9
    assert line.split("; ")[-1] == f"and {others} other sources, cited row by row"
    assert line.count("; ") == 9


def test_every_funding_scheme_is_named_once(profile_of: ProfileOf, tables: Tables) -> None:
    language = Language.of("fr", tables)
    html = str(sections.networks(profile_of("Le Havre"), language).data)
    names = [language.typeset(name) for name in tables["funding_schemes"]["name_fr"]]
    assert [html.count(f"<b>{name}</b>") for name in names] == [1] * len(names)
    assert html.index("<details>") > html.index("FICOL")


def test_same_input_same_bytes(profile_of: ProfileOf, language: Language) -> None:
    assert everything(profile_of("Brest"), language) == everything(profile_of("Brest"), language)


def plain(html: str) -> str:
    """The text of a page, with ordinary spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html).replace("\u202f", " ").replace("\xa0", " "))


def test_located_partners_have_a_distance(profile_of: ProfileOf, tables: Tables) -> None:
    profile = profile_of("Colombes")
    text = plain(partnerships(profile, Language.of("fr", tables), data.load_boundaries("110m")).data)
    known = geography.distribution(geography.once(profile.partnerships)["distance_km"])
    assert known.located < known.links
    assert f"distance médiane des partenaires est de {known.median_km:,.0f} km".replace(",", " ") in text
    assert f"un seul des {known.located} partenaires localisés est à moins de 1 000 km" in text
    assert re.search(r"Frankenthal Allemagne, 4[45]\d km", text)  # 450 km from Colombes
    for _, row in profile.partnerships.iterrows():
        assert bool(re.search(rf"{row['name_fr']} \w+, [\d ]+ km", text)) == pd.notna(row["distance_km"])


def test_links_of_a_source_without_dates_begin_when_they_begin(profile_of: ProfileOf, tables: Tables) -> None:
    profile, language, boundaries = profile_of("Rennes"), Language.of("fr", tables), data.load_boundaries("110m")
    bare = profile.sources.assign(published=None, accessed=None).astype(profile.sources.dtypes)
    undated = partnerships(dataclasses.replace(profile, sources=bare), language, boundaries).data
    assert undated.count("<img") == partnerships(profile, language, boundaries).data.count("<img") > 1


def test_a_long_timeline_is_compact_and_keeps_every_name() -> None:
    links = pd.DataFrame({"name": [f"Ville {n}" for n in range(60)], "start_year": range(1950, 2010)})
    figures = [charts.timeline(links.head(n).assign(end_year=None, as_of=2025)) for n in (20, 60)]
    (axes,) = figures[1].axes
    names = axes.get_yticklabels()
    assert [name.get_text() for name in names] == links["name"].tolist()
    assert min(name.get_size() for name in names) >= 8
    assert figures[1].get_figheight() < 1.5 * figures[0].get_figheight()
    figures[1].canvas.draw()
    boxes = [name.get_window_extent() for name in names]
    assert not any(upper.overlaps(lower) for upper, lower in itertools.pairwise(boxes))
