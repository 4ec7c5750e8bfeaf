"""Why a service refuses an integration, and what ends it."""

from __future__ import annotations

from collections.abc import Mapping

from events.integration import Service
from events.reasons import Explained

REFUSALS: Mapping[tuple[Service, str], Explained] = {
    (Service.PROCOUNTOR, "credentials"): Explained(
        "Procountor knows the login no more, or the company does not allow API clients.",
        "In Procountor, Management > Company info > Usage settings > Integration settings has to allow them, and the"
        " company's package has to include the API. Then log in again.",
    ),
    (Service.PROCOUNTOR, "rights"): Explained(
        "The user may not read sales invoices any more, or the company's package does not include it.",
        "Give the user viewing rights to sales invoices, or log in again as somebody who has them.",
    ),
    (Service.TRUSTMARY, "credentials"): Explained(
        "Trustmary knows the key no more.",
        "Make a key in Trustmary (Settings, Developers) and give it here.",
    ),
    (Service.TRUSTMARY, "refused"): Explained(
        "Trustmary turns us away although it knows the key: it may be that the subscription has ended.",
        "Look at the subscription in Trustmary, then give the key again.",
    ),
}
OTHERWISE = Explained("The service refuses us.", "Give new credentials; if that does not help, ask the service.")


def explained(service: Service, reason: str | None) -> Explained:
    return REFUSALS.get((service, reason or ""), OTHERWISE)
