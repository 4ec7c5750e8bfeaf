"""What the doctor finds, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

DOCTOR: Mapping[str, str] = {
    "database": "tietokanta",
    "schema": "rakenne",
    "broker": "välittäjä",
    "clock": "kello",
    "keys": "avaimet",
    "client": "rajapintaohjelma",
    "integration": "integraatio",
    "workers": "työprosessit",
    "alerts": "hälytykset",
    "Nobody is told of what lasts: ptm integration edit --alert-to names somebody.": (
        "Kestävistä vioista ei kerrota kenellekään: vastaanottajan nimeää ptm integration edit --alert-to."
    ),
    "Somebody is to be told by mail, and no mail server is set.": (
        "Jollekulle pitäisi kertoa sähköpostilla, mutta sähköpostipalvelinta ei ole asetettu."
    ),
    "Set PTM_SMTP_HOST and PTM_SMTP_FROM, for the workers too.": (
        "Aseta PTM_SMTP_HOST ja PTM_SMTP_FROM, myös työprosesseille."
    ),
    "{n} address gets nothing": "{n} osoite ei saa mitään",
    "{n} addresses get nothing": "{n} osoitetta ei saa mitään",
    ", since {time}: {why}": ", alkaen {time}: {why}",
    "It is tried again by itself. Correct the mail server's settings, or who is told: ptm integration show.": (
        "Sitä yritetään uudelleen itsestään. Korjaa sähköpostipalvelimen asetukset tai se, kenelle kerrotaan: "
        "ptm integration show."
    ),
    "{n} integration tells somebody.": "{n} integraatiosta kerrotaan jollekulle.",
    "{n} integrations tell somebody.": "{n} integraatiosta kerrotaan jollekulle.",
    # Cut off, skipped, away
    "No answer within {n} s: cut off.": "Ei vastausta {n} sekunnissa: keskeytettiin.",
    "Look again later.": "Katso myöhemmin uudelleen.",
    "Not looked at, since {why}.": "Ei katsottu, koska {why}.",
    "the schema is not this release's": "rakenne ei ole tämän version",
    "the login may only look": "tunnus saa vain katsoa",
    "the master key does not open it": "pääavain ei avaa sitä",
    "the database cannot be used": "tietokantaa ei voi käyttää",
    "Start PostgreSQL, or correct PTM_DATABASE_URL; everything else rests on it.": (
        "Käynnistä PostgreSQL tai korjaa PTM_DATABASE_URL; kaikki muu on sen varassa."
    ),
    "Start the broker, or correct PTM_KAFKA_BOOTSTRAP and PTM_KAFKA_SECURITY_PROTOCOL, and PTM_KAFKA_CERT_FILE where "
    "it asks for a certificate; until then workers go on from the database.": (
        "Käynnistä välittäjä tai korjaa PTM_KAFKA_BOOTSTRAP ja PTM_KAFKA_SECURITY_PROTOCOL sekä PTM_KAFKA_CERT_FILE, "
        "jos se vaatii varmenteen; siihen asti työprosessit jatkavat tietokannasta."
    ),
    "Look whether this machine may go there (firewall, proxy, DNS) and whether Procountor tells of "
    "a break; nothing is lost meanwhile. The address is PTM_PROCOUNTOR_URL.": (
        "Katso, pääseekö tämä kone sinne (palomuuri, välityspalvelin, DNS) ja kertooko Procountor katkosta; sillä "
        "välin mitään ei katoa. Osoite on PTM_PROCOUNTOR_URL."
    ),
    "Look whether this machine may go there (firewall, proxy, DNS); what is to be sent waits. "
    "The address is PTM_TRUSTMARY_URL.": (
        "Katso, pääseekö tämä kone sinne (palomuuri, välityspalvelin, DNS); lähetettävä odottaa. "
        "Osoite on PTM_TRUSTMARY_URL."
    ),
    # Database and schema
    "PostgreSQL {version} answers, and keeps sessions; the login is {login}.": (
        "PostgreSQL {version} vastaa ja pitää istunnot; tunnus on {login}."
    ),
    "No worker runs on a PostgreSQL older than {n}.": "Työprosessi ei toimi PostgreSQL {n}:ää vanhemmalla.",
    "Update the server, to {n} best: that is what this release is tested on.": (
        "Päivitä palvelin, mieluiten versioon {n}: sillä tämä versio on testattu."
    ),
    "This release is tested on PostgreSQL {n} only.": "Tämä versio on testattu vain PostgreSQL {n}:lla.",
    "Plan an update of the server to that version.": "Suunnittele palvelimen päivitys siihen versioon.",
    "The login is a superuser, whom nothing keeps from changing events.": (
        "Tunnus on pääkäyttäjä, jota mikään ei estä muuttamasta tapahtumia."
    ),
    "Let PTM_DATABASE_URL name a login that is a member of ptm_worker and nothing else.": (
        "Anna muuttujassa PTM_DATABASE_URL tunnus, joka on vain ryhmän ptm_worker jäsen."
    ),
    "The schema lacks {n} migrations of this release, the first is {name}.": (
        "Rakenteesta puuttuu {n} tämän version muutosta, ensimmäinen on {name}."
    ),
    "Run ptm migrate, as the owner (PTM_DATABASE_OWNER_URL).": ("Aja ptm migrate omistajana (PTM_DATABASE_OWNER_URL)."),
    "The schema is of a newer release: this one does not know {name}.": (
        "Rakenne on uudemman version: tämä ei tunne muutosta {name}."
    ),
    "Update this installation to the release that migrated it.": "Päivitä tämä asennus samaan versioon.",
    "The login may change events, which nobody may.": "Tunnus saa muuttaa tapahtumia, mitä kukaan ei saa.",
    "Let PTM_DATABASE_URL name a login that is a member of ptm_worker and nothing else, not the owner.": (
        "Anna muuttujassa PTM_DATABASE_URL tunnus, joka on vain ryhmän ptm_worker jäsen, ei omistaja."
    ),
    "The login may only look: no worker can run with it, and no credentials can be tried.": (
        "Tunnus saa vain katsoa: sillä ei voi ajaa työprosessia eikä kokeilla kirjautumisia."
    ),
    "To look at everything, use the worker's login.": "Käytä työprosessin tunnusta, niin kaikki voidaan katsoa.",
    "The schema is this release's, and the login cannot change events.": (
        "Rakenne on tämän version, eikä tunnus voi muuttaa tapahtumia."
    ),
    # Broker
    "Kafka answers; {topic} is there with {n} partitions.": "Kafka vastaa; {topic} on siellä, {n} osiota.",
    "{topic} has {n} of {of} partitions.": "{topic}: {n}/{of} osiota.",
    "Nothing is to be done: a worker makes them within half a minute, and may. If one runs and it stays "
    "so, its log says why.": (
        "Mitään ei tarvitse tehdä: työprosessi tekee ne puolessa minuutissa, ja saa tehdä. Jos sellainen on käynnissä "
        "eikä mikään muutu, sen loki kertoo syyn."
    ),
    "{topic} is not there, or is not shown to us, and we may not make it ({why}).": (
        "Aihetta {topic} ei ole tai sitä ei näytetä meille, emmekä saa luoda sitä ({why})."
    ),
    "Ask Kafka's administrator to create {topic} with {of} partitions and cleanup.policy=delete, and to allow "
    "this user to describe, read and write it and to read the group {group}.": (
        "Pyydä Kafkan ylläpitäjää luomaan {topic}, {of} osiota ja cleanup.policy=delete, ja sallimaan tälle "
        "käyttäjälle sen kuvaus, luku ja kirjoitus sekä ryhmän {group} luku."
    ),
    "describe {topic}": "kuvata aihetta {topic}",
    "read {topic}": "lukea aihetta {topic}",
    "write {topic}": "kirjoittaa aiheeseen {topic}",
    "read the group {group}": "lukea ryhmää {group}",
    "Kafka does not allow this user to {what}.": "Tämä käyttäjä ei saa Kafkassa {what}.",
    "Ask its administrator to allow this user to describe, read and write {topic} and to read the group "
    "{group}. Until then workers go on from the database, which is slower.": (
        "Pyydä sen ylläpitäjää sallimaan tälle käyttäjälle aiheen {topic} kuvaus, luku ja kirjoitus sekä ryhmän "
        "{group} luku. Siihen asti työprosessit jatkavat tietokannasta, mikä on hitaampaa."
    ),
    "Kafka does not let us make them ({why}). Ask its administrator to create {topic} with {of} partitions "
    "and cleanup.policy=delete, or to allow this user to.": (
        "Kafka ei anna tehdä niitä ({why}). Pyydä sen ylläpitäjää luomaan {topic}, {of} osiota ja "
        "cleanup.policy=delete, tai sallimaan se tälle käyttäjälle."
    ),
    "{topic} takes messages up to {n} bytes.": "{topic} ottaa enintään {n} tavun viestejä.",
    "Larger events are read from the database, which is slower: ask for max.message.bytes={n}.": (
        "Suuremmat tapahtumat luetaan tietokannasta, mikä on hitaampaa: pyydä max.message.bytes={n}."
    ),
    # Clocks
    "The clock of {whose} agrees with this machine's.": "{whose}: kello on sama kuin tämän koneen.",
    "The clock of {whose} is {n} s ahead of this machine's.": "{whose}: kello on {n} s tämän koneen kelloa edellä.",
    "The clock of {whose} is {n} s behind this machine's.": "{whose}: kello on {n} s tämän koneen kelloa jäljessä.",
    "Let both keep time by NTP (timedatectl); where several clocks differ from it, this machine's is wrong.": (
        "Tahdista molemmat NTP:llä (timedatectl); jos usea kello eroaa, tämän koneen kello on väärässä."
    ),
    # Keys
    "The master key opens the vault.": "Pääavain avaa holvin.",
    "Nothing is sealed with the master key yet.": "Pääavaimella ei ole vielä sinetöity mitään.",
    "It lies in {path}.": "Se on tiedostossa {path}.",
    "It comes from PTM_MASTER_KEY or the settings' file.": "Se tulee muuttujasta PTM_MASTER_KEY tai asetustiedostosta.",
    "Keep a copy apart from the database: without it, what is sealed stays closed.": (
        "Pidä kopio erillään tietokannasta: ilman sitä sinetöity pysyy kiinni."
    ),
    "{path} can be read by others than its owner (mode {mode}).": (
        "Tiedostoa {path} voivat lukea muutkin kuin omistaja (oikeudet {mode})."
    ),
    "chmod 600 {path}; if strangers may have read it, rotate the key: ptm keys rotate.": (
        "chmod 600 {path}; jos vieraat ovat voineet lukea sen, vaihda avain: ptm keys rotate."
    ),
    "It comes from PTM_MASTER_KEY_COMMAND.": "Se tulee komennosta PTM_MASTER_KEY_COMMAND.",
    # Services and budget
    "{name} answers {status}.": "{name} vastaa {status}.",
    "{name} answers {status}: there is no API at {url}.": (
        "{name} vastaa {status}: osoitteessa {url} ei ole rajapintaa."
    ),
    "Correct PTM_PROCOUNTOR_URL and PTM_PROCOUNTOR_API_PATH.": (
        "Korjaa PTM_PROCOUNTOR_URL ja PTM_PROCOUNTOR_API_PATH."
    ),
    "Correct PTM_TRUSTMARY_URL.": "Korjaa PTM_TRUSTMARY_URL.",
    "{name} answers, over TLS.": "{name} vastaa, TLS:n yli.",
    "{name} answers.": "{name} vastaa.",
    "{name} is called without TLS: keys and persons can be read on the way.": (
        "{name}: yhteys on ilman TLS:ää, ja avaimet ja henkilöt voi lukea matkalla."
    ),
    "Let the address begin with https://.": "Anna osoite, joka alkaa https://.",
    "{n} companies cannot be asked every {s} s with {per} requests a second.": (
        "{n} yritystä ei voi kysyä {s} s välein, kun pyyntöjä saa olla {per} sekunnissa."
    ),
    "Raise PTM_POLL_CEILING, or PTM_PROCOUNTOR_PER_SECOND up to 50.": (
        "Nosta PTM_POLL_CEILING tai PTM_PROCOUNTOR_PER_SECOND, enintään 50."
    ),
    "A request to Procountor had to wait {n} s: the budget is used up by what is live.": (
        "Pyyntö Procountoriin joutui odottamaan {n} s: budjetti menee kaikki elävään liikenteeseen."
    ),
    "It passes by itself; if it stays, raise PTM_POLL_FLOOR and PTM_POLL_CEILING.": (
        "Se menee ohi itsestään; jos ei, nosta PTM_POLL_FLOOR ja PTM_POLL_CEILING."
    ),
    "{per} requests a second to Procountor, shared by all; there is room.": (
        "{per} pyyntöä sekunnissa Procountoriin, kaikille yhteisesti; tilaa on."
    ),
    # Workers
    "No worker is running: nothing is read, decided or sent.": (
        "Yhtään työprosessia ei ole käynnissä: mitään ei lueta, päätetä eikä lähetetä."
    ),
    "Start one: ptm worker. Its log tells why where it ends again.": (
        "Käynnistä: ptm worker. Sen loki kertoo, miksi, jos se päättyy taas."
    ),
    "No worker runs the stage {stage}.": "Mikään työprosessi ei aja vaihetta {stage}.",
    "Start one with it: ptm worker --stages {stage}.": "Käynnistä sellainen: ptm worker --stages {stage}.",
    "{stage} fails in the worker {host} {pid}: {why}": "{stage} epäonnistuu työprosessissa {host} {pid}: {why}",
    "Nothing is lost; it goes on by itself once the cause is gone. The worker's log says more.": (
        "Mitään ei katoa; se jatkuu itsestään, kun syy on poissa. Työprosessin loki kertoo lisää."
    ),
    "{n} worker is alive.": "{n} työprosessi on elossa.",
    "{n} workers are alive.": "{n} työprosessia on elossa.",
    "The workers are of {n} versions: {which}.": "Työprosesseja on {n} eri versiota: {which}.",
    "Finish the update: stop those of the older version, and start them from the new one.": (
        "Vie päivitys loppuun: pysäytä vanhemmat ja käynnistä ne uudesta versiosta."
    ),
    "The workers are of version {one}, this command of {other}.": (
        "Työprosessit ovat versiota {one}, tämä komento versiota {other}."
    ),
    "Let both be of one installation.": "Käytä molemmissa samaa asennusta.",
    # Logins
    "Both services let it in, and its rights are enough.": (
        "Molemmat palvelut päästävät sen sisään, ja oikeudet riittävät."
    ),
    "Procountor's login opens another company now ({company}).": (
        "Procountorin kirjautuminen avaa nyt toisen yrityksen ({company})."
    ),
    "{user} may not search sales invoices.": "{user} ei saa hakea myyntilaskuja.",
    "{user} may not read the customer register.": "{user} ei saa lukea asiakasrekisteriä.",
    "{user} sees only its own invoices.": "{user} näkee vain omat laskunsa.",
    "Let the company's administrator give the user viewing rights to all of them in Procountor.": (
        "Pyydä yrityksen pääkäyttäjää antamaan Procountorissa käyttäjälle katseluoikeudet niihin kaikkiin."
    ),
    "A trigger names what Trustmary has no more: {what} {name}.": (
        "Käynnistimellä on kohde, jota Trustmaryssa ei enää ole: {what} {name}."
    ),
    "Choose another in the trigger, and have what waits decided again: ptm trigger list {id}.": (
        "Valitse käynnistimeen toinen ja ratkaise odottavat uudelleen: ptm trigger list {id}."
    ),
    "Procountor's login ends in {n} days.": "Procountorin kirjautuminen päättyy {n} päivän päästä.",
    "Trustmary's key opens another organization now ({organization}).": (
        "Trustmaryn avain avaa nyt toisen organisaation ({organization})."
    ),
    "Give new credentials: ptm integration reconnect {id}.": "Anna uudet tunnukset: ptm integration reconnect {id}.",
    "{variable} is not set.": "{variable} puuttuu.",
    "Ask Procountor for an API client with their form: it gives an id, a secret and a redirect URI.": (
        "Pyydä Procountorilta rajapintaohjelmaa heidän lomakkeellaan: siitä saa tunnuksen, salaisuuden ja "
        "uudelleenohjausosoitteen."
    ),
    "Procountor knows the API client: a company's login works with it.": (
        "Procountor tuntee rajapintaohjelman: yrityksen kirjautuminen toimii sillä."
    ),
    "Procountor refuses the logins of all {n} companies: it may be the API client that it refuses.": (
        "Procountor torjuu kaikkien {n} yrityksen kirjautumiset: se saattaa torjua rajapintaohjelman."
    ),
    "Compare PTM_PROCOUNTOR_CLIENT_ID and PTM_PROCOUNTOR_CLIENT_SECRET with what Procountor gave you, and "
    "ask them whether the client is suspended.": (
        "Vertaa PTM_PROCOUNTOR_CLIENT_ID ja PTM_PROCOUNTOR_CLIENT_SECRET Procountorilta saatuihin ja kysy, onko "
        "ohjelma suljettu."
    ),
    "The API client is set; only a company's login can tell whether Procountor knows it.": (
        "Rajapintaohjelma on annettu; vain yrityksen kirjautuminen kertoo, tunteeko Procountor sen."
    ),
    "Connect a company: ptm integration connect.": "Yhdistä yritys: ptm integration connect.",
    # The console's dialog
    "Doctor": "Lääkäri",
    "Look whether everything can be reached and used, and what to do if not": (
        "Katso, saadaanko kaikkeen yhteys ja voiko kaikkea käyttää, ja mitä tehdä jos ei"
    ),
    "Looking …": "Katsotaan …",
}
