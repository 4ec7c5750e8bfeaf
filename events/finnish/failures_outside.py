"""What went wrong at the database, the broker, the services and in the vault, by the English of the errors."""

from __future__ import annotations

from collections.abc import Mapping

OUTSIDE: Mapping[str, str] = {
    # The database
    "PTM_DATABASE_URL leads to a pooler, such as PgBouncer: give PostgreSQL's own address, since notifications "
    "and time-outs belong to a connection. {why}": (
        "PTM_DATABASE_URL johtaa yhteysvarastoon, kuten PgBouncer: anna PostgreSQL:n oma osoite, sillä ilmoitukset ja "
        "aikarajat kuuluvat yhteydelle. {why}"
    ),
    "The database connection forgets its time-outs, as it does behind a pooler in transaction mode: let "
    "PTM_DATABASE_URL name PostgreSQL itself.": (
        "Tietokantayhteys unohtaa aikarajansa, kuten transaktioittain jakavan yhteysvaraston takana: anna muuttujassa "
        "PTM_DATABASE_URL PostgreSQL itse."
    ),
    "PTM_DATABASE_URL leads through a pooler in transaction mode, which forgets what a session has said "
    "(notifications, time-outs, locks): give the address of PostgreSQL itself.": (
        "PTM_DATABASE_URL kulkee transaktioittain jakavan yhteysvaraston kautta, joka unohtaa istunnon sanomat "
        "(ilmoitukset, aikarajat, lukot): anna PostgreSQL:n oma osoite."
    ),
    "A pooler in transaction mode stands between us and PostgreSQL, and mixes up what connections have prepared: "
    "let PTM_DATABASE_URL name PostgreSQL itself. {why}": (
        "Transaktioittain jakava yhteysvarasto on meidän ja PostgreSQL:n välissä ja sekoittaa yhteyksien valmistelut: "
        "anna muuttujassa PTM_DATABASE_URL PostgreSQL itse. {why}"
    ),
    "PostgreSQL lets us in with TLS only: say sslmode=verify-full in PTM_DATABASE_URL, and as sslrootcert the file of "
    "its authority (a public one's: /etc/ssl/certs/ca-certificates.crt on Debian). {why}": (
        "PostgreSQL päästää sisään vain TLS:llä: anna muuttujassa PTM_DATABASE_URL sslmode=verify-full ja "
        "sslrootcert-kohdassa varmentajan tiedosto (julkisen: Debianissa /etc/ssl/certs/ca-certificates.crt). {why}"
    ),
    "PTM_DATABASE_URL says {name}={path}, which cannot be read: {why}.": (
        "Muuttujassa PTM_DATABASE_URL on {name}={path}, jota ei voi lukea: {why}."
    ),
    "PostgreSQL offers no TLS, and sslmode in PTM_DATABASE_URL asks for it: {why}": (
        "PostgreSQL ei tarjoa TLS:ää, jota sslmode muuttujassa PTM_DATABASE_URL vaatii: {why}"
    ),
    "PostgreSQL's certificate is not trusted: let sslrootcert in PTM_DATABASE_URL name the file of its authority, and "
    "its host be the one on the certificate. {why}": (
        "PostgreSQL:n varmenteeseen ei luoteta: anna muuttujassa PTM_DATABASE_URL sslrootcert varmentajan tiedostoksi "
        "ja isännäksi se, joka varmenteessa on. {why}"
    ),
    "TLS with PostgreSQL does not come about: see sslmode, and the files that sslrootcert, sslcert and sslkey name in "
    "PTM_DATABASE_URL. {why}": (
        "TLS-yhteys PostgreSQL:ään ei onnistu: katso muuttujasta PTM_DATABASE_URL sslmode sekä tiedostot, jotka "
        "sslrootcert, sslcert ja sslkey nimeävät. {why}"
    ),
    "PostgreSQL asks for a certificate of ours: let sslcert and sslkey in PTM_DATABASE_URL name the two files. {why}": (
        "PostgreSQL vaatii varmenteen meiltä: nimeä muuttujassa PTM_DATABASE_URL sslcert ja sslkey. {why}"
    ),
    "This PostgreSQL is older than 17, the oldest that a worker runs on: let PTM_DATABASE_URL name a newer "
    "one. {why}": (
        "Tämä PostgreSQL on vanhempi kuin 17, joka on vanhin työprosessille kelpaava: anna muuttujassa "
        "PTM_DATABASE_URL uudempi. {why}"
    ),
    "Procountor answers what does not read": "Procountorin vastausta ei voi lukea",
    "{who} does not answer: {why}": "{who} ei vastaa: {why}",
    "{url} is no address that can be called.": "{url} ei ole osoite, johon voi ottaa yhteyttä.",
    "{who} shows a certificate that is not trusted here: {why}": (
        "{who} näyttää varmenteen, johon täällä ei luoteta: {why}"
    ),
    "PTM_DATABASE_URL does not lead to a usable database: {why}": (
        "PTM_DATABASE_URL ei johda kelvolliseen tietokantaan: {why}"
    ),
    "{stream} has changed since position {expected}: look at it again, then repeat.": (
        "{stream} on muuttunut kohdan {expected} jälkeen: katso uudelleen ja toista."
    ),
    "partition {partition} position {position}: {why}": "osio {partition}, kohta {position}: {why}",
    "the log has lost its id": "loki on kadottanut tunnuksensa",
    "event type {type} schema {schema} is unknown to this release; run a newer one": (
        "tätä tapahtumalajia ({type}, rakenne {schema}) tämä versio ei tunne; käytä uudempaa"
    ),
    "event of type {type} schema {schema} does not read: {why}": (
        "tapahtumaa ({type}, rakenne {schema}) ei voi lukea: {why}"
    ),
    "PostgreSQL does not answer: nothing has come for {n} s": (
        "PostgreSQL ei vastaa: mitään ei ole tullut {n} sekuntiin"
    ),
    # Kafka
    "Kafka refuses: {why}": "Kafka kieltäytyy: {why}",
    "Kafka's certificates ({files}) are not certificates that fit: {why}.": (
        "Kafkan varmenteet ({files}) eivät ole sopivia varmenteita: {why}."
    ),
    "{name} names {path}, which cannot be read: {why}.": "{name} osoittaa tiedostoon {path}, jota ei voi lukea: {why}.",
    "Kafka's topic {topic} has no partition {partition} yet.": (
        "Kafkan aiheella {topic} ei ole vielä osiota {partition}."
    ),
    "Kafka's topic {topic} lacks partitions and Kafka does not let us make them ({refusal}): create {same} with "
    "{partitions} partitions and cleanup.policy=delete, and allow this user to describe, read and write it.": (
        "Kafkan aiheelta {topic} puuttuu osioita, eikä Kafka anna luoda niitä ({refusal}): luo {same}, {partitions} "
        "osiota ja cleanup.policy=delete, ja salli tälle käyttäjälle sen kuvaus, luku ja kirjoitus."
    ),
    # Procountor
    "{what}: PTM_PROCOUNTOR_URL is no address that can be called ({why})": (
        "{what}: PTM_PROCOUNTOR_URL ei ole kutsuttava osoite ({why})"
    ),
    "{what}: Procountor sends us in circles": "{what}: Procountor ohjaa kehää",
    "{what}: the answer is larger than {most} MB": "{what}: vastaus on yli {most} Mt",
    "{what}: the answer is not JSON": "{what}: vastaus ei ole JSONia",
    "{what}: Procountor answers {status}, but not in JSON": "{what}: Procountor vastaa {status}, mutta ei JSONina",
    "{what}: not there; PTM_PROCOUNTOR_API_PATH names no version of the API.": (
        "{what}: ei siellä; PTM_PROCOUNTOR_API_PATH ei ole rajapinnan versio."
    ),
    "{what}: the answer has entries without an id": "{what}: vastauksessa on rivejä ilman tunnusta",
    "GET /sessioninfo: the answer names no company": "GET /sessioninfo: vastauksessa ei ole yritystä",
    "GET /invoices: the answer has no results": "GET /invoices: vastauksessa ei ole tuloksia",
    "Procountor's answer is not an object": "Procountorin vastaus ei ole olio",
    "Procountor's answer has no {name}": "Procountorin vastauksessa ei ole kenttää {name}",
    "{what}: the answer holds more than {MOST} values": "{what}: vastauksessa on yli {MOST} arvoa",
    "Procountor's list does not go on: it shows again what was read.": (
        "Procountorin luettelo ei etene: se näyttää uudelleen jo luetun."
    ),
    "Procountor lists more than {MOST} invoices that are not sent yet.": (
        "Procountor luettelee yli {MOST} laskua, joita ei ole vielä lähetetty."
    ),
    "Trustmary lists more than {PAGES} pages of {name}.": "Trustmary luettelee yli {PAGES} sivua kohteesta {name}.",
    "Procountor's newest invoice does not say when it was changed.": (
        "Procountorin uusin lasku ei kerro, milloin sitä muutettiin."
    ),
    "PTM_PUBLIC_URL is not set: Procountor's login has nowhere to come back to.": (
        "PTM_PUBLIC_URL puuttuu: Procountorin kirjautumisella ei ole paluuosoitetta."
    ),
    # Trustmary
    "Trustmary answered {status} to GET /{path}, but not in JSON.": (
        "Trustmary vastasi {status} kutsuun GET /{path}, mutta ei JSONina."
    ),
    "Trustmary did not answer: {why}": "Trustmary ei vastannut: {why}",
    "Trustmary's answer to GET /{path} is nested without end.": (
        "Trustmaryn vastauksessa kutsuun GET /{path} on sisäkkäisyyksiä loputtomiin."
    ),
    "Trustmary's answer is too large to be one.": "Trustmaryn vastaus on liian suuri ollakseen sellainen.",
    "Trustmary's answer holds no {name}.": "Trustmaryn vastauksessa ei ole kenttää {name}.",
    "Trustmary's answer to /test names no organization: the key is not valid.": (
        "Trustmaryn vastauksessa kutsuun /test ei ole organisaatiota: avain ei kelpaa."
    ),
    "PTM_TRUSTMARY_URL is not an address: {why}": "PTM_TRUSTMARY_URL ei ole osoite: {why}",
    "Trustmary fails or asks for rest: contacts were not looked up to the end.": (
        "Trustmary epäonnistuu tai pyytää taukoa: kontakteja ei katsottu loppuun."
    ),
    "Trustmary fails or asks for rest: sending to {organization} goes on at {until}.": (
        "Trustmary epäonnistuu tai pyytää taukoa: lähetys organisaatioon {organization} jatkuu {until}."
    ),
    # Who is told
    "Nobody knows a mail server called {host}: see PTM_SMTP_HOST, and the name service.": (
        "Sähköpostipalvelinta {host} ei tunneta: katso PTM_SMTP_HOST ja nimipalvelu."
    ),
    "No mail server listens at {host}: see PTM_SMTP_HOST, PTM_SMTP_PORT and PTM_SMTP_TLS.": (
        "Koneella {host} ei vastaa sähköpostipalvelinta: katso PTM_SMTP_HOST, PTM_SMTP_PORT ja PTM_SMTP_TLS."
    ),
    "The mail server {host} does not answer: {why}.": "Sähköpostipalvelin {host} ei vastaa: {why}.",
    "The mail server {host} cannot take the letter now ({code}).": (
        "Sähköpostipalvelin {host} ei voi nyt ottaa viestiä vastaan ({code})."
    ),
    "The mail server {host} turned the letter down ({code}).": "Sähköpostipalvelin {host} torjui viestin ({code}).",
    "The mail server {host} does not let us in ({code}): see PTM_SMTP_USER and PTM_SMTP_PASSWORD.": (
        "Sähköpostipalvelin {host} ei päästä meitä sisään ({code}): tarkista PTM_SMTP_USER ja PTM_SMTP_PASSWORD."
    ),
    "The mail server {host} and we do not agree on how what is said is sealed ({why}): "
    "see PTM_SMTP_TLS and PTM_SMTP_CA_FILE.": (
        "Yhteyden suojaamisesta ei päästä sopuun sähköpostipalvelimen {host} kanssa ({why}): "
        "tarkista PTM_SMTP_TLS ja PTM_SMTP_CA_FILE."
    ),
    "No letter can leave: set PTM_SMTP_HOST and PTM_SMTP_FROM.": (
        "Viestejä ei voi lähettää: aseta PTM_SMTP_HOST ja PTM_SMTP_FROM."
    ),
    "PTM_SMTP_CA_FILE names {file}, which holds no certificate.": (
        "PTM_SMTP_CA_FILE viittaa tiedostoon {file}, jossa ei ole varmennetta."
    ),
    "Nobody knows the webhook's host {host}: see its address, and the name service.": (
        "Webhookin palvelinta {host} ei tunneta: katso sen osoite ja nimipalvelu."
    ),
    "The webhook at {host} shows no certificate that is trusted here.": (
        "Webhook palvelimella {host} ei näytä varmennetta, johon täällä luotetaan."
    ),
    "Nothing listens at the webhook's host {host}.": "Webhookin palvelimella {host} ei vastaa mikään.",
    "The webhook at {host} does not answer: {why}.": "Webhook palvelimella {host} ei vastaa: {why}.",
    "The webhook at {host} cannot be called.": "Webhookia palvelimella {host} ei voi kutsua.",
    "The webhook at {host} answers {status}.": "Webhook palvelimella {host} vastaa {status}.",
    "The webhook at {host} turned the alert down ({status}).": (
        "Webhook palvelimella {host} torjui hälytyksen ({status})."
    ),
    # Reading
    "Procountor shows no invoice, since the user has no right to sales invoices: give the user viewing rights to"
    " them.": (
        "Procountor ei näytä yhtään laskua, koska käyttäjällä ei ole oikeutta myyntilaskuihin: anna käyttäjälle niiden"
        " katseluoikeus."
    ),
    "The company's invoices are being read all the time; what is missing was not read.": (
        "Yrityksen laskuja luetaan koko ajan; puuttuvia ei luettu."
    ),
    "It has no Procountor credentials any more: invoices were not looked at.": (
        "Procountorin tunnuksia ei enää ole: laskuja ei katsottu."
    ),
    "A worker has not read its invoices for the first time yet: they were not looked at.": (
        "Työprosessi ei ole vielä lukenut sen laskuja ensimmäistä kertaa: niitä ei katsottu."
    ),
    "It has no Trustmary key any more: contacts were not looked up.": (
        "Trustmaryn avainta ei enää ole: kontakteja ei katsottu."
    ),
    # The vault
    "PTM_MASTER_KEY must be 32 random bytes as base64 or hex (openssl rand -base64 32).": (
        "PTM_MASTER_KEY on 32 satunnaista tavua base64- tai heksamuodossa (openssl rand -base64 32)."
    ),
    "PTM_MASTER_KEY is not the key that sealed this database (it wants key {key}, this one is {other}): "
    "give the right one.": (
        "PTM_MASTER_KEY ei ole tämän tietokannan avain (se vaatii avaimen {key}, tämä on {other}): anna oikea."
    ),
    "The vault does not hold secret {id}: reconnect the integration that uses it.": (
        "Holvissa ei ole salaisuutta {id}: kirjaudu uudelleen integraatioon, joka käyttää sitä."
    ),
    "the vault does not keep the contact key": "holvissa ei ole kontaktiavainta",
    "a sealed value of the vault has an unknown form": "holvin suljettu arvo on tuntematonta muotoa",
    "a sealed value of the vault was changed, or belongs to something else": (
        "holvin suljettua arvoa on muutettu, tai se kuuluu muualle"
    ),
    "a sealed part of an event has an unknown form": "tapahtuman suljettu osa on tuntematonta muotoa",
    "the sealed part of event {id} was changed": "tapahtuman {id} suljettua osaa on muutettu",
    "subject key {id} was destroyed while it was in use": "henkilöavain {id} hävitettiin kesken käytön",
    "the key of {name} was destroyed while it was being made": "henkilön {name} avain hävitettiin kesken luonnin",
    "A process to decide a part of the past cannot be started: {why}": (
        "Prosessia, joka ratkaisisi osan menneestä, ei voi käynnistää: {why}"
    ),
    "A process that was to decide a part of the past was lost ({how}): plan again. If it happens again, look whether "
    "the machine has memory enough.": (
        "Prosessi, jonka piti ratkaista osa menneestä, katosi ({how}): suunnittele uudelleen. Jos se toistuu, katso, "
        "riittääkö koneen muisti."
    ),
    "a secret of the vault does not read as credentials for Procountor": (
        "holvin salaisuutta ei voi lukea Procountorin tunnuksina"
    ),
    "no vault is open to read the credentials for Procountor from": (
        "mikään holvi ei ole auki, josta Procountorin tunnukset voisi lukea"
    ),
    "{n} values are sealed under key {key}, which no setting gives: add it to PTM_MASTER_KEY_OLD. Nothing was"
    " changed.": (
        "{n} arvoa on sinetöity avaimella {key}, jota mikään asetus ei anna: lisää se asetukseen PTM_MASTER_KEY_OLD. "
        "Mitään ei muutettu."
    ),
    "The worker {host} {pid} does not seal under key {key}: give it that key as PTM_MASTER_KEY, the earlier one as "
    "PTM_MASTER_KEY_OLD, and start it again. Nothing was changed.": (
        "Työprosessi {host} {pid} ei sinetöi avaimella {key}: anna sille se avain asetuksessa PTM_MASTER_KEY ja "
        "aiempi asetuksessa PTM_MASTER_KEY_OLD, ja käynnistä se uudelleen. Mitään ei muutettu."
    ),
    "Procountor's answer about the activation names no company.": (
        "Procountorin vastaus aktivoinnista ei nimeä yritystä."
    ),
    "Procountor's answer about the activation has a company without an id.": (
        "Procountorin vastauksessa aktivoinnista on yritys ilman tunnusta."
    ),
}
