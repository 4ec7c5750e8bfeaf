"""What went wrong, by the English of the errors; `{why}` is such a sentence itself, or what somebody else said."""

from __future__ import annotations

from collections.abc import Mapping

from events.finnish.failures_asked import ASKED
from events.finnish.failures_files import FILES
from events.finnish.failures_outside import OUTSIDE

FAILURES: Mapping[str, str] = {
    **OUTSIDE,
    **ASKED,
    **FILES,
    # The database
    "PostgreSQL does not answer: {why}": "PostgreSQL ei vastaa: {why}",
    "PostgreSQL says: {why} ({code})": "PostgreSQL sanoo: {why} ({code})",
    "The schema has just changed: {why}": "Tietokannan rakenne on juuri muuttunut: {why}",
    "PTM_DATABASE_URL (migrate: PTM_DATABASE_OWNER_URL) does not let us in. {why}": (
        "PTM_DATABASE_URL (migrate: PTM_DATABASE_OWNER_URL) ei päästä sisään. {why}"
    ),
    "This database login may only look: nothing was changed. What changes something needs PTM_DATABASE_URL "
    "with the worker's login (migrate: the owner's). {why}": (
        "Tämä tietokantatunnus saa vain katsoa: mitään ei muutettu. Muutokset vaativat työprosessin tunnuksen "
        "muuttujassa PTM_DATABASE_URL (migrate: omistajan). {why}"
    ),
    "The database is only read here, by --read-only or because it is a standby: nothing was changed. {why}": (
        "Tietokantaa vain luetaan täällä (--read-only tai varakanta): mitään ei muutettu. {why}"
    ),
    "A newer release has migrated the database ({migration}): start that release in place of this.": (
        "Uudempi versio on päivittänyt tietokannan ({migration}): käynnistä se tämän tilalle."
    ),
    "A newer release has written {type} {schema} to partition {partition}, position {position}: start that release in "
    "place of this.": (
        "Uudempi versio on kirjoittanut tapahtuman {type} {schema} osioon {partition}, kohtaan {position}: käynnistä "
        "se tämän tilalle."
    ),
    # The services
    "{what}: Procountor does not answer ({why})": "{what}: Procountor ei vastaa ({why})",
    "{what}: did not leave within {n} s: no room in the request budget, or too busy a machine": (
        "{what}: ei lähtenyt {n} sekunnissa: pyyntöjen budjetissa ei ollut tilaa, tai kone on liian kuormittunut"
    ),
    "{what}: Procountor answers {status}": "{what}: Procountor vastaa {status}",
    "The login opens company {opens}, not {meant}: nothing is read.": (
        "Kirjautuminen avaa yrityksen {opens} eikä yritystä {meant}: mitään ei lueta."
    ),
    "{what}: Procountor answers {status}: it knows the credentials no more, or the company does not"
    " allow API clients (Management > Company info > Usage settings > Integration settings)": (
        "{what}: Procountor vastaa {status}: se ei enää tunne tunnuksia, tai yritys ei salli rajapintaohjelmia "
        "(Hallinta > Yrityksen tiedot > Käyttöasetukset > Integraatioasetukset)"
    ),
    "{user} may not search sales invoices in {company}: give the user viewing rights to them.": (
        "{user} ei saa hakea myyntilaskuja yrityksessä {company}: anna käyttäjälle niihin katseluoikeudet."
    ),
    "Procountor's API key is empty.": "Procountorin API-avain on tyhjä.",
    "Trustmary's API key is empty.": "Trustmaryn API-avain on tyhjä.",
    "Trustmary answers {status}: it does not know this API key. See its Settings, Developers.": (
        "Trustmary vastaa {status}: se ei tunne tätä API-avainta. Katso sen kohdasta Settings, Developers."
    ),
    "Trustmary answered {status} to {call}.": "Trustmary vastasi {status} kutsuun {call}.",
    "Trustmary answered {status} to {call} with an HTML page.": (
        "Trustmary vastasi {status} kutsuun {call}, mutta HTML-sivulla."
    ),
    "Trustmary cannot be reached: {why}": "Trustmaryyn ei saada yhteyttä: {why}",
    "The key holds characters that no key has.": "Avaimessa on merkkejä, joita avaimissa ei ole.",
    "Nobody came back from Procountor's login page in time: begin again.": (
        "Kukaan ei palannut ajoissa Procountorin kirjautumissivulta: aloita alusta."
    ),
    "Procountor's login page answered: {why}.": "Procountorin kirjautumissivu vastasi: {why}.",
    "That is not the address of the page after the login: it ends in ?code=…&state=….": (
        "Se ei ole kirjautumisen jälkeisen sivun osoite: sen lopussa on ?code=…&state=…."
    ),
    "That address belongs to another login: begin again and use the newest link.": (
        "Osoite kuuluu toiseen kirjautumiseen: aloita alusta ja käytä uusinta linkkiä."
    ),
    "That login was used already, or is too old: begin again.": (
        "Kirjautuminen on jo käytetty tai liian vanha: aloita alusta."
    ),
    "Kafka does not answer: {why}": "Kafka ei vastaa: {why}",
    # Integrations
    "{company} is joined to {organization} already (integration {id}): add a trigger to it, "
    "or give it new credentials: ptm integration reconnect {same}.": (
        "{company} on jo yhdistetty organisaatioon {organization} (integraatio {id}): lisää siihen käynnistin tai anna "
        "sille uudet tunnukset: ptm integration reconnect {same}."
    ),
    "{name} has been removed.": "{name} on poistettu.",
    "{name} {known}: nothing was saved. Look again, then repeat.": (
        "{name} on muuttunut: mitään ei tallennettu. Katso uudelleen ja toista sitten."
    ),
    "No integration is called {wanted}.": "Minkään integraation nimi ei ole {wanted}.",
    "No integration has the label {label}; there are: {known}.": (
        "Millään integraatiolla ei ole tunnistetta {label}; tunnisteet ovat: {known}."
    ),
    "{name} has no Trustmary key any more: ptm integration reconnect --trustmary.": (
        "Integraatiolla {name} ei ole enää Trustmaryn avainta: ptm integration reconnect --trustmary."
    ),
    "{address} is not on the block list of {name}.": "{address} ei ole estolistalla ({name}).",
    "{label} is no label: write 1 to {longest} characters without a comma.": (
        "{label} ei kelpaa tunnisteeksi: kirjoita 1–{longest} merkkiä ilman pilkkua."
    ),
    "{text} is no limit: use a number of contacts within 24 hours, usual, or off.": (
        "{text} ei ole raja: anna kontaktien määrä 24 tunnissa, usual tai off."
    ),
    "{name} is being reconciled already: repeat this when that is done (ptm integration show).": (
        "{name} on jo täsmäytettävänä: toista, kun se on valmis (ptm integration show)."
    ),
    # Triggers
    "A trigger needs a name.": "Käynnistin tarvitsee nimen.",
    "A trigger needs at least one {word}.": "Käynnistin tarvitsee vähintään yhden arvon ({word}).",
    "The minimum {least} is more than the maximum {most}.": "Vähimmäissumma {least} on yli enimmäissumman {most}.",
    "{given} is no amount: write 100 or 100.50, or none.": "{given} ei ole summa: kirjoita 100, 100.50 tai none.",
    "{name} is mapped to {path}: {why}": "{name} saadaan kentästä {path}: {why}",
    "{name} is mapped to {path}, the same for everybody: use a path in it, {paths}": (
        "{name} on {path}, sama kaikille: käytä siinä kenttää, {paths}"
    ),
    "email is mapped to {path}, which may make up an address: take it as it stands somewhere, "
    "by first, only_if, trim and lower over paths alone": (
        "email on {path}, mikä voi keksiä osoitteen: ota se sellaisenaan jostakin kentästä, "
        "vain funktioilla first, only_if, trim ja lower"
    ),
    "at character {place}: {why}, not {found}": "merkissä {place}: {why}, ei {found}",
    "Procountor has no such field, and none was seen; {why}": "Procountorissa ei ole sellaista kenttää; {why}",
    "did you mean {close}?": "tarkoititko {close}?",
    "`ptm trigger fields` lists what there is.": "`ptm trigger fields` luettelee kentät.",
    "that holds several fields; name one of them, such as {one}.": (
        "siinä on useita kenttiä; nimeä niistä yksi, esimerkiksi {one}."
    ),
    "that may be a personal identity number; use customer.invoicingInfo.identifier.": (
        "se voi olla henkilötunnus; käytä kenttää customer.invoicingInfo.identifier."
    ),
    # Looking for something
    "/{written}/ is no regular expression: {why}.": "/{written}/ ei ole säännöllinen lauseke: {why}.",
    'There is no term {name}:, only {there}; put "{term}" in quotes to look for the text.': (
        'Ehtoa {name}: ei ole, vain {there}; pane "{term}" lainausmerkkeihin, jos etsit tekstiä.'
    ),
    "! turns words round, not {name}: leave it out.": "! kääntää sanat, ei ehtoa {name}: jätä se pois.",
    "customer:{text} is no number: give the customer's number in the register.": (
        "customer:{text} ei ole numero: anna asiakkaan numero rekisterissä."
    ),
    "{flag} can be said once.": "{flag} voidaan sanoa kerran.",
    "{said}: write 30m, 2h, 3d, or a time such as 2026-03-01T12:00.": (
        "{said}: kirjoita 30m, 2h, 3d tai aika, esimerkiksi 2026-03-01T12:00."
    ),
    "{flag} {text} is still to come: give a moment that has passed.": (
        "{flag} {text} on vasta tulossa: anna mennyt hetki."
    ),
    "There is no event type {one}: use {types}.": "Tapahtumalajia {one} ei ole: käytä {types}.",
    "Invoice {wanted} was never seen.": "Laskua {wanted} ei ole koskaan nähty.",
    "No invoice of customer {wanted} was seen: give the customer's number in the register.": (
        "Asiakkaan {wanted} laskuja ei ole nähty: anna asiakkaan numero rekisterissä."
    ),
    "No invoice was to add {wanted}; what was skipped is found by its invoice.": (
        "Mikään lasku ei johtanut osoitteen {wanted} lisäämiseen; ohitettu löytyy laskullaan."
    ),
    # Replays
    "Nothing of {name} was recorded in that window: choose a wider one.": (
        "Integraatiosta {name} ei ole tallennettu mitään siltä ajalta: valitse pidempi."
    ),
    "{name} has no live trigger: save one, or name a draft with --trigger.": (
        "Integraatiolla {name} ei ole käynnistintä käytössä: tallenna sellainen tai nimeä luonnos (--trigger)."
    ),
    "Nothing of {name} is decided yet: wait for a worker, or look at ptm status.": (
        "Integraatiosta {name} ei ole vielä ratkaistu mitään: odota työprosessia tai katso ptm status."
    ),
    "The rules have changed since the replay was planned: plan it again, ptm replay plan {company}.": (
        "Säännöt ovat muuttuneet suunnittelun jälkeen: suunnittele uudelleen, ptm replay plan {company}."
    ),
    "A replay needs a name and a reason: whoever reads the log later will ask.": (
        "Uusinta-ajo tarvitsee nimen ja syyn: lokin myöhempi lukija kysyy niitä."
    ),
    "The replay is {state}: cancel it first, ptm replay cancel {id}.": (
        "Uusinta-ajo on tilassa {state}: peru se ensin, ptm replay cancel {id}."
    ),
    "The replay is being undone already: see ptm replay list.": ("Uusinta-ajoa perutaan jo: katso ptm replay list."),
    "{n} contacts of the replay are not decided yet: is a worker running? Try again then.": (
        "{n} uusinta-ajon kontaktia on vielä ratkaisematta: onko työprosessi käynnissä? Yritä sitten uudelleen."
    ),
    "There is nothing to undo: the replay has put nobody on a list who could be taken off.": (
        "Ei ole mitään peruttavaa: uusinta-ajo ei ole lisännyt listalle ketään, jonka voisi ottaa pois."
    ),
    # Files
    "{file} cannot be written: {why}.": "Tiedostoa {file} ei voi kirjoittaa: {why}.",
}
"""Found by what an error says (`Words.told`), not said by it: who raises it speaks English, as logs do."""
