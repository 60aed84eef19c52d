"""Who pays a contribution, and amounts by branch and payer."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from .values import decimal_text

PAYERS = ("employee", "employer")


def amounts_as_text(amounts: Mapping[tuple[str, str], Decimal]) -> dict[str, dict[str, str]]:
    """Amounts by branch and payer as the contract says them; who pays nothing of a branch pays 0."""
    result: dict[str, dict[str, str]] = {}
    for (branch, payer), value in amounts.items():
        result.setdefault(branch, dict.fromkeys(PAYERS, "0"))[payer] = decimal_text(value)
    return result
