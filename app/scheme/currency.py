"""The money of a scheme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Currency:
    """The currency of a scheme and how many decimals its amounts may have."""

    code: str
    decimals: int
    symbol: Mapping[str, str]
