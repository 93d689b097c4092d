"""Budgets and staff of the survey, in each order of the classes."""

from citydiplo.data import Tables
from citydiplo.survey.resources import budget_orders, staff_orders


def test_median_budget_in_six_orders(tables: Tables) -> None:
    found = budget_orders(tables["published_figures"])
    assert len(found) == 6
    assert set(found["counts"].str[-1]) == {4}
    assert (round(found["median"].min(), -2), round(found["median"].max(), -2)) == (190_900, 281_800)
    # 300 000 € is reached only at the edge of the class.
    assert (found["low"] == 100_000).all()
    assert (found["high"] == 300_000).all()


def test_mean_staff_in_four_orders(tables: Tables) -> None:
    found = staff_orders(tables["published_figures"]).set_index("counts")
    assert set(found.index) == {(14, 11, 5, 4), (14, 5, 11, 4), (11, 14, 5, 4), (11, 5, 14, 4)}
    assert found.loc[[(14, 11, 5, 4)]].round(2).to_numpy().tolist() == [[4.53, 6.76]]
    assert ((found["low"] < 6) & (found["high"] > 6)).all()  # « about six » holds in each
