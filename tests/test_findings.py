"""The audit of the study: each finding is computed from the register, and none is left unsaid."""

import pandas as pd
import pytest

from citydiplo.data import Tables
from citydiplo.survey import findings
from citydiplo.survey.audit import counts_behind


@pytest.fixture(scope="module")
def found(tables: Tables, everyone: pd.DataFrame) -> dict[str, findings.Finding]:
    return {finding.finding_id: finding for finding in findings.find(tables, everyone)}


def test_each_finding_is_explained_and_each_explanation_still_holds(
    tables: Tables, found: dict[str, findings.Finding]
) -> None:
    written = tables["audit_findings"].set_index("finding_id")
    computed = written[written["check"] != "reading"]
    assert set(found) == set(computed.index)
    for finding_id, finding in found.items():
        assert set(finding.figures) <= set(written.loc[finding_id, "figures"].split(";"))


@pytest.mark.parametrize(
    ("finding_id", "computed"),
    [
        ("impossible-epci-stratum-19", "9/51 = 18 % ; 10/51 = 20 % ≠ 19 %"),
        ("chart-citizens-place", "n ≠ 38 ; n = 41"),
        ("disagreement-transversality", "> 70 ≠ 62"),
        ("sum-interviews-text", "9 + 9 + 22 + 1 + 6 + 3 + 7 = 57 ≠ 60"),
        ("sum-citizens-absent", "10 + 24 = 34 ≠ 36"),
        ("base-twinning-cities", "27 > 25"),
        ("median-budget", "191–282 ≠ 300 (k€)"),
        ("range-budget", "11–16 / 34"),
        ("named-budget", "6 > 4"),
        ("strata-epci", "≤ 5, 7, 4 ; 18, 45, 19, 8, 10 %"),
    ],
)
def test_arithmetic(found: dict[str, findings.Finding], finding_id: str, computed: str) -> None:
    assert found[finding_id].computed == computed


def test_numbers_in_the_explanations() -> None:
    assert counts_behind(69, 39) == [27]  # twinnings
    assert counts_behind(62, 39) == [24]  # transversality: 62 % of 39, more than 70 % of 34
    assert counts_behind(71, 34) == [24]
    assert counts_behind(34, 38) == counts_behind(36, 36) == [13]  # citizens absent
    assert counts_behind(11, 38) == [4]
    assert 45 / 104 > 0.43 > 45 / 106 > 0.42  # response rate


def edited(tables: Tables, figure_id: str, **cells: object) -> pd.DataFrame:
    figures = tables["published_figures"].copy()
    for column, value in cells.items():
        figures.loc[figures["figure_id"] == figure_id, column] = value
    return figures


def ids(found: object) -> set[str]:
    return {finding.finding_id for finding in found}  # type: ignore[attr-defined]


def test_a_register_that_agrees_gives_no_finding(tables: Tables) -> None:
    assert "disagreement-transversality" not in ids(
        findings.disagreements(edited(tables, "transversality-domains", value=72))
    )
    assert "sum-citizens-absent" not in ids(findings.wrong_totals(edited(tables, "citizens-absent-text", value=34)))
    assert "base-twinning-cities" not in ids(findings.oversized_bases(edited(tables, "twinning-cities", base=25)))
    assert ids(findings.budget_median(edited(tables, "budget-median", value=250_000))) == set()
    assert "impossible-citizens-10-chart" not in ids(
        findings.impossible_percentages(edited(tables, "citizens-10-chart", value=11))
    )


def test_examples_on_either_side_of_the_threshold(tables: Tables, everyone: pd.DataFrame) -> None:
    carriers = tables["facts"].query("indicator == 'carrier'")
    population = everyone["population"]
    alone = carriers.loc[carriers["value"] == "epci", "collectivity_id"]
    assert len(alone) == 2
    assert (population[alone] < 200_000).all()
    cities = carriers.loc[carriers["value"] == "city", "collectivity_id"]
    assert len(cities) == 4
    assert (population[cities] < 200_000).all()
    assert (population[everyone.loc[cities, "epci_id"]] > 200_000).all()
