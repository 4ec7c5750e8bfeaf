"""What waits for a person, by cause: what it is, what to do, and how much of it there is."""

from __future__ import annotations

from collections.abc import Mapping

WAITS: Mapping[str, str] = {
    "Trustmary refused the contact for good ({key}).": "Trustmary hylkäsi kontaktin lopullisesti ({key}).",
    "Look at what it answered, correct the contact in Procountor's register; its next invoice fires, and a replay with "
    "the latest customers adds it for this one.": (
        "Katso, mitä se vastasi, ja korjaa kontakti Procountorin asiakasrekisteriin; sen seuraava lasku lähtee, ja "
        "tästä laskusta uusinta-ajo lisää sen tuoreilla asiakastiedoilla."
    ),
    "Not sent yet: one address stands for many customers.": "Ei vielä lähetetty: yksi osoite on usealla asiakkaalla.",
    "Name a person of each customer in the register before sending, or block the address.": (
        "Nimeä rekisteriin kunkin asiakkaan oma henkilö ennen lähettämistä tai estä osoite."
    ),
    "Not sent yet: {why}": "Ei vielä lähetetty: {why}",
    "Before it is sent: {what}": "Ennen lähettämistä: {what}",
    "Nobody was asked: {why}": "Keneltäkään ei kysytty: {why}",
    "Reconciliation found contacts gone from Trustmary that were delivered.": (
        "Täsmäytys huomasi, että toimitettuja kontakteja on kadonnut Trustmarysta."
    ),
    "Plan a replay: it shows them as new; apply it where they should be there.": (
        "Suunnittele uusinta-ajo: se näyttää ne uusina; toteuta se, jos niiden pitäisi olla siellä."
    ),
    "Reconciliation found contacts changed in Trustmary since they were delivered.": (
        "Täsmäytys huomasi, että kontakteja on muutettu Trustmaryssa toimituksen jälkeen."
    ),
    "Somebody may have corrected them there on purpose. If not, plan a replay: it shows what it would put back.": (
        "Joku on voinut korjata ne tarkoituksella. Jos ei, suunnittele uusinta-ajo: se näyttää, mitä se palauttaisi."
    ),
    "Reconciliation found invoices in Procountor that had not been read.": (
        "Täsmäytys löysi Procountorista laskuja, joita ei ollut luettu."
    ),
    "They fire nothing by themselves: plan a replay, and apply it, with reach record to let it be.": (
        "Niistä ei lähde mitään itsestään: suunnittele uusinta-ajo ja toteuta se; ulottuvuus record jättää ne silleen."
    ),
    "The last reconciliation could not look at everything.": "Viimeisin täsmäytys ei päässyt käymään läpi kaikkea.",
    "It is tried again by itself; see what it says if it stays.": (
        "Sitä yritetään itsestään uudelleen; katso ilmoitus, jos se ei poistu."
    ),
    "No worker is running.": "Yhtään työprosessia ei ole käynnissä.",
    "The login ends within {n} days.": "Kirjautuminen päättyy {n} päivän kuluessa.",
    "Start one.": "Käynnistä työprosessi.",
    "A partition stands still: its next event is not decided.": (
        "Osio on pysähdyksissä: sen seuraavaa tapahtumaa ei ole ratkaistu."
    ),
    "See what the workers' logs say of it, and whether its events are sound.": (
        "Katso, mitä työprosessien lokit siitä kertovat ja ovatko sen tapahtumat ehjiä."
    ),
    "Sending is held since a restore: what was sent after the backup is not in the log.": (
        "Lähetys odottaa palautuksen jäljiltä: varmuuskopion jälkeen lähetetty ei ole lokissa."
    ),
    "See what Trustmary has already, then release it.": "Katso, mitä Trustmaryssa jo on, ja vapauta lähetys.",
    "Reading from Procountor fails.": "Procountorista lukeminen epäonnistuu.",
    "Nothing is lost; it goes on by itself when Procountor answers. Look if it stays.": (
        "Mitään ei katoa; luku jatkuu itsestään, kun Procountor vastaa. Katso tarkemmin, jos se ei poistu."
    ),
    "Nobody knows whether the call took effect: Trustmary did not answer it.": (
        "Kutsun vaikutusta ei tiedetä: Trustmary ei vastannut siihen."
    ),
    "Look the contacts up in Trustmary: discard those that are there, then send the rest again. "
    "Who is sent again and was there may be asked twice.": (
        "Etsi kontaktit Trustmarysta: hylkää ne, jotka ovat siellä, ja lähetä loput uudelleen. "
        "Siellä jo olevalta voidaan kysyä kahdesti, jos hänet lähetetään uudelleen."
    ),
    "The brake holds an integration that wanted far more contacts than usual: nothing of it is sent.": (
        "Jarru pidättää integraatiota, joka haluaisi lisätä paljon tavallista enemmän: siltä ei lähetetä mitään."
    ),
    "See what waits. Release it (send), or drop it: a replay can send it later. "
    "Where so many are usual from now on, set a limit: ptm integration edit --brake.": (
        "Katso, mitä odottaa. Vapauta se (send) tai pudota pois (drop): uusinta-ajo voi lähettää sen myöhemmin. "
        "Jos määrä on jatkossa tavallinen, aseta raja: ptm integration edit --brake."
    ),
    "The integration is paused: nothing of it is sent.": "Integraatio on tauolla: siltä ei lähetetä mitään.",
    "Resume it when you are ready.": "Jatka sitä, kun olet valmis.",
    "The integration has no trigger: nothing is sent.": "Integraatiolla ei ole käynnistintä: mitään ei lähetetä.",
    "Save one.": "Tallenna käynnistin.",
    "A trigger is a draft: it decides nothing.": "Käynnistin on luonnos: se ei ratkaise mitään.",
    "Put it in force, or remove it.": "Ota se käyttöön tai poista se.",
    "Trustmary failed, or could not be reached, as often as it was tried ({key}).": (
        "Trustmary epäonnistui tai oli tavoittamattomissa jokaisella yrityksellä ({key})."
    ),
    "Once it answers again, send them again: in order, beside what is live.": (
        "Kun se taas vastaa, lähetä ne uudelleen: järjestyksessä, muun liikenteen rinnalla."
    ),
    "They wait for what Trustmary has no more: {what} {id}.": (
        "Ne odottavat kohdetta, jota Trustmaryssa ei enää ole: {what} {id}."
    ),
    "Choose another in the trigger, and have what waits decided again; or drop it. They go on by themselves"
    " if it comes back in Trustmary.": (
        "Valitse käynnistimeen toinen ja ratkaise odottavat uudelleen tai pudota ne pois. Ne jatkuvat itsestään, "
        "jos kohde palaa Trustmaryyn."
    ),
    "The decision's event does not read ({key}).": "Päätöksen tapahtumaa ei voi lukea ({key}).",
    "Run ptm verify; once the log is whole again, send them again.": (
        "Aja ptm verify; kun loki on taas ehjä, lähetä ne uudelleen."
    ),
    "Trustmary turned the call down: {reason} ({key}).": "Trustmary torjui kutsun: {reason} ({key}).",
    "See what it answered, put the cause right, then send them again: in order, beside what is live.": (
        "Katso, mitä se vastasi, korjaa syy ja lähetä ne sitten uudelleen: järjestyksessä, muun liikenteen rinnalla."
    ),
    "credentials": "tunnukset",
    "rights": "oikeudet",
    "not found": "ei löydy",
    "invalid": "virheelliset tiedot",
    "unreadable": "lukukelvoton vastaus",
    "refused": "torjuttu",
}

MUCH: Mapping[str, str] = {
    "{n} company": "{n} yritys",
    "{n} companies": "{n} yritystä",
    "{n} invoice": "{n} lasku",
    "{n} invoices": "{n} laskua",
    "{n} delivery": "{n} toimitus",
    "{n} deliveries": "{n} toimitusta",
    "{n} customer": "{n} asiakas",
    "{n} customers": "{n} asiakasta",
    "{n} partition": "{n} osio",
    "{n} partitions": "{n} osiota",
    "{n} login": "{n} kirjautuminen",
    "{n} logins": "{n} kirjautumista",
    "{n} connection": "{n} yhteys",
    "{n} connections": "{n} yhteyttä",
    "{n} contact": "{n} kontakti",
    "{n} contacts": "{n} kontaktia",
    "{n} trigger": "{n} käynnistin",
    "{n} triggers": "{n} käynnistintä",
    "{n} calls wait": "{n} kutsua odottaa",
    "partition {n}": "osio {n}",
    "{n} events behind position {position}": "{n} tapahtumaa kohdan {position} jälkeen",
    "the oldest since {at}": "vanhin alkaen {at}",
    "has time": "ehtii",
    "Nothing waits for a person.": "Mikään ei odota ihmistä.",
    "More was found than is looked at in one go: counts are lower bounds.": (
        "Löytyi enemmän kuin kerralla käydään läpi: luvut ovat alarajoja."
    ),
    "Try --integration, --label.": "Kokeile --integration, --label.",
}

CAUSES: Mapping[str, str] = {**WAITS, **MUCH}
