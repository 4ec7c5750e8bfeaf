-- A login that ends soon is told to recipients too, anew at each of events.connection.STEPS, and is over once somebody has
-- logged in again; its end itself is the broken connection's.

create or replace view trouble as
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
where r.released_at is null
union all
select c.integration, 'login_ends/' || c.service, l.days::text, null, c.ends_at - make_interval(days => l.days)
from connection c
join integration i on i.id = c.integration and i.state <> 'removed'
cross join lateral (
    select min(days) as days from unnest(array[1, 7, 30]) as days where c.ends_at <= now() + make_interval(days => days)
) l
where l.days is not null;
