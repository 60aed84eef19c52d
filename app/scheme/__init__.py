"""Benefit law as data: effective-dated YAML, and a small pure engine that evaluates and explains it.

Nothing here knows a country, a database, a web framework or the time of day.
"""

from .answers import answer, evaluate, explained, explained_text, record, replay
from .claims import Claim, parse_claim
from .contributions import Assessment, assess
from .errors import BadLaw, Problem
from .evaluation import run_claim
from .law import Law
from .loading import load, load_path, load_text, scheme_names
from .payroll import Payroll, assess_payroll
from .refusals import BadInput
from .results import Result

__all__ = [
    "Assessment",
    "BadInput",
    "BadLaw",
    "Claim",
    "Law",
    "Payroll",
    "Problem",
    "Result",
    "answer",
    "assess",
    "assess_payroll",
    "evaluate",
    "explained",
    "explained_text",
    "load",
    "load_path",
    "load_text",
    "parse_claim",
    "record",
    "replay",
    "run_claim",
    "scheme_names",
]
