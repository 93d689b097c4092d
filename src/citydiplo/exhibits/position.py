"""Where a collectivity's links abroad stand among those of its peers, in its report."""

from IPython.display import HTML

from citydiplo.captions import Caption, illustrate, source_line
from citydiplo.html import render
from citydiplo.language import Language
from citydiplo.peers import FEWEST_PEERS, Position, positions
from citydiplo.profile import Profile
from citydiplo.sections import note, sources_of
from citydiplo.spine import Row, spine

# Of each share, the columns of `peers.indicators` that give its count and its base.
COUNTED = {"near_share": ("near", "located"), "eu_share": ("eu", "settled"), "oda_share": ("oda", "settled")}


def position(profile: Profile, language: Language) -> HTML | None:
    """Its place among its peers, indicator by indicator; nothing for a collectivity without links."""
    if profile.city.id not in profile.compared.index:
        return None
    found = positions(profile.compared, profile.city.id)
    heading = render("heading.html.j2", text=language.text("position.heading"))
    peers = len(profile.compared) - 1
    if not found:
        few = language.text("position.few", count=peers, fewest=FEWEST_PEERS)
        return HTML(heading.data + note(few).data)
    rows = [_row(profile, indicator, place, language) for indicator, place in found.items()]
    return HTML(heading.data + _figure(profile, rows, language).data)


def _row(profile: Profile, indicator: str, place: Position, language: Language) -> Row:
    value = _written(indicator, place.value, language)
    if indicator in COUNTED:
        count, base = profile.compared.loc[profile.city.id, [*COUNTED[indicator]]]
        value = language.text("position.counted", share=value, amount=int(count), base=int(base))
    return Row(
        place,
        language.text(f"position.{indicator}"),
        _written(indicator, place.peers[0], language),
        _written(indicator, place.peers[-1], language),
        value,
        language.text("position.rank", rank=round(place.percentile)),
    )


def _written(indicator: str, value: float, language: Language) -> str:
    if indicator == "median_km":
        return language.text("partnerships.distance", distance=round(value))
    if indicator in COUNTED:
        return language.text("position.share", share=round(100 * value))
    return str(round(value)) if indicator == "first_year" else language.number(round(value))


def _figure(profile: Profile, rows: list[Row], language: Language) -> HTML:
    t, city, peers = language.text, profile.city, len(profile.compared) - 1
    first = rows[0]
    reference = sources_of(profile, "eu-countries", "oecd-dac-list-2025", "geonames", "decoupage-administratif-2026")
    caption = Caption(
        t("position.reading", name=city.name, label=first.label, value=first.value, rank=first.rank, count=peers + 1),
        t(
            "position.scope",
            count=peers,
            total=len(profile.peers),
            stratum=language.label(str(city.strata), str(city.stratum)),
        ),
        source_line(language, profile.sources, profile.partnerships, reference)
        + t("separator") + t("position.sources"),
    )  # fmt: skip
    said = [
        t("position.alt_row", label=row.label, value=row.value, rank=row.rank, least=row.least, greatest=row.greatest)
        for row in rows
    ]
    alt = t("position.alt", name=city.name, count=peers, rows=t("separator").join(said))
    figure = spine(rows, city.name, t("position.peers"), t("position.half"), t("position.median"))
    return illustrate(figure, alt, caption, language)
