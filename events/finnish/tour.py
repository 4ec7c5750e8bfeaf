"""The demo's guided tour."""

from __future__ import annotations

from collections.abc import Mapping

TOUR: Mapping[str, str] = {
    "Tour {n} of {all}": "Esittely {n}/{all}",
    "Send an invoice": "Lähetä lasku",
    "Watch it travel": "Seuraa sen matkaa",
    "Break the mapping": "Riko kenttien kohdistus",
    "Send another invoice": "Lähetä toinen lasku",
    "Repair the mapping": "Korjaa kenttien kohdistus",
    "Replay what was missed": "Toista se, mikä jäi väliin",
    "That was the tour": "Esittely päättyi",
    "F2 sends one in the first company's Procountor (a stand-in on this machine). F3 puts this panel away.": (
        "F2 lähettää laskun ensimmäisen yrityksen Procountorissa (sijainen tällä koneella). F3 piilottaa paneelin."
    ),
    "Its status change becomes an event, the rules decide, Trustmary gets the contact. 2 shows every event.": (
        "Tilan muutoksesta tulee tapahtuma, säännöt päättävät, ja Trustmary saa kontaktin. 2 näyttää kaikki tapahtumat."
    ),
    "F2 takes the e-mail from the customer's name instead of from its contact person.": (
        "F2 ottaa sähköpostin asiakkaan nimestä eikä enää yhteyshenkilöltä."
    ),
    "F2 sends it. Under the broken mapping nobody can be added; w and its number say why.": (
        "F2 lähettää sen. Rikkinäisellä kohdistuksella ketään ei voi lisätä; w ja laskun numero kertovat miksi."
    ),
    "F2 takes the e-mail from the contact person again. What was skipped stays skipped.": (
        "F2 ottaa sähköpostin taas yhteyshenkilöltä. Ohitettu pysyy ohitettuna."
    ),
    "F2 asks for what was skipped for its address: p plans that, which sends nothing. Look at the difference, "
    "then a applies it. Nobody is added twice.": (
        "F2 hakee osoitteen takia ohitetut: p suunnittelee sen lähettämättä mitään. Katso erot, sitten a toteuttaa. "
        "Ketään ei lisätä kahdesti."
    ),
    "?: the keys of a screen · ctrl+p: everything by name · 1, then a: connect a company, as {login} with {password}, "
    "and with Trustmary's key {key} · F3: put this away · q: end the demo, which leaves nothing behind": (
        "?: näkymän näppäimet · ctrl+p: kaikki nimeltä · 1, sitten a: yhdistä yritys, tunnuksella {login} ja "
        "salasanalla {password}, Trustmaryn avaimella {key} · F3: piilota tämä · q: lopeta esittely, josta ei jää "
        "mitään"
    ),
    "invoice {n} sent": "lasku {n} lähetetty",
    "event": "tapahtuma",
    "to be added": "lisätään",
    "added": "lisätty",
    "added, {n} s after it was sent": "lisätty, {n} s lähettämisestä",
    "Next step": "Seuraava vaihe",
    "Do what the tour's next step is about": "Tee esittelyn seuraava vaihe",
    "Tour": "Esittely",
    "Put the tour away, or get it back": "Piilota esittely tai tuo se takaisin",
}
