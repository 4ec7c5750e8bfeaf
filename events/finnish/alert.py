"""Letters to those who are told of an integration's states, and of its week."""

from __future__ import annotations

from collections.abc import Mapping

ALERT: Mapping[str, str] = {
    # What it is about
    "the brake has stopped sending": "jarru pysäytti lähetyksen",
    "deliveries are parked": "toimituksia on pysäköity",
    "an outcome is unknown": "toimituksen tulos ei ole tiedossa",
    "sending waits since a restore": "lähetys odottaa palautuksen jälkeen",
    "{n} things need a person": "{n} asiaa vaatii toimia",
    # A state that lasts
    "What to do: {what}": "Mitä tehdä: {what}",
    "Whom to ask: {who}": "Keneltä kysyä: {who}",
    "- {name}, since {time}": "- {name}, alkaen {time}",
    "- and {n} more": "- ja {n} muuta",
    "This is told once. You are told again when it is over.": (
        "Tästä kerrotaan kerran. Kun tilanne on ohi, saat siitä uuden viestin."
    ),
    # What is over
    "Over: {what}": "Ohi: {what}",
    "This is over:": "Tämä on ohi:",
    "- {name}: {title}\n  from {since} to {until}": "- {name}: {title}\n  {since} – {until}",
    "Its beginning could not be told while it lasted.": "Alusta ei saatu viestiä perille tilanteen kestäessä.",
    "Nothing is to be done about it.": "Sille ei tarvitse tehdä mitään.",
    # The week
    "Week from {first} to {end}": "Viikko {first}–{end}",
    "Invoices sent: {n}": "Lähetettyjä laskuja: {n}",
    "Contacts added: {n}": "Lisättyjä kontakteja: {n}",
    "Held back: {n}": "Lisäämättä jäi: {n}",
    "Parked, waiting for a person now.": "Pysäköity ja odottaa nyt ihmistä.",
    "Held by the brake now.": "Odottaa nyt, koska jarru on pysäyttänyt lähetyksen.",
    "Trustmary refused the contact for good.": "Trustmary torjui kontaktin lopullisesti.",
    "Test of alerts: {name}": "Hälytysten kokeilu: {name}",
    "This is a test, which somebody asked for: nothing is wrong.": "Tämä on pyydetty kokeilu: mikään ei ole vialla.",
    "States of {name} that last are told here, once each, and again when they are over.": (
        "Tänne kerrotaan kestävistä tiloista ({name}), kustakin kerran, ja uudelleen, kun tila on ohi."
    ),
    "Nothing was sent, added or held back.": "Mitään ei lähetetty, lisätty eikä jäänyt lisäämättä.",
    "And {n} more integrations.": "Ja {n} muuta integraatiota.",
    # What operators said
    "alerts changed": "hälytykset muuttuivat",
    "alerts saved": "hälytykset tallennettu",
    "Alerts to": "Hälytykset",
    "recipients": "vastaanottajat",
}
