"""The screen of the workers."""

from __future__ import annotations

from collections.abc import Mapping

WORKERS: Mapping[str, str] = {
    "Workers": "Työprosessit",
    "Host": "Kone",
    "Process": "Prosessi",
    "Version": "Versio",
    "Runs for": "Käynnissä",
    "Seen": "Nähty",
    "Memory": "Muisti",
    "Partitions": "Osiot",
    "Last error": "Viimeisin virhe",
    "runs": "käynnissä",
    "fails": "virheitä",
    "not seen": "ei nähty",
    "Partition": "Osio",
    "Not in Kafka": "Ei Kafkassa",
    "Undecided": "Avoinna",
    "Trend": "Suunta",
    "Oldest": "Vanhin",
    "Heard by": "Kuuntelija",
    "stands still": "pysähdyksissä",
    "{n} events in the log": "{n} tapahtumaa lokissa",
    "{n} not told to Kafka yet": "{n} vielä kertomatta Kafkalle",
    "{n} undecided": "{n} ratkaisematta",
    "heard by {worker}": "kuuntelija: {worker}",
    "nobody: it is decided from the database": "ei kukaan: ratkaistaan tietokannasta",
    "No worker is running: nothing is read, decided or sent. Start one: ptm worker": (
        "Yhtään työprosessia ei ole käynnissä: mitään ei lueta, ratkaista eikä lähetetä. Käynnistä: ptm worker"
    ),
    "Trustmary did not serve {name} {n} times: nothing is sent there": (
        "Trustmary ei palvellut organisaatiota {name} {n} kertaa: sinne ei lähetetä"
    ),
    "tried again in {n} s": "yritetään taas {n} s kuluttua",
    "failed {n} times": "epäonnistui {n} kertaa",
    "turns": "pyörii",
    "{turns} turns, {done} done": "{turns} kierrosta, {done} tehty",
    "Events decided a second, last {n} min": "Tapahtumia ratkaistu sekunnissa, viimeiset {n} min",
    "From change to Trustmary's answer, last {n} min": "Muutoksesta Trustmaryn vastaukseen, viimeiset {n} min",
    "Decided": "Ratkaistu",
    "Took": "Kesto",
    "latest {newest}, at most {most} in {n} min": "viimeksi {newest}, enintään {most} ({n} min)",
    # What each loop does
    "asks Procountor what has changed, and records it": "kysyy Procountorista muutokset ja kirjaa ne",
    "looks which logins end soon, and tells it ahead": "katsoo, mitkä kirjautumiset päättyvät pian, ja kertoo siitä",
    "holds each company against both services once a week": "täsmäyttää joka yrityksen kerran viikossa",
    "tells the log to Kafka": "kertoo lokin Kafkalle",
    "decides what Kafka brings: whom to add, and why not": "ratkaisee Kafkan tuomat: kenet lisätään ja miksi ei",
    "decides from the database what Kafka does not bring": "ratkaisee tietokannasta sen, mitä Kafka ei tuo",
    "asks for what a replay has planned, batch by batch": "pyytää uusinta-ajon suunnittelemat erä kerrallaan",
    "carries contacts to Trustmary, at each organization's pace": "vie kontaktit Trustmaryyn organisaation tahdissa",
    "tells whoever is to know of states that last": "kertoo kestävistä tiloista niille, joiden pitää tietää",
}
