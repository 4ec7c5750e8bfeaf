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
    "held since a restore": "odottaa palautuksesta",
    "no trigger": "ei käynnistintä",
    "service away": "palvelu poissa",
    "sending rests": "lähetys lepää",
    "reading fails": "luku epäonnistuu",
    "as connected": "kytkemisjärjestys",
    "by name": "nimen mukaan",
    "what needs a person first": "ihmistä tarvitsevat ensin",
    "As connected, by name, or what needs a person first": "Kytkemisjärjestys, nimi tai ihmistä tarvitsevat ensin",
    "No company is connected yet. a: add the first one": "Yhtään yritystä ei ole kytketty. a: lisää ensimmäinen",
    "Add": "Lisää",
    "Connect another company, step by step": "Kytke uusi yritys vaihe vaiheelta",
    # Many at once
    "Pause the marked ones": "Pysäytä merkityt",
    "Resume": "Jatka",
    "Resume the marked ones, and say what becomes of what waits": "Jatka merkittyjä ja sano, mitä odottavalle tapahtuu",
    "Label": "Tunniste",
    "Give the marked ones a label, by which many are meant at once": (
        "Anna merkityille tunniste, jolla tarkoitetaan monta kerralla"
    ),
    "All of them are paused already.": "Kaikki ovat jo tauolla.",
    "Pause {n} integration? Nothing is sent until it is resumed.": (
        "Pysäytetäänkö {n} integraatio? Mitään ei lähetetä ennen jatkamista."
    ),
    "Pause {n} integrations? Nothing is sent until they are resumed.": (
        "Pysäytetäänkö {n} integraatiota? Mitään ei lähetetä ennen jatkamista."
    ),
    "{n} are paused now; {calls} calls wait.": "{n} on nyt tauolla; {calls} kutsua odottaa.",
    "None of them is paused.": "Yksikään ei ole tauolla.",
    "Resume {n} integration?": "Jatketaanko {n} integraatiota?",
    "Resume {n} integrations, whoever paused them?": "Jatketaanko {n} integraatiota, kuka ne pysäyttikin?",
    "{n} send again.": "{n} lähettää taas.",
    "{n} send again; somebody changed {names} meanwhile: still paused.": (
        "{n} lähettää taas; joku muutti sillä välin: {names}, yhä tauolla."
    ),
    "Which label for {n} integration?": "Mikä tunniste {n} integraatiolle?",
    "Which label for {n} integrations?": "Mikä tunniste {n} integraatiolle?",
    "Type a new one, or take one that there is.": "Kirjoita uusi tai ota olemassa oleva.",
    "Give {n} integration the label {label}?": "Annetaanko {n} integraatiolle tunniste {label}?",
    "Change settings of the marked ones, all at once": "Muuta merkittyjen asetuksia yhdellä kertaa",
    "Settings of {n} integration: an empty field leaves it as it is": (
        "{n} integraation asetukset: tyhjä kenttä jättää ennalleen"
    ),
    "Settings of {n} integrations: an empty field leaves each as it is": (
        "{n} integraation asetukset: tyhjä kenttä jättää kunkin ennalleen"
    ),
    "Save that for {n} integration?": "Tallennetaanko tämä {n} integraatiolle?",
    "Save that for {n} integrations?": "Tallennetaanko tämä {n} integraatiolle?",
    "The settings of {n} integration are saved.": "{n} integraation asetukset on tallennettu.",
    "The settings of {n} integrations are saved.": "{n} integraation asetukset on tallennettu.",
    "Give {n} integrations the label {label}?": "Annetaanko {n} integraatiolle tunniste {label}?",
    "{n} integration has the label now.": "{n} integraatiolla on nyt tunniste.",
    "{n} integrations have the label now.": "{n} integraatiolla on nyt tunniste.",
}
