"""A hash of values and frames that is the same in every process, and another one if a single cell is."""

import hashlib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pandas as pd


def digest(value: Any) -> str:
    """SHA-256 of a value.

    Parameters
    ----------
    value : Any
        A dataclass or a dict, in which the same holds for each value; a frame of numbers, texts, and lists or tuples of
        these; or one of these. Sets are none: their order is not always the same.

    Returns
    -------
    str
        In hexadecimal digits. Of frames columns, types, index, order of rows and every cell count; a missing cell is
        no empty text, and 1 is neither « 1 » nor 1.0.
    """
    found = hashlib.sha256()
    for part in _parts(value):
        # What repr writes has no line break.
        found.update(part.encode("utf-8", "surrogatepass") + b"\n")
    return found.hexdigest()


def _parts(value: Any) -> Iterator[str]:
    if isinstance(value, pd.DataFrame):
        yield f"frame {value.shape} {value.columns.tolist()!r}"
        for axis in (value.columns, value.index):
            yield f"{axis.dtype} {axis.names!r} {axis.tolist()!r}"
        for _, column in value.items():
            yield f"{column.dtype} {column.tolist()!r}"
    elif isinstance(value, dict):
        yield f"dict {[*value]!r}"
        for part in value.values():
            yield from _parts(part)
    elif is_dataclass(value):
        yield type(value).__name__
        yield from _parts({field.name: getattr(value, field.name) for field in fields(value)})
    else:
        yield repr(value)
