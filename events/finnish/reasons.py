"""Why nobody was asked, what waits for a person, and what to do: reasons, causes and remedies."""

from __future__ import annotations

from collections.abc import Mapping

SKIPS: Mapping[str, str] = {
    "The invoice is older than the connection, or than the first trigger that asked for its type of document.": (
        "Lasku on vanhempi kuin kytkentä tai kuin ensimmäinen käynnistin, joka kysyi sen tositetyyppiä."
    ),
    "Nothing to do: the past never fires by itself. A replay can send it.": (
        "Ei toimenpiteitä: mennyt ei koskaan lähde itsestään. Uusinta-ajo voi lähettää sen."
    ),
    "It is another type of document than the trigger wants.": "Tosite on muuta tyyppiä kuin käynnistin edellyttää.",
    "Change the trigger's types if it should count.": "Muuta käynnistimen tositetyyppejä, jos sen pitäisi kelvata.",
    "It is an offer, not an order.": "Se on tarjous eikä tilaus.",
    "Tick offers in the trigger if they should count.": "Salli käynnistimessä tarjoukset, jos niiden pitäisi kelvata.",
    "Its total is zero, negative (a credit note) or unknown.": (
        "Loppusumma on nolla, negatiivinen (hyvityslasku) tai tuntematon."
    ),
    "Tick totals of zero and less in the trigger if credit notes should count.": (
        "Salli käynnistimessä nolla ja negatiiviset summat, jos hyvityslaskujen pitäisi kelvata."
    ),
    "A filter of the trigger leaves it out.": "Käynnistimen suodatin jättää sen pois.",
    "Look at the trace; change the filter if it is wrong.": "Katso päättelyketju; muuta suodatinta, jos se on väärä.",
    "The customer's register entry could not be read.": "Asiakkaan tietoja asiakasrekisterissä ei voitu lukea.",
    "Give the Procountor user viewing rights to the customer register, or restore the customer; "
    "its next invoice fires, and a replay with the latest customers adds what was sent meanwhile.": (
        "Anna Procountor-käyttäjälle asiakasrekisterin katseluoikeus tai palauta asiakas; sen seuraava lasku lähtee, "
        "ja uusinta-ajo tuoreilla asiakastiedoilla lisää sillä välin lähetetyt."
    ),
    "The invoice could not be read.": "Laskua ei voitu lukea.",
    "Give the Procountor user viewing rights to sales invoices; its next status change fires.": (
        "Anna Procountor-käyttäjälle myyntilaskujen katseluoikeus; laskun seuraava tilanmuutos lähtee."
    ),
    "The customer has no contact person and no e-mail address.": (
        "Asiakkaalla ei ole yhteyshenkilöä eikä sähköpostiosoitetta."
    ),
    "Add a contact person with e-mail to the customer in Procountor's register.": (
        "Lisää asiakkaalle Procountorin asiakasrekisteriin yhteyshenkilö ja tämän sähköposti."
    ),
    "The contact person has no e-mail address.": "Yhteyshenkilöllä ei ole sähköpostiosoitetta.",
    "Add the e-mail to the contact person in Procountor's customer register.": (
        "Lisää yhteyshenkilön sähköposti Procountorin asiakasrekisteriin."
    ),
    "The e-mail address is not valid.": "Sähköpostiosoite on virheellinen.",
    "Correct the address in Procountor's customer register.": "Korjaa osoite Procountorin asiakasrekisteriin.",
    "The address is a shared mailbox, such as laskutus@ or info@.": (
        "Osoite on yhteinen postilaatikko, kuten laskutus@ tai info@."
    ),
    "Name a person with an address of their own in the register, or let shared mailboxes through in the settings.": (
        "Nimeä asiakasrekisteriin henkilö, jolla on oma osoite, tai salli yhteiset postilaatikot asetuksissa."
    ),
    "The invoice's own date is longer ago than the settings allow.": (
        "Laskun päiväys on vanhempi kuin asetukset sallivat."
    ),
    "An old invoice asks nobody by itself. A replay of what was skipped so sends it, or drops it (reach record).": (
        "Vanha lasku ei kysy itsestään keneltäkään. Tästä syystä ohitettujen uusinta-ajo lähettää tai hylkää sen "
        "(ulottuvuus record)."
    ),
    "The address or its domain is on the block list.": "Osoite tai sen verkkotunnus on estolistalla.",
    "Nothing to do, or take it off: ptm block remove.": "Ei toimenpiteitä, tai poista esto: ptm block remove.",
    "This invoice has added this contact to this destination already.": (
        "Tämä lasku on jo lisännyt tämän kontaktin tähän kohteeseen."
    ),
    "Nothing to do: once per invoice is enough.": "Ei toimenpiteitä: kerran laskua kohden riittää.",
    "This contact was added too recently.": "Kontakti on lisätty liian vähän aikaa sitten.",
    "Nothing to do, or shorten the cool-down in the settings.": (
        "Ei toimenpiteitä, tai lyhennä varoaikaa asetuksissa."
    ),
    "Since the replay was planned the rules have changed, or the contact was added again.": (
        "Uusinta-ajon suunnittelun jälkeen säännöt ovat muuttuneet tai kontakti on lisätty uudelleen."
    ),
    "Plan the replay anew.": "Suunnittele uusinta-ajo uudelleen.",
    "What was to put the contact on was never sent: there is nothing to take off.": (
        "Kontaktin lisäystä ei koskaan lähetetty: poistettavaa ei ole."
    ),
    "Nothing to do.": "Ei toimenpiteitä.",
    "The contact has been taken off already.": "Kontakti on jo poistettu listalta.",
    "It would be added; the replay only records.": "Se lisättäisiin, mutta uusinta-ajo vain kirjaa.",
    "Apply a plan with a higher reach to send it.": "Toteuta suunnitelma laajemmalla ulottuvuudella, niin se lähtee.",
}

WITHDRAWALS: Mapping[str, str] = {
    "The contact was deleted in Trustmary and is not revived.": (
        "Kontakti on poistettu Trustmarysta, eikä sitä herätetä uudelleen."
    ),
    "Add the contact in Trustmary by hand if it should be back.": (
        "Lisää kontakti Trustmaryyn käsin, jos sen pitäisi olla siellä."
    ),
    "The contact is not active in Trustmary (unsubscribed, bounced or the like).": (
        "Kontakti ei ole Trustmaryssa aktiivinen (perunut viestit, osoite ei toimi tai vastaavaa)."
    ),
    "Respect it, or correct the contact in Trustmary.": "Kunnioita sitä tai korjaa kontakti Trustmaryssa.",
    "Trustmary has the contact already and the trigger leaves it as it is.": (
        "Kontakti on jo Trustmaryssa, ja käynnistin jättää sen ennalleen."
    ),
    "The rules had changed while it waited; it was decided again.": (
        "Säännöt muuttuivat sen odottaessa; se ratkaistiin uudelleen."
    ),
    "See the newer decision.": "Katso uudempi päätös.",
    "It was dropped when sending was resumed or a rule saved.": (
        "Se pudotettiin pois, kun lähettämistä jatkettiin tai sääntö tallennettiin."
    ),
    "A replay can send it.": "Uusinta-ajo voi lähettää sen.",
    "An operator discarded it.": "Käyttäjä hylkäsi sen.",
    "The integration was removed.": "Integraatio poistettiin.",
    "Connect the company again; a replay can send it.": "Kytke yritys uudelleen; uusinta-ajo voi lähettää sen.",
    "The address or its domain was put on the block list while it waited.": (
        "Osoite tai sen verkkotunnus lisättiin estolistalle odotuksen aikana."
    ),
    "Nothing to do, or take it off: ptm block remove; a replay can send it.": (
        "Ei toimenpiteitä, tai poista esto: ptm block remove; uusinta-ajo voi lähettää sen."
    ),
    "The contact itself was not added, so its automation was not started.": (
        "Kontaktia ei lisätty, joten sen automaatiotakaan ei käynnistetty."
    ),
    "See the first step.": "Katso ensimmäinen vaihe.",
    "Trustmary has no contact with that address: it is on no list.": (
        "Trustmaryssa ei ole kontaktia tällä osoitteella: se ei ole millään listalla."
    ),
    "Something newer has put the contact on the list since: it stays on.": (
        "Jokin uudempi on sittemmin lisännyt kontaktin listalle: se jää sinne."
    ),
}

CHECKED: Mapping[str, str] = {
    "Trustmary has it as it was sent.": "Se on Trustmaryssa sellaisena kuin se lähetettiin.",
    "Trustmary knows no such contact any more.": "Trustmary ei enää tunne kontaktia.",
    "A replay can send it again: ptm replay plan shows it as new.": (
        "Uusinta-ajo voi lähettää sen uudelleen: ptm replay plan näyttää sen uutena."
    ),
    "Trustmary has other values than were sent; somebody may have corrected them there on purpose.": (
        "Trustmaryssa on muut tiedot kuin lähetettiin; joku on voinut korjata ne siellä tarkoituksella."
    ),
    "Nothing to do if that is right; else a replay can send ours again: ptm replay plan shows it as changed.": (
        "Ei toimenpiteitä, jos se on oikein; muuten uusinta-ajo voi lähettää omamme uudelleen: ptm replay plan näyttää "
        "sen muuttuneena."
    ),
    "Add it in Trustmary by hand if it should be back.": "Lisää se Trustmaryyn käsin, jos sen pitäisi olla siellä.",
}

PLANNED: Mapping[str, str] = {
    "Whoever applied the plan left it out.": "Suunnitelman käynnistäjä jätti sen pois.",
    "A call to add this contact had no answer and was given up: it may have arrived.": (
        "Kontaktin lisäyskutsuun ei saatu vastausta ja siitä luovuttiin: se on voinut mennä perille."
    ),
    "A newer invoice has put other values there since.": "Uudempi lasku on sittemmin vienyt sinne muut tiedot.",
    "Another trigger of the plan sends this contact other values: apply, then plan again.": (
        "Suunnitelman toinen käynnistin lähettää kontaktille muut tiedot: toteuta ja suunnittele sitten uudelleen."
    ),
    "Something was sent to this address for a person who was erased since.": (
        "Osoitteeseen on lähetetty henkilölle, jonka tiedot on sittemmin häivytetty."
    ),
    "The invoice has been invalidated or deleted since.": "Lasku on sittemmin mitätöity tai poistettu.",
    "It would only be added to what the reach leaves alone.": "Se lisättäisiin vain sinne, mihin ulottuvuus ei yllä.",
    "An earlier decision to add this contact still waits to be sent.": (
        "Aiempi päätös lisätä tämä kontakti odottaa vielä lähettämistä."
    ),
    "It was added for this invoice before the company was removed and connected again.": (
        "Lisättiin tämän laskun takia jo ennen kuin yritys poistettiin ja yhdistettiin uudelleen."
    ),
    "The person was erased.": "Henkilön tiedot on häivytetty.",
    "Something else has put the contact on it too: it stays on.": (
        "Jokin muukin on lisännyt kontaktin sinne: se jää sinne."
    ),
    "Another company has put the contact on it too: it stays on.": (
        "Toinenkin yritys on lisännyt kontaktin sinne: se jää sinne."
    ),
    "It was put on no list: the contact stays in Trustmary, with what was written.": (
        "Sitä ei lisätty listalle: kontakti jää Trustmaryyn kirjoitettuine tietoineen."
    ),
    "An automation was started: what it sends cannot be taken back.": (
        "Automaatio käynnistettiin: sen lähettämää ei voi perua."
    ),
    "It waits to be sent still, and is dropped.": "Se odottaa vielä lähettämistä ja pudotetaan pois.",
    "Its new address was not delivered: the old one stays where it is.": (
        "Uutta osoitetta ei saatu toimitettua: vanha jää paikalleen."
    ),
}

UNDECIDED: Mapping[str, str] = {
    "No rule stands against it; it is not decided yet.": "Mikään sääntö ei estä sitä; sitä ei ole vielä ratkaistu.",
    "Is a worker running? Whether it was added before or is blocked is looked up when it is decided.": (
        "Onko työprosessi käynnissä? Aiempi lisäys ja esto tarkistetaan vasta ratkaistaessa."
    ),
    "It would be added under these rules; the rules of the moment it was seen did not ask for it.": (
        "Näillä säännöillä se lisättäisiin; näkemishetken säännöt eivät sitä edellyttäneet."
    ),
    "The trigger is a draft: it decides nothing.": "Käynnistin on luonnos: se ei ratkaise mitään.",
    "Put it in force: ptm trigger promote.": "Ota se käyttöön: ptm trigger promote.",
    "It was read while connecting: that is recorded, and fires nothing.": (
        "Se luettiin kytkettäessä: se kirjataan, eikä siitä lähde mitään."
    ),
    "Its next status change counts.": "Sen seuraava tilanmuutos otetaan huomioon.",
    "It was read late, by a reconciliation: only a replay decides it.": (
        "Se luettiin jälkikäteen täsmäytyksessä: vain uusinta-ajo ratkaisee sen."
    ),
    "It was read from before connecting, since somebody asked for it: only a replay decides it.": (
        "Se luettiin kytkemistä edeltävältä ajalta, koska joku pyysi: vain uusinta-ajo ratkaisee sen."
    ),
    "Plan a replay.": "Suunnittele uusinta-ajo.",
    "Nothing to do until its status changes.": "Ei toimenpiteitä ennen kuin sen tila muuttuu.",
    "Why not, by trigger {name}:": "Miksi ei, käynnistin {name}:",
}

CALLBACK: Mapping[str, str] = {
    "This login was not begun here. Begin it in the terminal: ptm integration connect.": (
        "Tätä kirjautumista ei aloitettu täällä. Aloita se päätteessä: ptm integration connect."
    ),
    "This login was used already. Go back to the terminal.": "Tämä kirjautuminen on jo käytetty. Palaa päätteeseen.",
    "This login took too long. Begin again in the terminal.": (
        "Kirjautuminen kesti liian kauan. Aloita päätteessä alusta."
    ),
    "Nothing to see here": "Täällä ei ole nähtävää",
    "This page belongs to the login of ptm integration connect.": (
        "Tämä sivu kuuluu komennon ptm integration connect kirjautumiseen."
    ),
    "Activation {number}": "Aktivointi {number}",
    "Procountor has passed on what was accepted. Whoever runs this service has to approve it yet; then the companies "
    "are joined. If it was you who followed the link, send them the address of this page, or its number: {number}.": (
        "Procountor on välittänyt hyväksynnän. Palvelun ylläpitäjän on vielä vahvistettava se; sen jälkeen yritykset "
        "liitetään. Jos avasit linkin itse, lähetä ylläpitäjälle tämän sivun osoite tai sen numero: {number}."
    ),
    "If it is you who runs it: ptm integration connect --activation {number}, or a in the console, then An activation "
    "link.": (
        "Jos ylläpidät palvelua: ptm integration connect --activation {number}, tai hallintanäkymässä a ja sitten "
        "Aktivointilinkki."
    ),
    "This did not work": "Tämä ei onnistunut",
    "Procountor said no": "Procountor ei päästänyt sisään",
    "Not now": "Ei juuri nyt",
    "The worker cannot reach its database. Try the same address again.": (
        "Työprosessi ei saa yhteyttä tietokantaansa. Yritä samaa osoitetta uudelleen."
    ),
    "Procountor has let us in for {company}. Go back to the terminal to go on.": (
        "Procountor on avannut yhteyden: {company}. Jatka palaamalla päätteeseen."
    ),
    "Almost done": "Melkein valmista",
    "Procountor has answered. Go back to the terminal to go on.": (
        "Procountor on vastannut. Jatka palaamalla päätteeseen."
    ),
}

REASONS: Mapping[str, str] = {**SKIPS, **WITHDRAWALS, **CHECKED, **PLANNED, **UNDECIDED, **CALLBACK}
