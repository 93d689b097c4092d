"""Run the command line with ``python -m citydiplo``."""

from citydiplo.cli import app

app(prog_name="citydiplo")
