-- Alerts: which lasting states of an integration somebody is to hear of, or was told of; and once a week what happened.

-- States that need a person, as of now: each with what tells it from another one in its place.
create view trouble as
select c.integration, 'broken/' || c.service as about, c.service || ':' || coalesce(c.reason, '') as key,
    null::bigint as deliveries, c.since
from connection c
join integration i on i.id = c.integration and i.state <> 'removed'
where c.state = 'broken'
union all
select i.id, 'braked', '', null, e.at
from integration i
cross join lateral (
    select at from event
    where stream = 'integration/' || i.id and type = 'IntegrationPaused'
    order by position desc limit 1
) e
where i.state = 'paused' and i.configuration ->> 'braked' is not null
union all
select d.integration, 'parked/' || d.fingerprint, d.fingerprint, count(*), min(coalesce(d.attempted_at, d.created_at))
from delivery d
join integration i on i.id = d.integration and i.state <> 'removed'
where d.state = 'parked' and not starts_with(d.fingerprint, 'gone:') -- their connection tells
group by d.integration, d.fingerprint
union all
select r.integration, 'held', '', null, r.restored_at
from restored r
join integration i on i.id = r.integration and i.state <> 'removed'
where r.released_at is null;

-- One lane for each address that is written to, whichever integrations it hears of: a letter at a time, by one worker.
create table mailbox (
    id bytea primary key,
    due_at timestamptz not null default now(),
    lease_owner uuid,
    lease_until timestamptz,
    fence bigint not null default 0,
    failures integer not null default 0,
    failing_since timestamptz,
    failure text
) with (fillfactor = 50);
comment on column mailbox.id is 'keyed hash of the address; the address itself stands in the configuration';
comment on column mailbox.failure is 'why the last letter did not leave; names nobody';

create table alert (
    id bigint generated always as identity primary key,
    integration uuid not null references integration,
    recipient uuid not null,
    about text not null,
    key text not null default '',
    deliveries bigint,
    since timestamptz not null,
    mailbox bytea not null references mailbox,
    told_at timestamptz,
    over_at timestamptz,
    unique (integration, recipient, about)
) with (fillfactor = 70);
comment on column alert.about is 'as of trouble, or week/{its Monday} for the summary of that week';
comment on column alert.told_at is 'when the letter of its beginning left; null: it is to leave';
comment on column alert.over_at is 'not null: the letter of its end is to leave, and then the row goes';

create index alert_to_leave on alert (mailbox) where told_at is null or over_at is not null;

grant select on trouble to ptm_worker, ptm_reader;
grant select, insert, update, delete on mailbox, alert to ptm_worker;
grant select on mailbox, alert to ptm_reader;
