"""How everything stands, as `ptm status` tells it to people and monitors."""

from __future__ import annotations

from collections.abc import Mapping

STATUS: Mapping[str, str] = {
    "events": "tapahtumat",
    "deliveries": "toimitukset",
    "integrations": "integraatiot",
    "partition": "osio",
    "not in Kafka": "ei Kafkassa",
    "oldest": "vanhin",
    "needs a person": "odottaa ihmistä",
    "since": "alkaen",
    "what to do": "mitä tehdä",
    "{n}; {undecided} undecided, {unrelayed} not in Kafka yet": (
        "{n}; {undecided} ratkaisematta, {unrelayed} ei vielä Kafkassa"
    ),
    "the oldest since {at}": "vanhin alkaen {at}",
    "{n} under way": "{n} matkalla",
    "{n} parked": "{n} pysäköity",
    "{host} {pid}, up since {at}": "{host} {pid}, käynnissä alkaen {at}",
    "none running": "yhtään ei ole käynnissä",
    # What waits for a person
    "Sending is held for {n} integrations since a restore: what was sent after {at} UTC is not in the log.": (
        "{n} integraation lähetys odottaa palautuksen jäljiltä: {at} UTC jälkeen lähetetty ei ole lokissa."
    ),
    "Look at the plan and release it: ptm release.": "Katso suunnitelma ja vapauta lähetys: ptm release.",
    "Start one: ptm worker.": "Käynnistä työprosessi: ptm worker.",
    "{n} deliveries are parked ({key}).": "{n} toimitusta on pysäköity ({key}).",
    "Look, then retry or discard: ptm delivery list --state parked.": (
        "Katso ja yritä sitten uudelleen tai hylkää: ptm delivery list --state parked."
    ),
    "{stage} fails in the worker {host} {pid}: {why}": "{stage} epäonnistuu työprosessissa {host} {pid}: {why}",
    "{name} is paused by the brake ({figures}); {n} calls wait.": (
        "{name} on jarrun pysäyttämä ({figures}); {n} kutsua odottaa."
    ),
    "Resume it when you are ready: ptm integration resume {id}.": ("Jatka, kun se sopii: ptm integration resume {id}."),
    "{name} has no trigger: nothing is sent.": "{name}: käynnistintä ei ole, joten mitään ei lähetetä.",
    "Save one: ptm trigger save {id}.": "Tallenna käynnistin: ptm trigger save {id}.",
    # One line for a monitor
    "{n} worker, nothing waits": "{n} työprosessi, mikään ei odota",
    "{n} workers, nothing waits": "{n} työprosessia, mikään ei odota",
    "{n} workers alive of {all}": "työprosesseja käynnissä {n}/{all}",
    "{name}: the login to {service} ends within {days} days.": (
        "{name}: kirjautuminen palveluun {service} päättyy {days} päivän kuluessa."
    ),
    "{n} connection broken": "{n} yhteys poikki",
    "{n} connections broken": "{n} yhteyttä poikki",
    "{n} integration held by the brake or since a restore": "{n} integraatio jarrun tai palautuksen pidättämänä",
    "{n} integrations held by the brake or since a restore": "{n} integraatiota jarrun tai palautuksen pidättäminä",
    "oldest undecided event {n} s old": "vanhin ratkaisematon tapahtuma {n} s vanha",
    "{n} delivery parked": "{n} toimitus pysäköity",
    "{n} deliveries parked": "{n} toimitusta pysäköity",
    "{n} login ends within {days} days": "{n} kirjautuminen päättyy {days} päivän kuluessa",
    "{n} logins end within {days} days": "{n} kirjautumista päättyy {days} päivän kuluessa",
}
