"""The colours of the figures: seen by every colour vision, and dark enough to read."""

from itertools import combinations

import numpy as np
import pytest
from colorspacious import cspace_convert, deltaE
from matplotlib.colors import to_rgb

from citydiplo import canvas, charts, graphs, maps, memberships, style

# What is told by colour alone, in one figure.
PALETTES = {
    "places": (style.BLUE, style.VERMILION),
    "methods": charts.METHODS,
    "this one and the others": (style.BLUE, style.BASE),
    "families of actors": tuple(graphs.FAMILIES.values()),
    "regions": maps.FILLS,
}
# What is told by a sign as well.
SIGNS = {"relations": graphs.RELATIONS, "roles": memberships.ROLES}
GROUNDS = ("#ffffff", style.NEIGHBOURS, *graphs.FAMILIES.values())
SURE = 10  # distance in CAM02-UCS that nobody overlooks; about 1 is the least that is seen


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(color)]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def contrast(one: str, other: str) -> float:
    """Contrast ratio as WCAG 2.1 defines it."""
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def seen(color: str, vision: str) -> np.ndarray:
    """How a colour looks to somebody who lacks a kind of cone (Machado, Oliveira and Fernandes 2009)."""
    if vision == "all cones":
        return np.array(to_rgb(color))
    space = {"name": "sRGB1+CVD", "cvd_type": vision, "severity": 100}
    return np.clip(cspace_convert(to_rgb(color), space, "sRGB1"), 0, 1)


def test_the_formula() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # the example of the W3C that just fails


@pytest.mark.parametrize("vision", ["all cones", "protanomaly", "deuteranomaly", "tritanomaly"])
@pytest.mark.parametrize("name", PALETTES)
def test_colours_are_told_apart(name: str, vision: str) -> None:
    looks = [seen(color, vision) for color in PALETTES[name]]
    assert min(deltaE(one, other, input_space="sRGB1") for one, other in combinations(looks, 2)) >= SURE


@pytest.mark.parametrize("name", SIGNS)
def test_many_colours_come_with_signs(name: str) -> None:
    colors, signs = zip(*SIGNS[name].values(), strict=True)
    assert len({*signs}) == len({*colors}) == len(SIGNS[name])


@pytest.mark.parametrize("ground", GROUNDS)
def test_text_is_dark_enough(ground: str) -> None:
    assert contrast(style.INK, ground) >= 4.5
    assert contrast(style.MUTED, ground) >= 4.5


@pytest.mark.parametrize(
    "color", [style.BLUE, style.VERMILION, style.MUTED, canvas.GREEN, canvas.PURPLE, canvas.ORANGE]
)
def test_marks_are_dark_enough(color: str) -> None:
    assert contrast(color, "#ffffff") >= 3


@pytest.mark.parametrize("color", [style.BLUE, style.VERMILION])
def test_marks_are_seen_on_maps(color: str) -> None:
    assert contrast(color, style.LAND) >= 3
