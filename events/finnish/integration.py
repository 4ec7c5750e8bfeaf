"""The screen of one integration."""

from __future__ import annotations

from collections.abc import Mapping

INTEGRATION: Mapping[str, str] = {
    "Integration": "Integraatio",
    "Overview": "Yleiskuva",
    "History": "Historia",
    "Block list": "Estolista",
    "Next page": "Seuraava sivu",
    "← →: pages": "← →: sivut",
    "Overview, triggers, history, alerts, block list": "Yleiskuva, käynnistimet, historia, hälytykset, estolista",
    # Alerts
    "Alerts": "Hälytykset",
    "Tell somebody": "Ilmoita jollekulle",
    "Tell an e-mail address or a webhook of states that last": "Kerro kestävistä tiloista osoitteeseen tai webhookiin",
    "In which language an e-mail address is told": "Millä kielellä osoitteeseen kerrotaan",
    "Tell no more": "Älä ilmoita enää",
    "Tell the marked ones no more": "Älä ilmoita merkityille enää",
    "Test": "Kokeile",
    "Send a test now, and see what is answered": "Lähetä koeviesti nyt ja katso, mitä vastataan",
    "e-mail, and every week a summary": "sähköposti ja viikoittain yhteenveto",
    "webhook": "webhook",
    "Who is told": "Kenelle ilmoitetaan",
    "How": "Miten",
    "Nobody is told of what lasts. a: tell an e-mail address or a webhook": (
        "Kestävistä tiloista ei ilmoiteta kenellekään. a: ilmoita sähköpostiosoitteeseen tai webhookiin"
    ),
    "Who is to be told, and how?": "Kenelle ilmoitetaan ja miten?",
    "Which e-mail address?": "Mihin sähköpostiosoitteeseen?",
    "The webhook's whole address? It stays hidden: whoever knows it may write there.": (
        "Webhookin koko osoite? Sitä ei näytetä: kuka sen tietää, voi kirjoittaa sinne."
    ),
    "In which language?": "Millä kielellä?",
    "For a webhook in another language give its address again: a.": (
        "Jos webhookiin halutaan toinen kieli, anna sen osoite uudelleen: a."
    ),
    "It is saved who is told.": "Ilmoitusten saajat on tallennettu.",
    "Tell {to} of what lasts in {name}? In {language}.": (
        "Ilmoitetaanko kestävistä tiloista ({name}): {to}, {language}?"
    ),
    "Tell {to} no more of what lasts in {name}?": "Eikö kestävistä tiloista ({name}) enää ilmoiteta: {to}?",
    "Send a test to {name} now?": "Lähetetäänkö koeviesti nyt: {name}?",
    "✔ {name}: taken ({answer})": "✔ {name}: otettu vastaan ({answer})",
    "✖ {name}: {why}": "✖ {name}: {why}",
    "Page before": "Edellinen sivu",
    # State and figures
    "version {n}, {actor} {at}": "versio {n}, {actor} {at}",
    "Brake": "Jarru",
    "{n} contacts within 24 hours, the limit is {limit}; the busiest day before had {usual}": (
        "{n} kontaktia 24 tunnissa, raja on {limit}; vilkkain aiempi päivä oli {usual}"
    ),
    "Labels": "Tunnisteet",
    "none yet": "ei vielä",
    "Figures": "Luvut",
    "Last invoice": "Viimeisin lasku",
    "Last contact": "Viimeisin kontakti",
    "Parked": "Pysäköity",
    "Reconciled": "Täsmäytetty",
    "never": "ei koskaan",
    "{time} ago": "{time} sitten",
    # Settings
    "Settings": "Asetukset",
    "Cool-down": "Karenssi",
    "Shared mailboxes": "Yhteiset postilaatikot",
    "Oldest invoice": "Vanhin lasku",
    "once per contact in {n} days": "kerran kontaktia kohden {n} päivässä",
    "{n} days, older ones are left out": "{n} päivää, vanhemmat jätetään pois",
    "however old": "miten vanha tahansa",
    "let through": "päästetään läpi",
    "left out": "jätetään pois",
    "off": "pois päältä",
    "at {n} in 24 hours": "kun {n} vuorokaudessa",
    "at {n} in 24 hours, or {times} times the busiest day": "kun {n} vuorokaudessa tai {times} × vilkkain päivä",
    "{n} entry": "{n} merkintä",
    "{n} entries": "{n} merkintää",
    "Settings of {name}": "Asetukset: {name}",
    "Cool-down, days": "Karenssi, päivää",
    "Oldest invoice, days": "Vanhin lasku, päivää",
    "per contact; 0: no limit": "kontaktia kohden; 0: ei rajaa",
    "0: however old": "0: miten vanha tahansa",
    "contacts in 24 hours, usual, off": "kontaktia 24 tunnissa, usual, off",
    "laskutus@, info@ …: yes or no": "laskutus@, info@ …: kyllä tai ei",
    "as it is": "ennallaan",
    "enter: next · ctrl+s: save · escape: leave it": "enter: seuraava · ctrl+s: tallenna · esc: jätä sikseen",
    "Change what holds for all triggers": "Muuta sitä, mikä koskee kaikkia käynnistimiä",
    "The settings are saved.": "Asetukset on tallennettu.",
    "Change the labels, by which many are meant at once": "Muuta tunnisteita, joilla tarkoitetaan monta kerralla",
    "Labels of {name}": "Tunnisteet: {name}",
    "Type a new one, or mark those that it is to have.": "Kirjoita uusi tai merkitse ne, jotka sille kuuluvat.",
    "The labels are saved.": "Tunnisteet on tallennettu.",
    # Connections
    "Connections": "Yhteydet",
    "connected": "kytketty",
    "last good call {when}": "viimeisin onnistunut kutsu {when}",
    "{state} since {at}": "{state} {at} alkaen",
    "refused since {at}": "evätty {at} alkaen",
    "What to do": "Mitä tehdä",
    "It said": "Vastaus",
    "Key": "Avain",
    "API key": "API-avain",
    "login for six months": "kirjautuminen puoleksi vuodeksi",
    "given by {actor} {at}": "antanut {actor} {at}",
    "Ends": "Päättyy",
    "{at}: log in again before that": "{at}: kirjaudu uudelleen ennen sitä",
    "not by itself": "ei itsestään",
    "Reading": "Luku",
    "first reading": "ensimmäinen luku",
    "every {n} s": "{n} s välein",
    "fails since {at}: {why}": "epäonnistuu {at} alkaen: {why}",
    "Nothing is lost; it goes on by itself when Procountor answers.": (
        "Mitään ei katoa; luku jatkuu itsestään, kun Procountor vastaa."
    ),
    "Ask both": "Kysy kummaltakin",
    "Rights": "Oikeudet",
    "c asks both services now: user, rights, key": "c kysyy nyt kummaltakin palvelulta: käyttäjä, oikeudet, avain",
    "Ask both services now: user, rights, key": "Kysy kummaltakin palvelulta nyt: käyttäjä, oikeudet, avain",
    "Asked {when}": "Kysytty {when}",
    "Role": "Rooli",
    "Sales invoices": "Myyntilaskut",
    "Customer register": "Asiakasrekisteri",
    "key without a name": "nimetön avain",
    "{name} refuses us.": "{name} ei päästä meitä sisään.",
    "Both let us in.": "Kumpikin päästää meidät sisään.",
    "Procountor knows the login no more, or the company does not allow API clients.": (
        "Procountor ei enää tunne kirjautumista, tai yritys ei salli API-asiakkaita."
    ),
    "In Procountor, Management > Company info > Usage settings > Integration settings has to allow them, and the"
    " company's package has to include the API. Then log in again.": (
        "Ne on sallittava Procountorissa (Hallinta > Yrityksen tiedot > Käyttöasetukset > Integraatioasetukset), ja"
        " yrityksen pakettiin on kuuluttava API. Kirjaudu sitten uudelleen."
    ),
    "The user may not read sales invoices any more, or the company's package does not include it.": (
        "Käyttäjä ei enää saa lukea myyntilaskuja, tai se ei kuulu yrityksen pakettiin."
    ),
    "Give the user viewing rights to sales invoices, or log in again as somebody who has them.": (
        "Anna käyttäjälle myyntilaskujen katseluoikeus tai kirjaudu uudelleen sellaisena, jolla se on."
    ),
    "Trustmary knows the key no more.": "Trustmary ei enää tunne avainta.",
    "Make a key in Trustmary (Settings, Developers) and give it here.": (
        "Tee avain Trustmaryssa (Asetukset, Kehittäjät) ja anna se tässä."
    ),
    "Trustmary turns us away although it knows the key: it may be that the subscription has ended.": (
        "Trustmary torjuu meidät, vaikka tuntee avaimen: tilaus voi olla päättynyt."
    ),
    "Look at the subscription in Trustmary. It goes on by itself once Trustmary lets us in again.": (
        "Katso tilaus Trustmaryssa. Lähetys jatkuu itsestään, kun Trustmary päästää taas sisään."
    ),
    "login ends soon": "kirjautuminen päättyy pian",
    "The login ends by itself; from then on nothing is read.": (
        "Kirjautuminen päättyy itsestään; siitä alkaen mitään ei lueta."
    ),
    "Log in again before that: reading goes on where it stands. A login by API key does not end.": (
        "Kirjaudu uudelleen sitä ennen: luku jatkuu siitä, missä se on. Kirjautuminen API-avaimella ei pääty."
    ),
    "Invoices are still collected. After its end they wait in Procountor until somebody logs in again,"
    " and none is lost.": (
        "Laskut luetaan edelleen. Päättymisen jälkeen ne odottavat Procountorissa, kunnes joku kirjautuu uudelleen, "
        "eikä yhtään katoa."
    ),
    "disconnected by us": "itse katkaistu",
    "The integration was removed: nothing is read or sent, and its credentials are forgotten.": (
        "Integraatio on poistettu: mitään ei lueta eikä lähetetä, ja sen tunnukset on unohdettu."
    ),
    "Connect the company again, then plan a replay of the days between. What was added before is held back.": (
        "Yhdistä yritys uudelleen ja suunnittele väliin jääneiden päivien uusinta. Jo lisätyt jätetään pois."
    ),
    "Whoever removed it": "Se, joka poisti sen",
    "Invoices are not collected. They stay in Procountor, where such a plan finds them, and none is lost.": (
        "Laskuja ei kerätä. Ne pysyvät Procountorissa, josta suunnitelma löytää ne, eikä yhtään katoa."
    ),
    "What was sent after the backup is not in the log: nothing is sent until a person has released it.": (
        "Varmuuskopion jälkeen lähetetty ei ole lokissa: mitään ei lähetetä, ennen kuin ihminen vapauttaa lähetyksen."
    ),
    "Whoever restored the backup": "Varmuuskopion palauttaja",
    "Invoices are collected again, and those sent since the backup are found: what is to be sent waits, and none is"
    " lost.": (
        "Laskut luetaan taas, ja varmuuskopion jälkeen lähetetyt löytyvät: lähetettävä odottaa, eikä mitään katoa."
    ),
    "held since a restore, {at}": "odottaa palautuksesta, {at}",
    "Sending": "Lähetys",
    "Backup": "Varmuuskopio",
    "backup of {at}": "varmuuskopio {at}",
    "Restored from a backup, and held since {at}: {why}": "Palautettu varmuuskopiosta, odottaa {at} alkaen: {why}",
    "list gone": "lista poistunut",
    "Trustmary has a list no more that a trigger adds contacts to; a survey's own list may have gone with it.": (
        "Trustmaryssa ei enää ole listaa, jolle käynnistin lisää kontakteja; kyselyn oma lista on voinut poistua "
        "sen mukana."
    ),
    "Choose another list in the trigger, and have what waits decided again. If the list comes back in Trustmary, it"
    " goes on by itself.": (
        "Valitse käynnistimeen toinen lista ja ratkaise odottavat uudelleen. Jos lista palaa Trustmaryyn, työ jatkuu "
        "itsestään."
    ),
    "Whoever keeps the lists in Trustmary": "Trustmaryn listojen ylläpitäjä",
    "Invoices are still collected; what is to go there waits, all else is sent, and none is lost.": (
        "Laskut luetaan edelleen; sinne menevä odottaa, muu lähetetään, eikä mitään katoa."
    ),
    "automation gone": "automaatio poistunut",
    "Trustmary has an automation no more that a trigger starts.": (
        "Trustmaryssa ei enää ole automaatiota, jonka käynnistin käynnistää."
    ),
    "Choose another automation in the trigger, and have what waits decided again. If it comes back in Trustmary, it"
    " goes on by itself.": (
        "Valitse käynnistimeen toinen automaatio ja ratkaise odottavat uudelleen. Jos se palaa Trustmaryyn, työ jatkuu "
        "itsestään."
    ),
    "Whoever keeps the automations in Trustmary": "Trustmaryn automaatioiden ylläpitäjä",
    "Trustmary turns us away for having asked too often.": "Trustmary torjuu meidät, koska kysyimme liian tiheään.",
    "It goes on by itself once Trustmary answers. If it stays, lower PTM_TRUSTMARY_PACE.": (
        "Työ jatkuu itsestään, kun Trustmary vastaa. Jos tila jatkuu, pienennä asetusta PTM_TRUSTMARY_PACE."
    ),
    "Trustmary's support": "Trustmaryn tuki",
    "Trustmary has not answered for a while.": "Trustmary ei ole vastannut hetkeen.",
    "It goes on by itself once Trustmary answers: what was given up meanwhile is sent then, too.": (
        "Työ jatkuu itsestään, kun Trustmary vastaa: silloin lähetetään myös sillä välin luovutettu."
    ),
    "The service refuses us.": "Palvelu ei päästä meitä sisään.",
    "Give new credentials; if that does not help, ask the service.": (
        "Anna uudet tunnukset; jos se ei auta, kysy palvelusta."
    ),
    "login refused": "kirjautuminen torjuttu",
    "rights missing": "oikeudet puuttuvat",
    "API not enabled": "API ei ole käytössä",
    "company changed": "yritys vaihtunut",
    "suspended for rate": "torjuttu liian tiheän kyselyn vuoksi",
    "down": "poissa käytöstä",
    "key revoked": "avain peruttu",
    "Procountor lets the login do nothing at all: the company seems not to allow API clients any more.": (
        "Procountor ei anna kirjautumisen tehdä mitään: yritys ei näytä enää sallivan API-asiakkaita."
    ),
    "Allow the usage of invoiceable API clients for the company; then it goes on by itself.": (
        "Salli yritykselle laskutettavien API-asiakkaiden käyttö; sitten työ jatkuu itsestään."
    ),
    "The login opens another company now: nothing of it is read.": (
        "Kirjautuminen avaa nyt toisen yrityksen: siitä ei lueta mitään."
    ),
    "Log in again, and choose the company of this integration.": (
        "Kirjaudu uudelleen ja valitse tämän integraation yritys."
    ),
    "Procountor turns the API client away for having asked too often.": (
        "Procountor torjuu API-asiakkaan, koska se on kysynyt liian tiheään."
    ),
    "It goes on by itself once Procountor answers. If it stays, ask Procountor to let the client in again.": (
        "Työ jatkuu itsestään, kun Procountor vastaa. Jos tila jatkuu, pyydä Procountoria päästämään asiakas sisään."
    ),
    "Procountor has not answered for a while.": "Procountor ei ole vastannut hetkeen.",
    "It goes on by itself once Procountor answers. See its page on disruptions if it stays.": (
        "Työ jatkuu itsestään, kun Procountor vastaa. Katso sen häiriösivua, jos tila jää päälle."
    ),
    "Whoever administers the company in Procountor": "Yrityksen Procountor-pääkäyttäjä",
    "Whoever administers the company's users in Procountor": "Yrityksen käyttäjiä Procountorissa hallinnoiva",
    "Whoever gave the login": "Kirjautumisen antaja",
    "Procountor's support": "Procountorin tuki",
    "An Owner in Trustmary": "Trustmaryn omistaja (Owner)",
    "The service's support": "Palvelun tuki",
    "Invoices are not collected meanwhile; they are once it is over, and none is lost.": (
        "Laskuja ei sillä välin lueta; ne luetaan, kun tila on ohi, eikä yhtään katoa."
    ),
    "Invoices are still collected; what is to be sent waits, and none is lost.": (
        "Laskut luetaan edelleen; lähetettävä odottaa, eikä mitään katoa."
    ),
    "What waits is not lost.": "Odottava ei katoa.",
    "Whom to ask": "Keneltä kysyä",
    "Where": "Missä",
    # Triggers
    "live": "käytössä",
    "draft": "luonnos",
    "live, but paused": "käytössä, mutta tauolla",
    "draft: sends nothing": "luonnos: ei lähetä mitään",
    "draft in the shadow of {name}": "luonnos, varjossa {name}",
    "No trigger: nothing is sent. N makes one.": "Ei käynnistintä: mitään ei lähetetä. N tekee uuden.",
    "Edit": "Muokkaa",
    "Change the trigger under the cursor, step by step": "Muuta valittua käynnistintä vaihe vaiheelta",
    "New": "Uusi",
    "New trigger": "Uusi käynnistin",
    "Another trigger, step by step": "Uusi käynnistin vaihe vaiheelta",
    "Draft": "Luonnos",
    "A draft beside the live trigger, which sends nothing": "Luonnos käynnistimen rinnalle: ei lähetä mitään",
    "Make a draft beside {name}? It sends nothing until it is put in force.": (
        "Tehdäänkö luonnos käynnistimen {name} rinnalle? Se ei lähetä mitään ennen käyttöönottoa."
    ),
    "{name} is a draft already: it sends nothing.": "{name} on jo luonnos: se ei lähetä mitään.",
    "Rest": "Lepoon",
    "Take the trigger out of force: it stays as a draft": "Ota käynnistin pois käytöstä: se jää luonnokseksi",
    "Take {name} out of force? It stays as a draft, and adds nobody from now on.": (
        "Otetaanko {name} pois käytöstä? Se jää luonnokseksi eikä lisää enää ketään."
    ),
    "{name} is a draft now: it sends nothing.": "{name} on nyt luonnos: se ei lähetä mitään.",
    "Put in force": "Ota käyttöön",
    "Put the draft in force": "Ota luonnos käyttöön",
    "Put {name} in force? From now on it decides.": "Otetaanko {name} käyttöön? Tästä lähtien se ratkaisee.",
    "{name} is live already.": "{name} on jo käytössä.",
    "{name} is in force.": "{name} on käytössä.",
    "Remove trigger": "Poista käynnistin",
    "Remove the trigger": "Poista käynnistin",
    "Remove the trigger {name}? The history keeps it.": "Poistetaanko käynnistin {name}? Historia säilyttää sen.",
    "{name} is removed; z brings it back.": "{name} on poistettu; z tuo sen takaisin.",
    "Shadow": "Varjo",
    "Where the draft would have decided otherwise": "Missä luonnos olisi ratkaissut toisin",
    "In the shadow: {name}": "Varjossa: {name}",
    "{name} is live: only a draft has a shadow.": "{name} on käytössä: varjo on vain luonnoksella.",
    "{n} change looked at": "{n} muutos katsottu",
    "{n} changes looked at": "{n} muutosta katsottu",
    "since {at}": "{at} alkaen",
    "not asked: another status": "ei kysytty: toinen tila",
    "both add the same": "kumpikin lisää saman",
    "other fields": "eri kentät",
    "other address": "eri osoite",
    "other destination": "eri kohde",
    "only the live one adds": "vain käytössä oleva lisää",
    "only the draft adds": "vain luonnos lisää",
    "neither adds": "kumpikaan ei lisää",
    "to a status of neither": "tilaan, joka ei koske kumpaakaan",
    "erased": "häivytetty",
    "escape: close": "esc: sulje",
    # Sending
    "Pause": "Tauko",
    "Pause sending, or resume it": "Pysäytä lähetys tai jatka sitä",
    "Pause {name}? Nothing is sent until it is resumed; invoices are still recorded.": (
        "Pysäytetäänkö {name}? Mitään ei lähetetä ennen jatkamista; laskut kirjataan yhä."
    ),
    "{name} is paused; {n} calls wait.": "{name} on tauolla; {n} kutsua odottaa.",
    "Resume {name}? Nothing waits.": "Jatketaanko {name}? Mikään ei odota.",
    "{name} sends again.": "{name} lähettää taas.",
    "{n} decision waits": "{n} päätös odottaa",
    "{n} decisions wait": "{n} päätöstä odottaa",
    "{n} of the calls may start a survey": "kutsuista {n} voi käynnistää kyselyn",
    "{what}. What becomes of them?": "{what}. Mitä niille tapahtuu?",
    "decide again under today's rules; what waits of a replay is dropped: plan it again": (
        "ratkaise uudelleen nykyisillä säännöillä; odottava uusinta-ajo pudotetaan: suunnittele se uudelleen"
    ),
    # Removing, undoing, files
    "Remove": "Poista",
    "Remove the integration; the log stays": "Poista integraatio; loki jää",
    "Remove {name}? {n} decisions that wait are discarded.": ("Poistetaanko {name}? {n} odottavaa päätöstä hylätään."),
    "Remove: the log stays as it is": "Poista: loki jää ennalleen",
    "Remove, and erase everybody in it from the log, for ever": "Poista ja häivytä kaikki lokin henkilöt lopullisesti",
    "{name} is removed; {n} decisions were discarded.": "{name} on poistettu; {n} päätöstä hylättiin.",
    "Undo": "Kumoa",
    "Undo the last change of the configuration, after showing what that does": (
        "Kumoa viimeisin asetusten muutos; ensin näytetään, mitä se tekee"
    ),
    "Undo the last change?": "Kumotaanko viimeisin muutos?",
    "{actor} {at}": "{actor} {at}",
    "Undoing it does this:": "Kumoaminen tekee tämän:",
    "Version {n} is undone.": "Versio {n} on kumottu.",
    "Connecting a company is not undone: remove the integration instead.": (
        "Yrityksen kytkemistä ei kumota: poista sen sijaan integraatio."
    ),
    "New credentials are not undone: the old ones were forgotten. Log in again instead.": (
        "Uusia tunnuksia ei kumota: vanhat on unohdettu. Kirjaudu sen sijaan uudelleen."
    ),
    "A removed integration does not come back: connect the company again.": (
        "Poistettu integraatio ei palaa: kytke yritys uudelleen."
    ),
    "The address was erased with its person: nobody knows any more which it was.": (
        "Osoite häivytettiin henkilönsä mukana: kukaan ei enää tiedä, mikä se oli."
    ),
    "The last change changed nothing: there is nothing to undo.": (
        "Viimeisin muutos ei muuttanut mitään: kumottavaa ei ole."
    ),
    "Export": "Vie",
    "Write settings and triggers to a file": "Kirjoita asetukset ja käynnistimet tiedostoon",
    "Write settings and triggers to which file? No secret is in it.": (
        "Mihin tiedostoon asetukset ja käynnistimet kirjoitetaan? Siinä ei ole salaisuuksia."
    ),
    "{file} is there already. Write over it? Its tests of the same triggers stay.": (
        "{file} on jo olemassa. Kirjoitetaanko päälle? Sen samojen käynnistimien testit säilyvät."
    ),
    "Written to {file}.": "Kirjoitettu tiedostoon {file}.",
    "Events": "Tapahtumat",
    "What has happened in it: the log": "Mitä siinä on tapahtunut: loki",
    "Replay": "Uusinta-ajo",
    "Plan what to send again, or for the first time": "Suunnittele, mitä lähetetään uudelleen tai ensi kertaa",
    # History
    "Version": "Versio",
    "When": "Milloin",
    "Who": "Kuka",
    "What": "Mitä",
    "Why": "Miksi",
    "no reason given": "ei perustelua",
    "(erased)": "(häivytetty)",
    "an erased address": "häivytetty osoite",
    "trigger {name} changed": "käynnistin {name} muuttui",
    "trigger {name} saved": "käynnistin {name} tallennettiin",
    "trigger {name} removed": "käynnistin {name} poistettiin",
    "{address} blocked": "{address} estettiin",
    "{address} may be added again": "{address} saa taas tulla lisätyksi",
    "paused by the brake": "jarru pysäytti",
    "sending paused": "lähetys pysäytettiin",
    "sending resumed; what waited was decided again": "lähetys jatkui; odottava ratkaistiin uudelleen",
    "sending resumed; what waited was sent": "lähetys jatkui; odottava lähetettiin",
    "sending resumed; what waited was dropped": "lähetys jatkui; odottava pudotettiin",
    "logged in again": "kirjauduttiin uudelleen",
    "settings changed": "asetukset muuttuivat",
    "labels changed": "tunnisteet muuttuivat",
    "everybody in it was erased": "kaikki henkilöt häivytettiin",
    "Restore": "Palauta",
    "Save what this version left once more, as the newest": "Tallenna tämän version tila uudelleen uusimpana",
    "Only triggers, settings and labels have versions to go back to; z undoes the last change.": (
        "Palata voi vain käynnistimien, asetusten ja tunnisteiden versioihin; z kumoaa viimeisimmän muutoksen."
    ),
    "Save {name} as version {n} left it, as the newest?": "Tallennetaanko {name} version {n} mukaisena uusimmaksi?",
    "{name} is as version {n} left it.": "{name} on version {n} mukainen.",
    "Save these settings again, as the newest?": "Tallennetaanko nämä asetukset uudelleen uusimmiksi?",
    "Save these labels again, as the newest?": "Tallennetaanko nämä tunnisteet uudelleen uusimmiksi?",
    "That is how it is: there is nothing to restore.": "Niin on jo: palautettavaa ei ole.",
    "escape: close, look, then do it again": "esc: sulje, katso ja tee sitten uudelleen",
    # Block list
    "Block": "Estä",
    "Never add an address, or anybody at a domain": "Älä koskaan lisää osoitetta tai ketään verkkotunnuksesta",
    "Which address? For everybody at a domain write @example.fi.": (
        "Mikä osoite? Koko verkkotunnuksen voi estää: @example.fi."
    ),
    "{address} is never added from now on. What waits for it is not sent.": (
        "{address} ei tästä lähtien tule lisätyksi. Sille odottavaa ei lähetetä."
    ),
    "{address} is blocked.": "{address} on estetty.",
    "{address} may be added again?": "Saako {address} taas tulla lisätyksi?",
    "Take off": "Poista listalta",
    "Take the marked ones off the list": "Poista merkityt listalta",
    "Take {n} entries off the block list?": "Poistetaanko {n} merkintää estolistalta?",
    "{n} entry is off the block list.": "{n} merkintä poistettiin estolistalta.",
    "{n} entries are off the block list.": "{n} merkintää poistettiin estolistalta.",
    "Nobody is blocked. a: block an address": "Ketään ei ole estetty. a: estä osoite",
    "Address": "Osoite",
    "Since": "Alkaen",
}
