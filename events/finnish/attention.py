"""The screens of what waits for a person."""

from __future__ import annotations

from collections.abc import Mapping

ATTENTION: Mapping[str, str] = {
    "Attention": "Huomiota vaativat",
    "Urgency": "Kiire",
    "urgent": "kiireellinen",
    "Cause": "Syy",
    "How much": "Paljonko",
    "Since": "Alkaen",
    "Companies": "Yritykset",
    "Item": "Kohde",
    "Detail": "Lisätieto",
    "✔ Nothing waits for a person.": "✔ Mikään ei odota ihmistä.",
    "✔ Nothing of this waits any more.": "✔ Mikään tästä ei enää odota.",
    "{n} integration": "{n} integraatio",
    "{n} integrations": "{n} integraatiota",
    "The newest {n} of {of} are shown; what is done without a mark is done to all.": (
        "Näkyvissä uusimmat {n}/{of}; ilman merkintää toiminto koskee kaikkia."
    ),
    # Whose
    "Narrow": "Rajaa",
    "Only of one integration, or of all that have a label": "Vain yksi integraatio tai kaikki, joilla on tunniste",
    "Of which integrations?": "Mistä integraatioista?",
    "All integrations": "Kaikki integraatiot",
    "label": "tunniste",
    # Reconciling
    "Reconcile": "Täsmäytä",
    "Hold the log against Procountor and Trustmary now": "Vertaa lokia nyt Procountoriin ja Trustmaryyn",
    "Hold {n} integration against Procountor and Trustmary? Nothing is sent.": (
        "Täsmäytetäänkö {n} integraatio Procountoriin ja Trustmaryyn? Mitään ei lähetetä."
    ),
    "Hold {n} integrations against Procountor and Trustmary, one after the other? Nothing is sent.": (
        "Täsmäytetäänkö {n} integraatiota Procountoriin ja Trustmaryyn yksi kerrallaan? Mitään ei lähetetä."
    ),
    "{name}: {n} of {of} contacts looked up": "{name}: {n}/{of} kontaktia tarkistettu",
    "Reconciled {n} of {of}; something for a person in {wanting}.": (
        "Täsmäytetty {n}/{of}; ihmiselle jäi jotakin: {wanting}."
    ),
    # What ends it
    "Send again": "Lähetä uudelleen",
    "Send again in order: the marked ones, else all": "Lähetä järjestyksessä uudelleen merkityt, muuten kaikki",
    "Discard": "Hylkää",
    "Give up for good: the marked ones, else all": "Luovu lopullisesti merkityistä, muuten kaikista",
    "Resume": "Jatka",
    "Says what waits, then resumes the marked ones, else all": "Kertoo, mitä odottaa, ja jatkaa merkittyjä tai kaikkia",
    "Replay": "Uusinta-ajo",
    "Plan a replay of these, for the integration of this row": "Suunnittele näiden uusinta-ajo rivin integraatiolle",
    "Integration": "Integraatio",
    "The integration of this row": "Tämän rivin integraatio",
    "Send {n} delivery again?": "Lähetetäänkö {n} toimitus uudelleen?",
    "Send {n} deliveries again, in order, at half the pace?": (
        "Lähetetäänkö {n} toimitusta uudelleen, järjestyksessä ja puolella nopeudella?"
    ),
    "Nobody knows whether {n} of them arrived: who did may be asked twice.": (
        "Ei tiedetä, menikö niistä {n} perille: perille menneiltä voidaan kysyä kahdesti."
    ),
    "{n} delivery is sent again.": "{n} toimitus lähetetään uudelleen.",
    "{n} deliveries are sent again.": "{n} toimitusta lähetetään uudelleen.",
    "Discard {n} delivery? It is never sent.": "Hylätäänkö {n} toimitus? Sitä ei koskaan lähetetä.",
    "Discard {n} deliveries? They are never sent.": "Hylätäänkö {n} toimitusta? Niitä ei koskaan lähetetä.",
    "Why?": "Miksi?",
    "{n} delivery is discarded.": "{n} toimitus hylätty.",
    "{n} deliveries are discarded.": "{n} toimitusta hylätty.",
    "Resume {which}: {what}?": "Jatketaanko {which}: {what}?",
    "nothing waits": "mikään ei odota",
    "{n} decision waits": "{n} päätös odottaa",
    "{n} decisions wait": "{n} päätöstä odottaa",
    "{n} of the calls may start a survey": "kutsuista {n} voi käynnistää kyselyn",
    "{what}. What becomes of them?": "{what}. Mitä niille tapahtuu?",
    "decide again under today's rules; what waits of a replay is dropped: plan it again": (
        "ratkaise uudelleen nykyisillä säännöillä; odottava uusinta-ajo pudotetaan: suunnittele se uudelleen"
    ),
    "send as they were decided": "lähetä niin kuin ratkaistiin",
    "drop them: a replay can send them later": "pudota: uusinta-ajo voi lähettää ne myöhemmin",
    "{n} integration sends again.": "{n} integraatio lähettää taas.",
    "{n} integrations send again.": "{n} integraatiota lähettää taas.",
}
