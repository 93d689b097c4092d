"""HTML for readers: every value that comes from data is escaped by the templates."""

from typing import Any

from IPython.display import HTML
from jinja2 import Environment, PackageLoader, StrictUndefined

_environment = Environment(
    loader=PackageLoader("citydiplo"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(template: str, **values: Any) -> HTML:
    """Fill a template of ``templates/`` and return it ready for display in a notebook."""
    return HTML(_environment.get_template(template).render(**values))
