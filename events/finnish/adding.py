"""Adding an integration, and editing a trigger."""

from __future__ import annotations

from collections.abc import Mapping

ADDING: Mapping[str, str] = {
    "Add integration": "Lisää integraatio",
    "Trigger": "Käynnistin",
    "new trigger": "uusi käynnistin",
    "Invoice sent": "Lasku lähetetty",
    # Moving, saving, leaving
    "Next": "Seuraava",
    "The next step": "Seuraava vaihe",
    "Previous": "Edellinen",
    "The step before": "Edellinen vaihe",
    "Save": "Tallenna",
    "Review, then save it all at once": "Tarkista, tallenna sitten kaikki kerralla",
    "Save as draft": "Tallenna luonnoksena",
    "Save as a draft, which sends nothing": "Tallenna luonnoksena, joka ei lähetä mitään",
    "Read invoices and Trustmary's lists again": "Hae laskut ja Trustmaryn listat uudelleen",
    "Leave without saving? What was made here is lost.": "Poistutaanko tallentamatta? Tässä tehty menetetään.",
    "Something is not saved yet. Leave the console all the same?": "Kaikkea ei ole tallennettu. Lopetetaanko silti?",
    "{name} is saved.": "{name} on tallennettu.",
    "Somebody has changed {name} meanwhile: saving shows what, before anything is written.": (
        "Joku on sillä välin muuttanut integraatiota {name}: tallennus näyttää ensin, mitä muuttui."
    ),
    "Looking in older changes …": "Etsitään vanhemmista muutoksista …",
    "Somebody saved meanwhile: nothing of yours was written.": "Joku tallensi sillä välin: omaasi ei kirjoitettu.",
    "Keep mine: look at it on top of theirs, then save again": "Pidä oma: katso se toisen päällä ja tallenna uudelleen",
    "Take theirs: what I made is lost": "Ota toisen versio: oma menetetään",
    # Widgets
    "Choose": "Valitse",
    "Choose what the cursor is on": "Valitse kohdistimen rivi",
    "enter: choose · escape: leave it": "enter: valitse · esc: jätä sikseen",
    "enter: take it · escape: leave it": "enter: ota · esc: jätä sikseen",
    "space: mark · enter: take the marked ones · escape: leave it": "väli: merkitse · enter: ota merkityt · esc: jätä",
    "enter: take it · down: to the list · escape: leave it": "enter: ota · alas: luetteloon · esc: jätä sikseen",
    "enter changes it": "enter muuttaa",
    "type to search": "kirjoita hakusana",
    "as it is typed": "sellaisenaan",
    "Name": "Nimi",
    "Search": "Hae",
    # Procountor
    "First: an API client from Procountor (its form brings client id and secret), set as PTM_PROCOUNTOR_CLIENT_….": (
        "Ensin: API-asiakas Procountorilta (lomakkeella saa tunnuksen ja salaisuuden), PTM_PROCOUNTOR_CLIENT_…."
    ),
    "In the company: the API add-on, and Management > Company info > Usage settings > Integration settings > "
    "Allow the usage of invoiceable API clients.": (
        "Yrityksessä: API-lisäosa sekä Management > Company info > Usage settings > Integration settings > "
        "Allow the usage of invoiceable API clients."
    ),
    "A user of its own, of no person, to log in as: the connection ends when its user does.": (
        "Integraation oma käyttäjä, ei kenenkään henkilökohtainen: yhteys päättyy käyttäjänsä mukana."
    ),
    "For Trustmary's key an Owner: Settings > Developers.": (
        "Trustmaryn avaimeen omistaja (Owner): Settings > Developers."
    ),
    "With Trustmary's hosted integration on, save a draft, compare, then switch: both live add every contact twice.": (
        "Jos Trustmaryn oma integraatio on päällä, tallenna luonnos, vertaa ja vaihda sitten: molemmat päällä lisäävät "
        "jokaisen kontaktin kahdesti."
    ),
    "Where was the customer's browser sent to? The address, or the number at its end:": (
        "Mihin asiakkaan selain ohjattiin? Osoite tai sen lopussa oleva numero:"
    ),
    "Nothing is approved before all companies are named and the rest is said.": (
        "Mitään ei hyväksytä, ennen kuin kaikki yritykset on nimetty ja loput kerrottu."
    ),
    "API key of your own company in Procountor, the one with the API Integrator tool": (
        "Oman yrityksesi API-avain Procountorissa: sen, jolla on API Integrator -työkalu"
    ),
    "accepted by": "hyväksyjä",
    "answer before": "vastattava ennen",
    "Approved before, and not joined yet: their keys are kept here.": (
        "Hyväksytty jo, ei vielä liitetty: avaimet ovat tallessa täällä."
    ),
    "Join {n} company: go on": "Liitä {n} yritys: jatka",
    "Join {n} companies: go on": "Liitä {n} yritystä: jatka",
    "Only some of them: the others are rejected": "Vain osa niistä: muut hylätään",
    "Not this one: leave it as it is": "Ei tämä: jätä ennalleen",
    "Which companies are to be joined? The others are rejected.": "Mitkä yritykset liitetään? Muut hylätään.",
    "What it would add can be shown once the companies are joined: until then nothing of theirs can be read.": (
        "Lisättävät voidaan näyttää, kun yritykset on liitetty: sitä ennen niistä ei voida lukea mitään."
    ),
    "Rejects": "Hylätään",
    "{n} company": "{n} yritys",
    "{n} companies": "{n} yritystä",
    "An approval cannot be taken back: Procountor makes a technical user in each company.": (
        "Hyväksyntää ei voi perua: Procountor tekee joka yritykseen teknisen käyttäjän."
    ),
    "Join {n} company to {name}?": "Liitetäänkö {n} yritys organisaatioon {name}?",
    "Join {n} companies to {name}?": "Liitetäänkö {n} yritystä organisaatioon {name}?",
    "Approve {n} company, and join it to {name}? An approval cannot be taken back.": (
        "Hyväksytäänkö {n} yritys ja liitetäänkö se organisaatioon {name}? Hyväksyntää ei voi perua."
    ),
    "Approve {n} companies, and join them to {name}? An approval cannot be taken back.": (
        "Hyväksytäänkö {n} yritystä ja liitetäänkö ne organisaatioon {name}? Hyväksyntää ei voi perua."
    ),
    "{n} company is rejected.": "{n} yritys hylätään.",
    "{n} companies are rejected.": "{n} yritystä hylätään.",
    "Companies asked: {n} of {all}": "Yrityksiä kysytty: {n}/{all}",
    "Companies joined: {n} of {all}": "Yrityksiä liitetty: {n}/{all}",
    "{n} company is joined, from now on.": "{n} yritys on liitetty, tästä lähtien.",
    "{n} companies are joined, from now on.": "{n} yritystä on liitetty, tästä lähtien.",
    "Their keys are kept here: once that is put right, take the same link again, number {number}.": (
        "Niiden avaimet ovat tallessa täällä: kun syy on korjattu, ota sama linkki uudelleen, numero {number}."
    ),
    "joined already": "liitetty jo",
    "An activation link that a customer has accepted (several companies)": (
        "Aktivointilinkki, jonka asiakas on hyväksynyt (useita yrityksiä)"
    ),
    "How do you get into Procountor?": "Miten pääset Procountoriin?",
    "Log in in a browser (for good)": "Kirjaudu selaimessa (toistaiseksi)",
    "Log in in a browser (for six months, where API keys are not allowed)": (
        "Kirjaudu selaimessa (puoleksi vuodeksi, kun API-avaimia ei sallita)"
    ),
    "An API key that I have": "API-avain, joka minulla on",
    "The API key of the settings (PTM_PROCOUNTOR_API_KEY)": "Asetusten API-avain (PTM_PROCOUNTOR_API_KEY)",
    "Open this page, log in to Procountor and choose the company:": (
        "Avaa tämä sivu, kirjaudu Procountoriin ja valitse yritys:"
    ),
    "This screen goes on by itself. If the browser ends on a page that does not open, paste its address here:": (
        "Tämä näyttö jatkaa itsestään. Jos selain päätyy sivulle, joka ei avaudu, liitä sen osoite tähän:"
    ),
    "address with ?code=…&state=…": "osoite, jossa on ?code=…&state=…",
    "Copy the link": "Kopioi linkki",
    "Copy the link, over ssh too": "Kopioi linkki, myös ssh:n yli",
    "Open the link": "Avaa linkki",
    "Open the link in a browser on this machine": "Avaa linkki tämän koneen selaimessa",
    "Procountor's API key": "Procountorin API-avain",
    "the key stays hidden": "avainta ei näytetä",
    "Asking Procountor …": "Kysytään Procountorilta …",
    "company": "yritys",
    "user": "käyttäjä",
    "role unknown": "rooli ei tiedossa",
    "sales invoices": "myyntilaskut",
    "customer register": "asiakasrekisteri",
    "All rights": "kaikki oikeudet",
    "Viewing rights": "katseluoikeus",
    "No access": "ei oikeutta",
    "Not enabled": "ei käytössä",
    "This is the right one: go on": "Tämä on oikea: jatka",
    "Not this one: log in again": "Ei tämä: kirjaudu uudelleen",
    "The user may not read the customer register: contact persons cannot be found. Give it viewing rights.": (
        "Käyttäjä ei saa lukea asiakasrekisteriä: yhteyshenkilöitä ei löydy. Anna käyttäjälle katseluoikeus."
    ),
    "The user sees only its own invoices: those of others will not be noticed.": (
        "Käyttäjä näkee vain omat laskunsa: muiden laskuja ei huomata."
    ),
    "This login ends after six months; an API key does not.": (
        "Tämä kirjautuminen päättyy puolen vuoden kuluttua; API-avain ei pääty."
    ),
    "Log in to a company of Procountor first.": "Kirjaudu ensin Procountorin yritykseen.",
    # Trustmary
    "How do you get into Trustmary?": "Miten pääset Trustmaryyn?",
    "The API key of the settings (PTM_TRUSTMARY_API_KEY)": "Asetusten API-avain (PTM_TRUSTMARY_API_KEY)",
    "Trustmary's API key (in Trustmary: Settings, Developers)": (
        "Trustmaryn API-avain (Trustmaryssa: Asetukset, Kehittäjät)"
    ),
    "Asking Trustmary …": "Kysytään Trustmarylta …",
    "organization": "organisaatio",
    "key": "avain",
    "without a name": "nimetön",
    "Not this one: another key": "Ei tämä: toinen avain",
    "Give Trustmary's API key first.": "Anna ensin Trustmaryn API-avain.",
    # Condition
    "Condition": "Ehto",
    "When an invoice reaches the status, its contact person is added. Sent is recommended.": (
        "Kun lasku saa tilan, sen yhteyshenkilö lisätään. Suositus on Lähetetty."
    ),
    "Trigger's name": "Käynnistimen nimi",
    "What is the trigger called?": "Mikä käynnistimen nimi on?",
    "Status": "Tila",
    "Type of document": "Tositetyyppi",
    "Sent by": "Laskukanava",
    "Language of the invoice": "Laskun kieli",
    "Customer groups": "Asiakasryhmät",
    "Customers": "Asiakkaat",
    "Total from": "Summa vähintään",
    "Total up to": "Summa enintään",
    "an amount with VAT; empty: no limit": "verollinen summa; tyhjä: ei rajaa",
    "Offers too": "Myös tarjoukset",
    "Credit notes too": "Myös hyvityslaskut",
    "From the latest invoices; any other by its id in Procountor. None marked: all of them.": (
        "Viimeisimmiltä laskuilta; muut tunnuksella Procountorissa. Ei merkittyjä: kaikki."
    ),
    "recommended": "suositus",
    "all": "kaikki",
    "none": "ei mitään",
    "no limit": "ei rajaa",
    "yes": "kyllä",
    "no": "ei",
    # Mapping
    "Mapping": "Kentät",
    "What Trustmary gets to know of each contact, and from where:": (
        "Mitä Trustmary saa tietää kustakin kontaktista ja mistä:"
    ),
    "Add a field": "Lisää kenttä",
    "Map another contact field": "Yhdistä uusi kontaktin kenttä",
    "Take away": "Poista",
    "Map this contact field no longer": "Älä enää yhdistä tätä kontaktin kenttää",
    "Map Email first: nobody can be added without it.": "Yhdistä ensin sähköposti: ilman sitä ketään ei voi lisätä.",
    "Which contact field?": "Mikä kontaktin kenttä?",
    "A custom field of Trustmary's: type its name, such as field_invoice.": (
        "Trustmaryn oma kenttä: kirjoita sen nimi, esimerkiksi field_invoice."
    ),
    "Email": "Sähköposti",
    "Phone": "Puhelin",
    "External id (eid)": "Ulkoinen tunnus (eid)",
    "from": "mistä",
    "Filled": "Täytetty",
    "Example": "Esimerkki",
    "Path": "Polku",
    "Procountor's field": "Procountorin kenttä",
    "{field} comes from:": "{field} saadaan kentästä:",
    "search by name or example, or write a path or an expression": (
        "hae nimellä tai esimerkillä, tai kirjoita polku tai lauseke"
    ),
    "No field has that in its path, name or example.": "Sitä ei ole minkään kentän polussa, nimessä tai esimerkissä.",
    "{written} gives, {n} times of {all}:": "{written} antaa, {n}/{all} kertaa:",
    "Person": "Henkilö",
    "Who of the customer is asked? The first that is there, in this order:": (
        "Keneltä asiakkaalla kysytään? Ensimmäiseltä, joka löytyy, tässä järjestyksessä:"
    ),
    "the contact person whom the invoicing data name": "laskutustiedoissa nimetty yhteyshenkilö",
    "that name with the invoicing e-mail": "se nimi ja laskutuksen sähköposti",
    "the only contact person": "ainoa yhteyshenkilö",
    "the invoicing e-mail without a name": "laskutuksen sähköposti ilman nimeä",
    "a one-off customer's person on the invoice": "kertalaskun henkilö laskulla",
    "the first contact person": "ensimmäinen yhteyshenkilö",
    "the person on the invoice": "henkilö laskulla",
    # What it would do
    "Reading the company's latest invoices …": "Haetaan yrityksen viimeisimmät laskut …",
    "The company has no invoices yet to show it on.": "Yrityksellä ei ole vielä laskuja, joilla sen voisi näyttää.",
    "Of the latest {n} invoices it would add {added}": "Viimeisimmistä {n} laskusta lisättäisiin {added}",
    "These are the ones recorded last, since Procountor could not be asked: {why}": (
        "Nämä ovat viimeksi kirjatut, koska Procountorilta ei voitu kysyä: {why}"
    ),
    "{n} of {all}": "{n}/{all}",
    "nobody": "ei ketään",
    "Customer": "Asiakas",
    "Status now": "Tila nyt",
    # Destination
    "Destination": "Kohde",
    "What becomes of the contact in Trustmary?": "Mitä kontaktille tapahtuu Trustmaryssa?",
    "Where contacts go": "Minne kontaktit menevät",
    "not said yet: press enter": "ei vielä sanottu: paina enter",
    "Say where contacts go first.": "Sano ensin, minne kontaktit menevät.",
    "Only add the contact": "Lisää vain kontakti",
    "Add to lists": "Lisää listoille",
    "Add to a survey": "Lisää kyselyyn",
    "Add to an automation": "Lisää automaatioon",
    "lists": "listat",
    "survey": "kysely",
    "by its list": "listalla",
    "automation": "automaatio",
    "To which lists?": "Mille listoille?",
    "To which survey?": "Mihin kyselyyn?",
    "Which list is {survey} sent to?": "Mille listalle {survey} lähetetään?",
    "To which automation?": "Mihin automaatioon?",
    "Trustmary's lists are still being read.": "Trustmaryn listoja haetaan vielä.",
    "Trustmary has none yet. Make it there first.": "Trustmaryssa ei ole vielä yhtään. Tee se ensin siellä.",
    "Lists, surveys and automations are made in Trustmary; ctrl+r looks there again.": (
        "Listat, kyselyt ja automaatiot tehdään Trustmaryssa; ctrl+r hakee ne uudelleen."
    ),
    "A survey is sent by Trustmary, as its list or automation is set there.": (
        "Kyselyn lähettää Trustmary niin kuin listalle tai automaatiolle on siellä asetettu."
    ),
    "Starts surveys": "Käynnistää kyselyjä",
    "Does that send surveys to people?": "Lähtevätkö siitä kyselyt ihmisille?",
    "Replays and undoing go by this mark: what may start a survey is not sent by mistake.": (
        "Uusinta-ajot ja perumiset noudattavat tätä: mikä voi käynnistää kyselyn, ei lähde vahingossa."
    ),
    "unknown: counts as yes": "ei tiedossa: lasketaan kylläksi",
    "A contact that exists": "Olemassa oleva kontakti",
    "A contact that Trustmary has already …": "Kontakti, joka Trustmaryssa on jo …",
    "is updated": "päivitetään",
    "is left as it is": "jätetään ennalleen",
    # Review
    "Review": "Tarkistus",
    "Save as a draft: nothing is sent until it is promoted": "Tallenna luonnoksena: ei lähetä ennen käyttöönottoa",
    "Write a reason for whoever reads the log later": "Kirjoita syy sille, joka lokia myöhemmin lukee",
    "Why?": "Miksi?",
    "Reason": "Syy",
    "Connects": "Yhdistää",
    "What changes:": "Mikä muuttuu:",
    "Nothing has been changed.": "Mitään ei ole muutettu.",
    "The past is not sent: invoices that were sent before now add nobody.": (
        "Mennyttä ei lähetetä: tätä ennen lähetetyt laskut eivät lisää ketään."
    ),
    "Invoices that are not sent yet count, from the moment they are sent.": (
        "Vielä lähettämättömät laskut lasketaan siitä hetkestä, kun ne lähetetään."
    ),
    "After saving, the past can be read and looked at as a plan, which sends nothing by itself.": (
        "Tallennuksen jälkeen menneen voi lukea ja katsoa suunnitelmana, joka ei itse lähetä mitään."
    ),
    "From now on: what was recorded before is not decided again. A replay can do that.": (
        "Tästä lähtien: aiemmin kirjattua ei ratkaista uudelleen. Uusinta-ajo voi tehdä sen."
    ),
    "May start surveys.": "Voi käynnistää kyselyjä.",
    "Looking at the invoices that wait to be sent: {n}": "Käydään läpi lähetystä odottavia laskuja: {n}",
    "Connected: from now on.": "Kytketty: tästä lähtien.",
    "Connected. The trigger is a draft: nothing is sent yet.": "Kytketty. Käynnistin on luonnos: mitään ei lähde.",
    "Invoices that were sent before fire nothing. Have those of the last {n} days read, and look at them as a plan, "
    "which sends nothing?": (
        "Aiemmin lähetetyt laskut eivät laukaise mitään. Luetaanko viimeisten {n} päivän laskut, ja katsotaanko niitä "
        "suunnitelmana, joka ei lähetä mitään?"
    ),
    "send as they were decided": "lähetä niin kuin ratkaistiin",
    "drop them: a replay can send them later": "pudota: uusinta-ajo voi lähettää ne myöhemmin",
}
