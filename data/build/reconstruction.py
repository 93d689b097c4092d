"""
Rebuild ``data/survey/reconstructed_2021.csv``: synthetic respondents whose tables give back the figures of 2021.

    python data/build/reconstruction.py

The same seed gives the same bytes.
"""

from citydiplo import data, folders
from citydiplo.schemas import table_path
from citydiplo.survey import questionnaire
from citydiplo.survey.reconstruction import reconstruct


def main() -> None:
    """Write the table."""
    tables = {name: data.load_table(name) for name in ("published_figures", "questionnaire", "labels")}
    rows = reconstruct(tables["published_figures"], questionnaire.load(tables))
    path = folders.data_folder() / table_path("reconstructed_2021")
    path.write_text(rows.to_csv(index=False, lineterminator="\n"), encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
