"""Finnish for the screens of replays."""

from __future__ import annotations

from collections.abc import Mapping

LIST: Mapping[str, str] = {
    "Replays": "Uusinta-ajot",
    "New replay": "Uusi uusinta-ajo",
    "Plan what to send of the past: planning sends nothing": (
        "Suunnittele, mitä menneestä lähetetään: suunnittelu ei lähetä mitään"
    ),
    "No replay was planned yet. n: plan the first one": "Uusinta-ajoja ei ole vielä suunniteltu. n: suunnittele",
    "Contacts": "Kontaktit",
    "Reach": "Ulottuvuus",
    "By": "Tekijä",
    "undoes {id}": "peruu ajon {id}",
    "nobody": "ei ketään",
    "planned": "suunniteltu",
    "running": "käynnissä",
    "done": "valmis",
}
PLANNING: Mapping[str, str] = {
    "Plan": "Suunnittele",
    "Read the past and show what would be sent; sends nothing": (
        "Lue menneet ja näytä, mitä lähetettäisiin; ei lähetä mitään"
    ),
    "The past through today's rules, held against what was really sent. Planning sends nothing.": (
        "Menneet tämän päivän säännöillä, verrattuna siihen, mitä todella lähetettiin. Suunnittelu ei lähetä mitään."
    ),
    "not said yet": "ei vielä valittu",
    "Recorded since": "Kirjattu alkaen",
    "Recorded before": "Kirjattu ennen",
    "Invoice date from": "Laskun päivä alkaen",
    "Invoice date up to": "Laskun päivä enintään",
    "Behind position": "Kohdan jälkeen",
    "Up to position": "Kohtaan asti",
    "Reached status": "Saavutettu tila",
    "those of the triggers": "käynnistimien tilat",
    "Invoices": "Laskut",
    "Only what was skipped": "Vain ohitetut",
    "no: everything": "ei: kaikki",
    "Customers' data": "Asiakkaiden tiedot",
    "as they are now: read again from Procountor": "nykyiset: luetaan uudelleen Procountorista",
    "From before connecting": "Ennen kytkemistä",
    "what the last {n} days have is read from Procountor first": (
        "viimeisten {n} päivän laskut luetaan ensin Procountorista"
    ),
    "not read": "ei lueta",
    "Of how many days is Procountor asked what lay there before the company was connected? Empty: not asked. It is "
    "recorded, and only a replay sends it.": (
        "Kuinka monen päivän ajalta Procountorista luetaan, mitä siellä oli ennen kytkemistä? Tyhjä: ei lueta. Se "
        "kirjataan, ja vain uusinta-ajo lähettää siitä."
    ),
    "Reading Procountor's invoices of before connecting: {n} of {all}": (
        "Luetaan Procountorin kytkemistä edeltäviä laskuja: {n}/{all}"
    ),
    "as they were seen then": "sellaisina kuin ne silloin nähtiin",
    "all live ones": "kaikki käytössä olevat",
    "Whose past is looked at?": "Kenen menneet käydään läpi?",
    "Choose the integration first.": "Valitse ensin integraatio.",
    "Which triggers decide?": "Mitkä käynnistimet päättävät?",
    "None marked: all live ones. A draft can be looked at, and not be applied.": (
        "Ei merkittyjä: kaikki käytössä olevat. Luonnosta voi katsella mutta ei toteuttaa."
    ),
    "Only changes that reach which status?": "Vain muutokset, jotka saavuttavat minkä tilan?",
    "None marked: all that the triggers name.": "Ei merkittyjä: kaikki käynnistimien tilat.",
    "Only what was skipped for which reason?": "Vain mistä syystä ohitetut?",
    "None marked: everything, skipped or not.": "Ei merkittyjä: kaikki, ohitetut ja muut.",
    "Recorded in the log since when? 30d, 12h, or 2026-11-01 with or without a time; empty: ever.": (
        "Kirjattu lokiin mistä alkaen? 30d, 12h tai 2026-11-01, kellonajan kanssa tai ilman; tyhjä: alusta."
    ),
    "Recorded in the log before when? 1d, 2h, or 2026-11-01 with or without a time; empty: now.": (
        "Kirjattu lokiin ennen mitä? 1d, 2h tai 2026-11-01, kellonajan kanssa tai ilman; tyhjä: nyt."
    ),
    "Dated in Procountor from which day on? 2026-11-01; empty: any.": (
        "Laskun päivä Procountorissa mistä alkaen? 2026-11-01; tyhjä: mikä tahansa."
    ),
    "Dated in Procountor up to which day? 2026-11-30; empty: any.": (
        "Laskun päivä Procountorissa enintään? 2026-11-30; tyhjä: mikä tahansa."
    ),
    "Behind which position of the log? Empty: from the first.": "Minkä lokin kohdan jälkeen? Tyhjä: alusta.",
    "Up to which position of the log? Empty: all that is decided.": (
        "Mihin lokin kohtaan asti? Tyhjä: kaikki päätetty."
    ),
    "Which customers? Their ids in Procountor, separated by commas; empty: all.": (
        "Mitkä asiakkaat? Procountorin tunnisteet pilkuin erotettuina; tyhjä: kaikki."
    ),
    "Which invoices? Their numbers, or Procountor's ids, separated by commas; empty: all.": (
        "Mitkä laskut? Numerot tai Procountorin tunnisteet pilkuin erotettuina; tyhjä: kaikki."
    ),
    "Reading the past: {n} of {all} events": "Luetaan menneitä: {n}/{all} tapahtumaa",
    "escape: give it up": "esc: luovu",
    "Given up: no plan was kept.": "Luovuttu: suunnitelmaa ei tallennettu.",
}
CONTACTS: Mapping[str, str] = {
    "list": "lista",
    "Class": "Luokka",
    "What differs": "Mikä eroaa",
    "new": "uusi",
    "changed": "muuttunut",
    "take off": "poistettava",
    "same": "sama",
    "no longer matched": "ei enää ehdoissa",
    "blocked": "estetty",
    "to be added": "lisätään",
    "on its way": "matkalla",
    "added": "lisätty",
    "withheld": "pidätetty",
    "parked": "pysäköity",
    "off {lists}": "pois: {lists}",
    "line {n}": "rivi {n}",
    "Is added to": "Lisätään",
    "Taken off": "Poistetaan listalta",
    "{n} invoices lead here": "{n} laskua johtaa tähän",
    "A survey may start, where the reach goes that far.": "Kysely voi käynnistyä, jos ulottuvuus yltää siihen.",
    "{at} by {actor}": "{at}, {actor}",
    "reach {reach}": "ulottuvuus {reach}",
    "up to position {n}": "kohtaan {n} asti",
    "customers read again": "asiakkaat luettu uudelleen",
    "customers as seen": "asiakkaat kuten silloin nähtiin",
    "still skipped {n}": "yhä ohitettuja {n}",
    "of {n} changes": "{n} muutoksesta",
    "There is nothing to apply.": "Toteutettavaa ei ole.",
    "Nobody: nothing of that window would be sent.": "Ei ketään: rajauksesta ei lähetettäisi mitään.",
    "{names} is a draft: to look at, not to apply. Put it in force, then plan again.": (
        "{names} on luonnos: katseltavaksi, ei toteutettavaksi. Ota se käyttöön ja suunnittele uudelleen."
    ),
    "The rules have changed since it was planned: r plans it again.": (
        "Säännöt ovat muuttuneet suunnittelun jälkeen: r suunnittelee uudelleen."
    ),
    "Meant: {n} marked": "Tarkoitetaan: {n} merkittyä",
    "Meant: all that are {word}": "Tarkoitetaan: luokan {word} kaikki",
    "Meant: all that can be sent": "Tarkoitetaan: kaikki lähetettävissä olevat",
    "nothing of that can be sent": "niistä mitään ei voi lähettää",
    "at most {price}": "enintään {price}",
    "{n} call to Trustmary": "{n} kutsu Trustmaryyn",
    "{n} calls to Trustmary": "{n} kutsua Trustmaryyn",
    "{n} of them taken off lists": "joista {n} poistetaan listoilta",
    "{time} at its pace": "{time} sen tahdilla",
    "no survey starts": "kyselyitä ei käynnisty",
    "{n} may start a survey": "{n} voi käynnistää kyselyn",
    "{n} of {all} finished": "{n}/{all} valmiina",
    "{n} asked for": "{n} pyydetty",
    "The integration is paused, or held by the brake: what is decided waits.": (
        "Integraatio on tauolla tai jarru pitää sitä: jo päätetty odottaa."
    ),
    "{n} a second": "{n} sekunnissa",
    "{time} to go": "{time} jäljellä",
    "none in the last {n} s": "ei yhtään viime {n} sekuntiin",
    "left out: {why}": "jätetty pois: {why}",
}
DOING: Mapping[str, str] = {
    "Apply": "Toteuta",
    "Send the marked contacts, or all that can be sent: asks first": (
        "Lähetä merkityt kontaktit tai kaikki lähetettävissä olevat: kysyy ensin"
    ),
    "Pause it, or let it go on": "Keskeytä tai jatka",
    "Take off the lists whom it has put on: shows first what that does": (
        "Poista listoilta ne, jotka se niille lisäsi: näyttää ensin, mitä tapahtuu"
    ),
    "Only the next class: new, changed, other address, …": "Vain seuraava luokka: uusi, muuttunut, eri osoite, …",
    "Class before": "Edellinen luokka",
    "Only the class before": "Vain edellinen luokka",
    "Cancel": "Peru",
    "Give up the plan, or the rest of the replay": "Hylkää suunnitelma tai uusinta-ajon loppuosa",
    "Plan again": "Suunnittele uudelleen",
    "The same window once more, up to now": "Sama rajaus uudelleen, nykyhetkeen asti",
    "Write it to a file: CSV, JSON or Markdown": "Kirjoita tiedostoon: CSV, JSON tai Markdown",
    "How far may it go?": "Kuinka pitkälle se saa mennä?",
    "record: it is decided and recorded, and nothing is sent": "record: päätetään ja kirjataan, mitään ei lähetetä",
    "contact: the contact is added or updated, on no list": (
        "contact: kontakti lisätään tai päivitetään, ei millekään listalle"
    ),
    "list: lists and automations too, where they start no surveys": (
        "list: myös listat ja automaatiot, jos ne eivät käynnistä kyselyitä"
    ),
    "survey: everything, surveys and automations included": "survey: kaikki, myös kyselyt ja automaatiot",
    "only the contact": "vain kontakti",
    "a survey may start": "kysely voi käynnistyä",
    "Nothing of what is meant can be sent: mark others, or take the marks off.": (
        "Tarkoitetuista mitään ei voi lähettää: merkitse muita tai poista merkinnät."
    ),
    "{n} are on lists under an old address, or are no longer matched.": (
        "{n} on listoilla vanhalla osoitteella tai ei enää täytä ehtoja."
    ),
    "leave them on their lists": "jätä listoilleen",
    "take them off their lists too": "poista myös listoiltaan",
    "What is it called, in the log?": "Mikä on sen nimi lokissa?",
    "{name} has begun: workers carry it out, behind live traffic.": (
        "{name} on alkanut: työprosessit toteuttavat sen muun liikenteen jälkeen."
    ),
    "{name} has begun.": "{name} on alkanut.",
    "Paused: no more is asked for; what is decided goes out.": ("Keskeytetty: enempää ei pyydetä; jo päätetty lähtee."),
    "It goes on.": "Se jatkuu.",
    "Pause it? {n} contacts wait then; what is decided goes out.": (
        "Keskeytetäänkö se? {n} kontaktia jää odottamaan; jo päätetty lähtee."
    ),
    "Let it go on? {n} contacts are still to be asked for.": "Jatketaanko? {n} kontaktia on vielä pyytämättä.",
    "Give up this plan? Nothing was sent.": "Hylätäänkö suunnitelma? Mitään ei ole lähetetty.",
    "Cancel it? {n} contacts are never asked for; what is decided goes out.": (
        "Perutaanko se? {n} kontaktia jää pyytämättä; jo päätetty lähtee."
    ),
    "Cancelled.": "Peruttu.",
    "Write all of it to which file? By its ending: .csv, .json or .md. It names people.": (
        "Mihin tiedostoon kaikki kirjoitetaan? Pääte ratkaisee: .csv, .json tai .md. Siinä on henkilötietoja."
    ),
    "{file} is there already. Write over it?": "{file} on jo olemassa. Kirjoitetaanko päälle?",
    "{n} contacts are written to {file}.": "{n} kontaktia kirjoitettiin tiedostoon {file}.",
}
UNDOING: Mapping[str, str] = {
    "Go on": "Jatka",
    "Undo {id}?": "Perutaanko {id}?",
    "{n} contact that it added": "{n} sen lisäämä kontakti",
    "{n} contacts that it added": "{n} sen lisäämää kontaktia",
    "Not sent yet, and dropped": "Vielä lähettämättä, jää lähettämättä",
    "Stays on": "Pysyy listalla",
    "What cannot be undone:": "Mitä ei voi perua:",
    "A survey may have started": "Kysely on voinut käynnistyä",
    "Fields were overwritten, and stay so": "Kenttiä on korvattu, ja ne jäävät niin",
    "Contacts that were new, and stay in Trustmary": "Uudet kontaktit, jotka jäävät Trustmaryyn",
    "nothing that the log knows of": "ei mitään, mistä loki tietää",
    "customer {n}": "asiakas {n}",
    "invoice {n}": "lasku {n}",
    "… and {n} more: the undoing itself has all of them": "… ja {n} muuta: peruutus itse näyttää kaikki",
    "There is nothing to undo: nobody was put on a list who could be taken off.": (
        "Peruttavaa ei ole: listalle ei lisätty ketään, jonka voisi poistaa."
    ),
}
REPLAY: Mapping[str, str] = {**LIST, **PLANNING, **CONTACTS, **DOING, **UNDOING}
