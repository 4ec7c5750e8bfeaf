"""The home screen."""

from __future__ import annotations

from collections.abc import Mapping

INTEGRATIONS: Mapping[str, str] = {
    "Integrations": "Integraatiot",
    "Company": "Yritys",
    "Organization": "Organisaatio",
    "State": "Tila",
    "Triggers": "Käynnistimet",
    "Invoice": "Lasku",
    "Contact": "Kontakti",
    "Waiting": "Odottaa",
    "Last 24 hours": "Viimeiset 24 h",
    "active": "käytössä",
    "paused": "tauolla",
    "removed": "poistettu",
    "connection refused": "yhteys evätty",
    "deliveries parked": "toimituksia pysäköity",
    "held by the brake": "jarrun pidättämä",
    "no trigger": "ei käynnistintä",
    "reading fails": "luku epäonnistuu",
    "as connected": "kytkemisjärjestys",
    "by name": "nimen mukaan",
    "what needs a person first": "ihmistä tarvitsevat ensin",
    "As connected, by name, or what needs a person first": "Kytkemisjärjestys, nimi tai ihmistä tarvitsevat ensin",
    "No company is connected yet. a: add the first one": "Yhtään yritystä ei ole kytketty. a: lisää ensimmäinen",
    "Add": "Lisää",
    "Connect another company, step by step": "Kytke uusi yritys vaihe vaiheelta",
}
