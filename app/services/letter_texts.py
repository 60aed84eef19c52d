"""The decision letters every installation begins with (scheme `demo`): reference data in both languages."""

from app.workflow import Outcome

_APPEAL_EN = (
    "# If you do not agree\n\n"
    "You may contest this decision within %(appeal_delay)s of the day you are notified of it. Write to us:"
    " give the number of this letter, say what you contest and why, and add what proves it."
)
_APPEAL_FR = (
    "# Si vous n’êtes pas d’accord\n\n"
    "Vous pouvez contester cette décision dans un délai de %(appeal_delay)s à compter du jour où elle vous"
    " est notifiée. Écrivez-nous\xa0: indiquez le numéro de cette lettre, ce que vous contestez et pourquoi,"
    " et joignez ce qui le prouve."
)
_COMPUTED_EN = "# The computation, line by line\n\n%(explanation)s"
_COMPUTED_FR = "# Le calcul, ligne par ligne\n\n%(explanation)s"
_REPLACES_EN = (
    "This decision replaces our decision of %(replaced_on)s (letter %(replaced_number)s), which no longer"
    " applies."
)
_REPLACES_FR = (
    "Cette décision remplace notre décision du %(replaced_on)s (lettre %(replaced_number)s), qui ne"
    " s’applique plus."
)

_APPROVED_EN = f"""Dear %(person)s,

On %(submitted_on)s you sent us your request %(reference)s (%(service)s). We have \
examined it and, on %(decided_on)s, we approved it.

{_REPLACES_EN}

# What this gives you

%(result)s

# Why

%(reason)s

{_APPEAL_EN}

{_COMPUTED_EN}"""

_APPROVED_FR = f"""Madame, Monsieur,

Vous nous avez adressé le %(submitted_on)s votre demande %(reference)s (%(service)s). Nous \
l’avons examinée et, le %(decided_on)s, nous l’avons accordée.

{_REPLACES_FR}

# Ce que cela vous apporte

%(result)s

# Motif

%(reason)s

{_APPEAL_FR}

{_COMPUTED_FR}"""

_REJECTED_EN = f"""Dear %(person)s,

On %(submitted_on)s you sent us your request %(reference)s (%(service)s). We have \
examined it and, on %(decided_on)s, we rejected it.

{_REPLACES_EN}

# Why

%(reason)s

{_APPEAL_EN}

{_COMPUTED_EN}"""

_REJECTED_FR = f"""Madame, Monsieur,

Vous nous avez adressé le %(submitted_on)s votre demande %(reference)s (%(service)s). Nous \
l’avons examinée et, le %(decided_on)s, nous l’avons refusée.

{_REPLACES_FR}

# Motif

%(reason)s

{_APPEAL_FR}

{_COMPUTED_FR}"""

_WITHDRAWN_EN = f"""Dear %(person)s,

On %(decided_on)s we withdrew our decision on your request %(reference)s (%(service)s). It no longer applies.

The decision withdrawn is the one of %(replaced_on)s (letter %(replaced_number)s).

# Why

%(reason)s

{_APPEAL_EN}"""

_WITHDRAWN_FR = f"""Madame, Monsieur,

Le %(decided_on)s, nous avons retiré notre décision sur votre demande %(reference)s (%(service)s). \
Elle ne s’applique plus.

La décision retirée est celle du %(replaced_on)s (lettre %(replaced_number)s).

# Motif

%(reason)s

{_APPEAL_FR}"""

TEXTS = (
    (
        Outcome.approve,
        "Votre demande %(reference)s est accordée",
        "Your request %(reference)s is approved",
        _APPROVED_FR,
        _APPROVED_EN,
    ),
    (
        Outcome.reject,
        "Votre demande %(reference)s est refusée",
        "Your request %(reference)s is rejected",
        _REJECTED_FR,
        _REJECTED_EN,
    ),
    (
        Outcome.withdraw_decision,
        "Retrait de notre décision sur votre demande %(reference)s",
        "Our decision on your request %(reference)s is withdrawn",
        _WITHDRAWN_FR,
        _WITHDRAWN_EN,
    ),
)
"""Outcome, subject in French and English, body in French and English."""
