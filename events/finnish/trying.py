"""A trigger tried out, an integration let in again, and a file of configuration taken in."""

from __future__ import annotations

from collections.abc import Mapping

TRYING: Mapping[str, str] = {
    "Rehearse": "Harjoittele",
    "What it would have done with what the log has": "Mitä se olisi tehnyt lokissa olevalle",
    "Try out": "Kokeile",
    "Send one real contact, to an address of your own": "Lähetä yksi oikea kontakti omaan osoitteeseesi",
    "What {name} alone would have done in the last {n} days": "Mitä {name} olisi yksin tehnyt {n} viime päivän aikana",
    "{n} of {all} that met the status match": "{n} tilan täyttäneistä {all} täsmää",
    "{n} contact would be added": "{n} kontakti lisättäisiin",
    "{n} contacts would be added": "{n} kontaktia lisättäisiin",
    "Send one real contact to which address of your own?": "Mihin omaan osoitteeseesi yksi oikea kontakti lähetetään?",
    "{address} was added.": "{address} lisättiin.",
    "Not added: {why}": "Ei lisätty: {why}",
    "Send the contact of invoice {n} to {name}?": "Lähetetäänkö laskun {n} kontakti: {name}?",
    "This may start a survey.": "Tämä voi käynnistää kyselyn.",
    "That starts no survey by itself.": "Se ei itsessään käynnistä kyselyä.",
    # Let in again
    "Log in again": "Kirjaudu uudelleen",
    "New credentials for the integration of this row": "Uudet tunnukset tämän rivin integraatioon",
    "New credentials for Procountor or Trustmary": "Uudet tunnukset Procountoriin tai Trustmaryyn",
    "Log in again to which service?": "Mihin palveluun kirjaudutaan uudelleen?",
    "Use this for {name} from now on? Reading and sending go on where they stood.": (
        "Käytetäänkö tätä tästä lähtien: {name}? Lukeminen ja lähetys jatkuvat siitä mihin jäivät."
    ),
    "{name} is connected anew.": "{name} on yhdistetty uudelleen.",
    # Taken from a file
    "Import": "Tuo",
    "Make integrations as a file says, shown first": (
        "Tee integraatioista tiedoston mukaiset: muutokset näytetään ensin"
    ),
    "Which file, as exporting writes it? What changes is shown.": (
        "Mikä tiedosto, viennin muodossa? Muutokset näytetään ensin."
    ),
    "Nothing would change.": "Mikään ei muuttuisi.",
    "The file does not name {names}. What becomes of them?": "Tiedosto ei nimeä näitä: {names}. Mitä niille tehdään?",
    "keep them as they are": "jätä ne ennalleen",
    "remove them": "poista ne",
    "… and {n} lines more": "… ja {n} riviä lisää",
    "Save this in {n} integration?": "Tallennetaanko tämä {n} integraatioon?",
    "Save this in {n} integrations?": "Tallennetaanko tämä {n} integraatioon?",
    "{n} integration is saved.": "{n} integraatio tallennettiin.",
    "{n} integrations are saved.": "{n} integraatiota tallennettiin.",
    "{name} was not tried.": "{name}: ei yritetty.",
}
