"""Why, and why not: conditions, calls, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping

WHY: Mapping[str, str] = {
    # Asking
    "Which invoice? Its number, Procountor's id, or an e-mail address.": (
        "Mikä lasku? Numero, Procountorin tunnus tai sähköpostiosoite."
    ),
    "Why, or why not: by an invoice's number or an e-mail address": (
        "Miksi tai miksi ei: laskun numerolla tai sähköpostiosoitteella"
    ),
    "Changed": "Muuttunut",
    "Skipped": "Ohitetut",
    "What was skipped lately, with this address among the words": (
        "Viime aikoina ohitetut, joissa tämä osoite mainitaan"
    ),
    "only the newest are shown": "näkyvissä vain uusimmat",
    "No invoice was to add this address.": "Minkään laskun perusteella ei lisätty tätä osoitetta.",
    "It is on no block list.": "Se ei ole millään estolistalla.",
    "What was skipped for an address is not found by it: e shows what was skipped lately.": (
        "Osoitteen vuoksi ohitettuja ei löydy sillä: e näyttää viime aikoina ohitetut."
    ),
    "Blocked in {company} by {address} since {at}, by {actor}": (
        "Estetty yrityksessä {company} merkinnällä {address} {at} alkaen, tekijä {actor}"
    ),
    # The life of an invoice
    "Invoice {number}": "Lasku {number}",
    "As of": "Hetkenä",
    "As it was at a time, or as it is now": "Kuten tiettynä hetkenä tai kuten nyt",
    "As of when? 2h, 2026-03-01T12:00, or a date for the end of that day; nothing: now.": (
        "Minä hetkenä? 2h, 2026-03-01T12:00 tai päivä, jolloin sen loppu; tyhjä: nyt."
    ),
    "as of {at}": "hetkenä {at}",
    "not seen yet": "ei vielä nähty",
    "Nothing was known of it then.": "Siitä ei silloin tiedetty mitään.",
    "Its events in the log": "Sen tapahtumat lokissa",
    "A replay that sends what was not sent, or the one that sent this": (
        "Uusinta-ajo, joka lähettää lähettämättä jääneen, tai se, joka lähetti tämän"
    ),
    "The integration that it belongs to": "Integraatio, johon se kuuluu",
    "decided again since an operator asked for it": "päätetty uudelleen operaattorin pyynnöstä",
    "at fault": "vika",
    "added since": "lisätty sen jälkeen",
    "why not, by trigger {name}": "miksi ei, käynnistin {name}",
    "not added": "ei lisätty",
    "undecided": "päättämättä",
    "It had not been decided by then.": "Siitä ei ollut vielä silloin päätetty.",
    "It is not decided yet: is a worker running?": "Siitä ei ole vielä päätetty: onko työprosessi käynnissä?",
    # Calls
    "call": "kutsu",
    "call {n} of delivery {id}": "toimituksen {id} kutsu {n}",
    "delivery {id}": "toimitus {id}",
    "sent": "lähetetty",
    "answered": "vastattu",
    "to": "kohde",
    "unlist": "listalta pois",
    "no answer yet": "ei vastausta vielä",
    "delivered": "toimitettu",
    "failed": "epäonnistui",
    "parked": "pysäköity",
    "state": "tila",
    "waits to be sent": "odottaa lähetystä",
    "under way": "matkalla",
    "next call {at}": "seuraava kutsu {at}",
    "Look at the cause, then send it again or give it up (Attention).": (
        "Katso syy ja lähetä sitten uudelleen tai luovu siitä (Huomiota vaativat)."
    ),
    # Conditions
    "conditions": "ehdot",
    "wanted": "vaaditaan",
    "created after connecting": "luotu kytkemisen jälkeen",
    "invoice readable": "lasku luettavissa",
    "type": "tyyppi",
    "not an offer": "ei tarjous",
    "days since the invoice's date": "päiviä laskun päivästä",
    "total above zero": "loppusumma yli nollan",
    "minimum": "vähintään",
    "maximum": "enintään",
    "at most {n}": "enintään {n}",
    "channel": "laskukanava",
    "customer": "asiakas",
    "customer readable": "asiakas luettavissa",
    "language": "kieli",
    "customer group": "asiakasryhmä",
    "person": "henkilö",
    "rule": "sääntö",
    "e-mail valid": "sähköposti kelvollinen",
    "a person's own address": "henkilön oma osoite",
    "rules as planned": "säännöt kuten suunniteltaessa",
    "last added as planned": "lisätty viimeksi kuten suunniteltaessa",
    "blocked": "estetty",
    "already added": "lisätty jo",
    "cool down": "varoaika",
    "moved": "muuttunut suunnittelun jälkeen",
    "recorded": "vain kirjattu",
    "already off": "otettu jo pois",
    "named contact": "nimetty yhteyshenkilö",
    "invoicing contact": "laskutuksen yhteyshenkilö",
    "only contact": "ainoa yhteyshenkilö",
    "invoicing email": "laskutuksen sähköposti",
    "one off": "kertalaskun vastaanottaja",
    "first contact": "ensimmäinen yhteyshenkilö",
    "counterparty": "laskun asiakas",
}
