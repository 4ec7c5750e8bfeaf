"""What somebody asked for that cannot be, by the English of the errors: addresses, rules, windows, files."""

from __future__ import annotations

from collections.abc import Mapping

ASKED: Mapping[str, str] = {
    # What is wrong with an e-mail address
    "There is nothing in it.": "Siinä ei ole mitään.",
    "It has no @.": "Siinä ei ole @-merkkiä.",
    "It has more than one @: one address is wanted.": "Siinä on useita @-merkkejä: tarvitaan yksi osoite.",
    "It has brackets or quotes: the address alone is wanted.": (
        "Siinä on sulkeita tai lainausmerkkejä: tarvitaan pelkkä osoite."
    ),
    "It has a space in it.": "Siinä on välilyönti.",
    "It has a dot too many.": "Siinä on piste liikaa.",
    "Nothing stands before the @.": "@-merkin edessä ei ole mitään.",
    "Nothing stands after the @.": "@-merkin jäljessä ei ole mitään.",
    "What stands after the @ has no dot, so it is no domain.": (
        "@-merkin jälkeisessä osassa ei ole pistettä, joten se ei ole verkkotunnus."
    ),
    "It is too long.": "Se on liian pitkä.",
    "It has a character before the @ that no address has.": ("Ennen @-merkkiä on merkki, jota osoitteissa ei ole."),
    "What stands after the @ is a name that gets no mail.": ("@-merkin jälkeinen verkkotunnus ei ota postia vastaan."),
    "What stands after the @ is no domain.": "@-merkin jälkeinen osa ei ole verkkotunnus.",
    "{text} is neither an address nor a domain such as @example.fi: {why}": (
        "{text} ei ole osoite eikä verkkotunnus, kuten @example.fi: {why}"
    ),
    "{email} is no valid address ({why}), and only valid ones are ever added: look for what was skipped for it by the "
    "invoice's number, ptm why NUMBER.": (
        "{email} ei ole kelvollinen osoite ({why}), ja vain kelvollisia lisätään: etsi sen takia ohitettua laskun "
        "numerolla, ptm why NUMERO."
    ),
    "{email} is on the block list of {name}: nothing is sent there.": (
        "{email} on estolistalla ({name}): sinne ei lähetetä mitään."
    ),
    "--send-to {own}: {why}": "--send-to {own}: {why}",
    "{email}: {why} Nothing was sent.": "{email}: {why} Mitään ei lähetetty.",
    # An activation link
    "The address of an activation ends in one number, the request's: give that address, or the number.": (
        "Aktivoinnin osoite päättyy yhteen numeroon, pyynnön numeroon: anna se osoite tai numero."
    ),
    "Company {company} is not among those of activation {number}.": "Yritys {company} ei kuulu aktivointiin {number}.",
    "Procountor does not let this login answer activations: give the API key of your own company, the one with the API "
    "Integrator tool (PTM_PROCOUNTOR_INTEGRATOR_KEY).": (
        "Procountor ei anna tämän tunnuksen vastata aktivointeihin: anna oman yrityksesi API-avain, sen, jolla on API "
        "Integrator -työkalu (PTM_PROCOUNTOR_INTEGRATOR_KEY)."
    ),
    "Procountor has no such activation any more: it was answered already, or has expired. Ask the customer to follow "
    "the link again.": (
        "Procountorissa ei ole enää sellaista aktivointia: siihen on jo vastattu, tai se on vanhentunut. Pyydä "
        "asiakasta avaamaan linkki uudelleen."
    ),
    "{why} Look again: if activation {number} is gone, it was answered, and its keys are lost on the way. Then ask the "
    "customer to follow the link again.": (
        "{why} Katso uudelleen: jos aktivointia {number} ei enää ole, siihen on vastattu ja avaimet ovat kadonneet "
        "matkalla. Pyydä silloin asiakasta avaamaan linkki uudelleen."
    ),
    "The key opens {name} ({id}), not company {other}.": "Avain avaa yrityksen {name} ({id}), ei yritystä {other}.",
    "The key opens {name} ({id}), not {other}.": "Avain avaa organisaation {name} ({id}), ei organisaatiota {other}.",
    # Who is told
    "{text} is no e-mail address that could be told: {why}": (
        "{text} ei ole sähköpostiosoite, johon voisi lähettää hälytyksiä: {why}"
    ),
    "That is no webhook's address: write https://host/path, without a name before the host.": (
        "Tuo ei ole webhookin osoite: kirjoita https://palvelin/polku ilman käyttäjänimeä palvelimen edessä."
    ),
    "The webhook {host} {id} is not known here: write its whole address.": (
        "Webhookia {host} {id} ei tunneta täällä: kirjoita sen koko osoite."
    ),
    "{name} tells nobody called {text}; it tells: {known}.": (
        "{name} ei lähetä hälytyksiä kohteelle {text}; kohteet: {known}."
    ),
    "{at}: say email, or webhook, and id only with webhook.": (
        "{at}: sano email tai webhook, ja id vain webhookin kanssa."
    ),
    # Integrations and their past
    "There is no integration {id}.": "Integraatiota {id} ei ole.",
    "No integration is called {wanted} ({known}).": "Minkään integraation nimi ei ole {wanted} ({known}).",
    "No integration has an id that begins with {word}.": "Minkään integraation tunnus ei ala: {word}.",
    "{word} is the beginning of more than one id: give it whole.": (
        "{word} on useamman tunnuksen alku: anna tunnus kokonaan."
    ),
    "{organization} is no one organization; there are: {known}. Give the id.": (
        "{organization} ei ole mikään yksi organisaatio; ne ovat: {known}. Anna tunnus."
    ),
    "{wanted} may mean {n} integrations: {which}. Give the id.": (
        "{wanted} voi tarkoittaa {n} integraatiota: {which}. Anna tunnus."
    ),
    "{name} has {n} triggers called {wanted}; it has: {known}.": (
        "Integraatiolla {name} ei ole yhtä käynnistintä nimeltä {wanted}; sillä on: {known}."
    ),
    "{name} does not have the label {label}; it has: {known}.": (
        "Integraatiolla {name} ei ole tunnistetta {label}; sillä on: {known}."
    ),
    "Name an integration, or give --label LABEL for all that have it.": (
        "Nimeä integraatio, tai anna --label TUNNISTE kaikille, joilla se on."
    ),
    "{name} is removed: there is nothing to hold its log against.": (
        "{name} on poistettu: ei ole mitään, mihin sen lokia verrata."
    ),
    "{name} has been removed: connect the company again.": "{name} on poistettu: yhdistä yritys uudelleen.",
    "Nothing to reconnect: give new credentials for Procountor, Trustmary or both.": (
        "Ei uudelleen yhdistettävää: anna uudet tunnukset Procountoriin, Trustmaryyn tai molempiin."
    ),
    "These credentials open {company} ({id}), not {other} ({theirs}). Log in again and choose the right company, or "
    "connect the other one with the same rules: ptm integration connect --like {like}.": (
        "Nämä tunnukset avaavat yrityksen {company} ({id}), eivät yritystä {other} ({theirs}). Kirjaudu uudelleen ja "
        "valitse oikea yritys, tai yhdistä toinen samoin säännöin: ptm integration connect --like {like}."
    ),
    "This key opens {organization} ({id}), not {other} ({theirs}). Give that organization's key, or connect the "
    "other one with the same rules: ptm integration connect --like {like}.": (
        "Tämä avain avaa organisaation {organization} ({id}), ei organisaatiota {other} ({theirs}). Anna sen avain, "
        "tai yhdistä toinen samoin säännöin: ptm integration connect --like {like}."
    ),
    "--like takes triggers and settings as {like} has them, for one company: give no other, and change them "
    "afterwards.": (
        "--like ottaa laukaisimet ja asetukset niin kuin ne ovat integraatiossa {like}, yhdelle yritykselle: älä anna "
        "muita, vaan muuta niitä jälkeenpäin."
    ),
    "{n} triggers are or were called {wanted}; there were: {known}.": (
        "Nimellä {wanted} ei ole eikä ollut yhtä käynnistintä; olivat: {known}."
    ),
    "{name} was not there then: it was first saved at {at} UTC.": (
        "{name} ei ollut silloin olemassa: se tallennettiin ensin {at} UTC."
    ),
    "{name} has no version {position}: it has {numbers}.": "{name}: versiota {position} ei ole, on {numbers}.",
    "Version {position} removed {name}: restore one of {numbers}.": (
        "Versio {position} poisti käynnistimen {name}: palauta jokin näistä: {numbers}."
    ),
    "{name} is as version {position} left it: there is nothing to restore.": (
        "{name} on niin kuin versio {position} sen jätti: ei palautettavaa."
    ),
    # Triggers
    "{name} is a draft already: change it with ptm trigger save.": (
        "{name} on jo luonnos: muuta sitä, ptm trigger save."
    ),
    "{name} is live already.": "{name} on jo käytössä.",
    "A trigger that is removed cannot decide again: send what waits, or drop it.": (
        "Poistettava käynnistin ei voi ratkaista uudelleen: lähetä odottavat tai pudota ne."
    ),
    "{name} is a draft of another trigger: put it in force with ptm trigger promote.": (
        "{name} on toisen käynnistimen luonnos: ota se käyttöön, ptm trigger promote."
    ),
    "What becomes of a contact that exists is `update` or `leave`, not {given}.": (
        "Olemassa olevalle kontaktille käy `update` tai `leave`, ei {given}."
    ),
    "Procountor knows no {word} {one}: use {known}.": "Procountor ei tunne arvoa {one} ({word}): käytä {known}.",
    "The destination names no list.": "Kohteessa ei ole listaa.",
    "A survey is reached by its list: name both.": "Kysely tavoitetaan listallaan: nimeä molemmat.",
    "The destination names no automation.": "Kohteessa ei ole automaatiota.",
    "A trigger has one destination: contact only, lists, a survey, or an automation.": (
        "Käynnistimellä on yksi kohde: vain kontakti, listat, kysely tai automaatio."
    ),
    "A survey is reached by its list: say which one is {name}'s with one --list.": (
        "Kysely tavoitetaan listallaan: sano yhdellä --list, mikä on kyselyn {name} lista."
    ),
    "Trustmary has {n} {what}s called {wanted}: give the id.": (
        "Trustmaryssa on {n} kohdetta nimeltä {wanted}: anna tunnus."
    ),
    "Trustmary has no {what} called {wanted}; it has: {known}.": (
        "Trustmaryssa ei ole kohdetta {wanted}; siellä on: {known}."
    ),
    "{one} is no id of Procountor's: give a number.": "{one} ei ole Procountorin tunnus: anna numero.",
    "the mapping has no e-mail: map `email`, for example to person.email": (
        "kohdistuksessa ei ole sähköpostia: kohdista `email`, esimerkiksi kenttään person.email"
    ),
    "no rule chooses a person: name at least one of {known}": (
        "mikään sääntö ei valitse henkilöä: nimeä jokin näistä: {known}"
    ),
    "Trustmary has no contact field {name}: use {known} or a custom field, field_NAME": (
        "Trustmaryssa ei ole kontaktin kenttää {name}: käytä {known} tai omaa kenttää, field_NIMI"
    ),
    "--map {one}: write FIELD=PATH, such as phone=person.phone; FIELD= takes one away.": (
        "--map {one}: kirjoita KENTTÄ=POLKU, kuten phone=person.phone; KENTTÄ= poistaa."
    ),
    "nothing more was expected": "loppua odotettiin",
    "a text without line breaks and control characters was expected": (
        "odotettiin tekstiä ilman rivinvaihtoja ja ohjausmerkkejä"
    ),
    "use one of {known}": "käytä jotakin näistä: {known}",
    "at most {n} transformations stand inside each other": "sisäkkäin voi olla enintään {n} muunnosta",
    "{word} goes on with {marks}": "{word} jatkuu merkillä {marks}",
    "No invoice in the log of {name} would be added by {trigger}, so there is no contact to send: "
    "ptm trigger test says why.": (
        "Käynnistin {trigger} ei lisäisi mitään laskua lokista ({name}), joten lähetettävää ei ole: ptm trigger test "
        "kertoo miksi."
    ),
    # Looking for something
    "{wanted} is no invoice number: give the number, or Procountor's id, in digits.": (
        "{wanted} ei ole laskun numero: anna numero tai Procountorin tunnus."
    ),
    "{company} was read up to its changes of {cursor}.": "{company} on luettu muutoksiin {cursor} asti.",
    "Reading of {company} has failed since {at}: {why}.": "{company}: lukeminen on epäonnistunut {at} alkaen: {why}.",
    "Unchanged invoices from before connecting are not read, unless they still wait to be sent: a replay's plan reads "
    "them where that is asked for (--backfill).": (
        "Yhdistämistä vanhempia muuttumattomia laskuja ei lueta, elleivät ne vielä odota lähetystä: uusinta-ajon "
        "suunnitelma lukee ne, kun sitä pyydetään (--backfill)."
    ),
    "{said} is no day: write 2026-11-01.": "{said} ei ole päivä: kirjoita 2026-11-01.",
    "{text} names no lines: write numbers and ranges, such as 1-20,25.": (
        "{text} ei nimeä rivejä: kirjoita numeroita ja välejä, kuten 1-20,25."
    ),
    "{text} is no position: give a number.": "{text} ei ole kohta: anna numero.",
    "{text} is no number: write numbers, separated by commas.": (
        "{text} ei ole numero: kirjoita numeroita pilkuin erotettuina."
    ),
    "{text} is no number of days: write 0 or more.": "{text} ei ole päivien määrä: kirjoita 0 tai enemmän.",
    "{text} is no number of days: write 1 to {most}, or nothing.": (
        "{text} ei ole päivien määrä: kirjoita 1–{most} tai ei mitään."
    ),
    "What was read is recorded, and no worker has come to it yet: plan again when one runs.": (
        "Luettu on kirjattu, eikä työprosessi ole vielä ehtinyt siihen: suunnittele uudelleen, kun sellainen on "
        "käynnissä."
    ),
    "{name} is removed: there is no past to be read.": "{name} on poistettu: luettavaa mennyttä ei ole.",
    "Write a number of days: 0 or more.": "Kirjoita päivien määrä: 0 tai enemmän.",
    "Write {answers}.": "Kirjoita {answers}.",
    "Write something.": "Kirjoita jotakin.",
    # Replays
    "{name} has no Procountor credentials any more: reconnect it, or plan without them.": (
        "Integraatiolla {name} ei ole enää Procountorin tunnuksia: kirjaudu uudelleen tai suunnittele ilman niitä."
    ),
    "Procountor refuses what is asked of {name} ({refused}): ptm integration show says what to do; or plan with the "
    "customers as they were seen.": (
        "Procountor torjuu kyselyt yritykseltä {name} ({refused}): ptm integration show kertoo, mitä tehdä; tai "
        "suunnittele asiakastiedoilla sellaisina kuin ne nähtiin."
    ),
    "Procountor does not let {name} read the customer register: give its user viewing rights there, or plan with the "
    "customers as they were seen.": (
        "Procountor ei anna integraation {name} lukea asiakasrekisteriä: anna sen käyttäjälle katseluoikeus tai "
        "suunnittele asiakastiedoilla sellaisina kuin ne nähtiin."
    ),
    "The window ends before it starts: --until has to be later than --since.": (
        "Aikaväli päättyy ennen alkuaan: --until on oltava myöhempi kuin --since."
    ),
    "The window ends before it starts: --dated-to has to be later than --dated-from.": (
        "Aikaväli päättyy ennen alkuaan: --dated-to on oltava myöhempi kuin --dated-from."
    ),
    "The window ends before it starts: it begins behind position {after} and ends at {upto}, which may be as far as "
    "{name} is decided: give a smaller --after, or a larger --upto.": (
        "Väli päättyy ennen alkuaan: se alkaa kohdan {after} jäljestä ja päättyy kohtaan {upto}, johon asti {name} "
        "ehkä on ratkaistu: anna pienempi --after tai suurempi --upto."
    ),
    "{name} is a draft of a trigger that is named too: plan them one by one.": (
        "{name} on luonnos käynnistimestä, joka on myös nimetty: suunnittele ne yksitellen."
    ),
    "There is no {what} {word}: use {known}.": "Arvoa {word} ei ole: käytä {known}.",
    "{wanted} is no beginning of a replay's id: give four characters of it or more.": (
        "{wanted} ei ole uusinta-ajon tunnuksen alku: anna siitä vähintään neljä merkkiä."
    ),
    "{n} replay begins with {wanted}: see ptm replay list.": (
        "Alku {wanted} ei kuulu yhdelle uusinta-ajolle: katso ptm replay list."
    ),
    "The plan has nothing to apply at reach {reach}: ptm replay show {id}.": (
        "Suunnitelmassa ei ole toteutettavaa laajuudella {reach}: ptm replay show {id}."
    ),
    "That is the undoing of another replay: ptm replay undo {id}.": (
        "Se on toisen uusinta-ajon kumoaminen: ptm replay undo {id}."
    ),
    "Only {known} can be applied.": "Vain {known} voi toteuttaa.",
    "A replay of reach {reach} leaves lists alone: to take off old ones, apply with --reach list, "
    "or survey where the lists may start surveys.": (
        "Laajuus {reach} ei koske listoihin: vanhat poistetaan laajuudella --reach list, tai survey, jos listat voivat "
        "käynnistää kyselyjä."
    ),
    "Of the plan's lines {numbers} cannot be applied: only {known} can.": (
        "Suunnitelman rivejä {numbers} ei voi toteuttaa: vain {known} voi."
    ),
    "{names} is a draft: put it in force with ptm trigger promote, then plan again.": (
        "{names} on luonnos: ota se käyttöön, ptm trigger promote, ja suunnittele uudelleen."
    ),
    "The replay is {state}, and would have to be {states} for that: {look}.": (
        "Uusinta-ajo on tilassa {state}, ja siihen tarvittaisiin tila {states}: {look}."
    ),
    "All is decided: ptm integration pause stops what waits to be sent.": (
        "Kaikki on ratkaistu: ptm integration pause pysäyttää lähetystä odottavat."
    ),
    "That replay is itself an undoing (of {id}). To put its contacts back on their lists, plan again: "
    "ptm replay plan {company}.": (
        "Se on itse kumoaminen (ajosta {id}). Kontaktit palaavat listoilleen uudella suunnitelmalla: "
        "ptm replay plan {company}."
    ),
    "That plan was never applied: there is nothing to undo.": "Suunnitelmaa ei toteutettu: ei ole kumottavaa.",
    "{name} was removed: there is no key to reach Trustmary with.": (
        "{name} on poistettu: Trustmaryyn ei ole avainta."
    ),
    "An undoing needs a name and a reason: whoever reads the log later will ask.": (
        "Kumoaminen tarvitsee nimen ja syyn: lokin myöhempi lukija kysyy niitä."
    ),
}
