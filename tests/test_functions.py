"""Functions of the charts of accounts: function 04 is told from the others, and never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citydiplo.imports.functions import Function, canonical, zeros_kept

AMBIGUOUS = Function(ambiguous=True)
OTHER = Function()

# Codes as files have them, and anything else.
CODES = st.one_of(
    st.from_regex(r"[ ]?(90|92|93)?0?4?[0-9]{0,4}( - Autres|\.0)?[ ]?", fullmatch=True),
    st.integers().map(str),
    st.text(),
)


@pytest.mark.parametrize(
    ("code", "function", "section"),
    [
        ("04", "04", None),
        ("048", "048", None),
        (" 044 ", "044", None),
        ("04812", "04812", None),
        ("90048", "048", "investment"),
        ("92041", "041", "operating"),
        ("9304", "04", "operating"),
    ],
)
@pytest.mark.parametrize("zeros", [True, False])
def test_function_04(code: str, function: str, section: str | None, zeros: bool) -> None:
    assert canonical(code, zeros) == Function(function, section)


@pytest.mark.parametrize("code", ["", "0", "01", "020", "52", "411", "422", "5048", "94048", "904048x", "140", "NV"])
@pytest.mark.parametrize("zeros", [True, False])
def test_other_functions(code: str, zeros: bool) -> None:
    assert canonical(code, zeros) == OTHER


@pytest.mark.parametrize("code", ["4", "41", "44", "47", "4.0", "904", "9341"])
def test_a_lost_zero_is_never_guessed(code: str) -> None:
    assert canonical(code, zeros=False) == AMBIGUOUS
    assert canonical(code, zeros=True) == OTHER


@pytest.mark.parametrize(
    "code", ["48", "48.0", "9048", "9348", "481", "48 - Autres", "048 - Autres actions", "0480000"]
)
@pytest.mark.parametrize("zeros", [True, False])
def test_what_no_chart_of_accounts_has_is_ambiguous(code: str, zeros: bool) -> None:
    assert canonical(code, zeros) == AMBIGUOUS


@pytest.mark.parametrize(
    ("codes", "kept"),
    [
        (["", "411", "020"], True),
        (["934", "93048"], True),
        (["20", "411", "48", "0"], False),
        (["930", "934", "90"], False),
        ([], False),
    ],
)
def test_one_code_shows_that_zeros_are_kept(codes: list[str], kept: bool) -> None:
    assert zeros_kept(codes) is kept


@given(CODES, st.booleans())
def test_canonical_is_idempotent(code: str, zeros: bool) -> None:
    function = canonical(code, zeros).code
    if function is not None:
        assert canonical(function, zeros) == Function(function)


@given(CODES, st.booleans())
def test_never_guesses(code: str, zeros: bool) -> None:
    """A function is what is printed, but for a prefix; and what was printed with a zero stays or is told."""
    function, section, ambiguous = canonical(code, zeros)
    if function is not None:
        assert not ambiguous
        assert code.strip().removesuffix(".0").endswith(function)
        assert function.startswith("04")
        assert (section is None) == (len(code.strip().removesuffix(".0")) == len(function))
    elif code.strip().startswith("04"):
        assert ambiguous


@given(st.from_regex(r"(90|92|93)?04[0-9]{0,3}", fullmatch=True), st.booleans())
def test_without_its_zero_a_function_is_ambiguous_or_another(code: str, zeros: bool) -> None:
    assert canonical(code.replace("04", "4", 1), zeros) in (AMBIGUOUS, OTHER)
