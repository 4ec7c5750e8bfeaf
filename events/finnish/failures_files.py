"""What is wrong with a file of configuration, by the English of the errors."""

from __future__ import annotations

from collections.abc import Mapping

FILES: Mapping[str, str] = {
    "{file} cannot be read: {why}.": "Tiedostoa {file} ei voi lukea: {why}.",
    "{file} was left as it is: {why}.": "Tiedosto {file} jätettiin ennalleen: {why}.",
    "it also has {name}, which would be lost: export that too, or to another file": (
        "siinä on myös {name}, joka katoaisi: vie sekin, tai toiseen tiedostoon"
    ),
    "its tests of {trigger} would be lost, since {name} has no such trigger any more: take them out, or export to "
    "another file": (
        "sen testit käynnistimelle {trigger} katoaisivat, koska integraatiolla {name} ei ole sitä enää: ota ne pois, "
        "tai vie toiseen tiedostoon"
    ),
    "{file} is empty.": "{file} on tyhjä.",
    "{file} goes too deep.": "{file} on liian syvä.",
    "{file} is no YAML: {why}.": "{file} ei ole YAMLia: {why}.",
    "{file}, line {line}: {why}.": "{file}, rivi {line}: {why}.",
    "this is an alias of what it stands in": "tämä on viittaus siihen, minkä sisällä se on",
    "the tag {tag} is not read here": "merkintää {tag} ei lueta täällä",
    "a name is a text; put it in quotes": "nimi on teksti; pane se lainausmerkkeihin",
    "{key} stands twice": "{key} on kahdesti",
    "a number of more than {n} digits is not read here": "yli {n} numeron lukua ei lueta täällä",
    "{value} with the tag {tag} is not read here": "arvoa {value} merkinnällä {tag} ei lueta täällä",
    "{at}: {expected} was expected, not {found}.": "{at}: odotettiin muuta kuin {found} ({expected}).",
    "{at}: there is no such key here; {why}": "{at}: tällaista avainta ei ole; {why}",
    "use {known}.": "käytä {known}.",
    "{at}: {key} is missing.": "{at}: {key} puuttuu.",
    "{at}: who is skipped has no contact; write skip alone, or the contact alone.": (
        "{at}: ohitetulla ei ole kontaktia; kirjoita pelkkä skip tai pelkkä kontakti."
    ),
    "{at}two triggers are called {name}; a file tells triggers by name: rename one.": (
        "{at}kahden käynnistimen nimi on {name}; tiedosto tuntee ne nimestä: nimeä toinen uudelleen."
    ),
    "integrations[{number}]: company {company} and {organization} stand twice in the document.": (
        "integrations[{number}]: yritys {company} ja {organization} ovat asiakirjassa kahdesti."
    ),
    "{at}.draft_of: no other trigger of this integration is called {name} here.": (
        "{at}.draft_of: tällä integraatiolla ei ole toista käynnistintä nimeltä {name}."
    ),
    "The document does not name {names}.": "Asiakirjassa ei ole: {names}.",
    "{name} ({company}) is not connected to {organization} here: connect it first, or say with --integration or "
    "--label which ones are meant.": (
        "{name} ({company}) ei ole täällä yhdistetty organisaatioon {organization}: yhdistä se ensin, tai sano "
        "valinnalla --integration tai --label, mitä tarkoitetaan."
    ),
    "Trustmary has no {what} {id}{named}; it has: {known}.": (
        "Trustmaryssa ei ole kohdetta {id}{named}; siellä on: {known}."
    ),
    "{what} {id} is called {name} in Trustmary and {written} here: correct the id or the name.": (
        "kohteen {id} nimi on Trustmaryssa {name} ja täällä {written}: korjaa tunnus tai nimi."
    ),
    "integrations[{number}]: {why}": "integrations[{number}]: {why}",
    "{at}: {why}": "{at}: {why}",
}
"""The last one is for whatever begins with the place that it is about."""
