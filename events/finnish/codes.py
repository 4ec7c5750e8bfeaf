"""Procountor's own words: statuses, documents, channels, languages."""

from __future__ import annotations

from collections.abc import Mapping

CODES: Mapping[str, str] = {
    # Statuses
    "Empty": "Tyhjä",
    "Unfinished": "Keskeneräinen",
    "Not sent": "Lähettämättä",
    "Sent": "Lähetetty",
    "Received": "Vastaanotettu",
    "Paid": "Maksettu",
    "Payment denied": "Maksukielto",
    "Verified": "Tarkastettu",
    "Approved": "Hyväksytty",
    "Invalidated": "Mitätöity",
    "Payment queued": "Maksujonossa",
    "Partly paid": "Osittain maksettu",
    "Payment sent to bank": "Maksu lähetetty pankkiin",
    "Marked paid": "Merkitty maksetuksi",
    "Started": "Aloitettu",
    "Invoiced": "Laskutettu",
    "Overridden": "Korvattu",
    "Deleted": "Poistettu",
    "Unsaved": "Tallentamaton",
    "Payment transaction removed": "Maksutapahtuma poistettu",
    # Documents
    "Sales invoice": "Myyntilasku",
    "Sales order": "Myyntitilaus",
    "Purchase invoice": "Ostolasku",
    "Purchase order": "Ostotilaus",
    "Travel invoice": "Matkalasku",
    "Bill of charges": "Kululasku",
    "Periodic tax return": "Kausiveroilmoitus",
    # Channels
    "Edifact": "Edifact",
    "Electronic invoice": "Verkkolasku",
    "Mail": "Posti",
    "No sending": "Ei lähetystä",
    "Paper invoice": "Paperilasku",
    # Languages
    "Danish": "Tanska",
    "English": "Englanti",
    "Estonian": "Viro",
    "Finnish": "Suomi",
    "Norwegian": "Norja",
    "Swedish": "Ruotsi",
}
