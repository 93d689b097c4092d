"""How many partnerships each option of each filter would show, the other filters as they are."""

from dataclasses import replace
from typing import Any

import numpy as np

from citydiplo.explorer.choice import COLLECTIVITY_FIELDS, PARTNERSHIP_FIELDS, Choice, Chosen, Material


def counts(material: Material, choice: Choice) -> dict[str, dict[str, int]]:
    """Count the partnerships of each option.

    Parameters
    ----------
    material : Material
    choice : Choice

    Returns
    -------
    dict
        Field of a `Choice` → code → partnerships that the choice would leave with this option alone in its field;
        options that would leave none are left out.
    """
    whole = material.chosen(choice)
    found = {}
    for name, field in (COLLECTIVITY_FIELDS | PARTNERSHIP_FIELDS).items():
        free: dict[str, Any] = {field: ()}
        lifted = material.chosen(replace(choice, **free)) if getattr(choice, field) else whole
        found[field] = _tally(lifted, name)
    return found


def _tally(chosen: Chosen, name: str) -> dict[str, int]:
    """As the counts of `Chosen.tally`, which makes a frame of each: here they are many, and at every click."""
    classes = chosen.material.classes[name]
    if name in COLLECTIVITY_FIELDS:
        homes, codes = classes.within(chosen.homes)
        left = np.bincount(chosen.material.home[chosen.kept], minlength=len(chosen.homes))
        numbers = np.bincount(codes, weights=left[homes], minlength=len(classes.labels))
    else:
        numbers = np.bincount(classes.within(chosen.kept)[1], minlength=len(classes.labels))
    return {code: int(number) for code, number in zip(classes.labels, numbers.tolist(), strict=True) if number}
