"""The commands ``citydiplo survey …``: each part of the survey registers its own."""

import typer

from citydiplo.forms import commands as forms
from citydiplo.imports import survey_commands as answers
from citydiplo.reports import wave

survey_app = typer.Typer(no_args_is_help=True, help="Run the survey again: forms, answers, results.")

forms.register(survey_app)
answers.register(survey_app)
wave.register(survey_app)

app = typer.Typer()
app.add_typer(survey_app, name="survey")
