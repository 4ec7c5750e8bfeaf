-- name: read_held
-- Integrations of which nothing is sent since a restore, and how far what happened meanwhile has been found again.
select r.integration, r.taken_at, r.restored_at, i.partition, i.organization, i.trustmary_secret,
    coalesce(g.polled_at is not null and g.reached is null and g.reading = 'live', false) as read, g.failure,
    exists (select from rules where rules.integration = i.id and rules.version < i.version)
        or exists (
            select from event e
            where e.partition = i.partition and e.position > c.position and e.at <= coalesce(g.polled_at, now())
        ) as undecided,
    (select count(*) from delivery d where d.integration = i.id and d.state = 'attempting') as under_way
from restored r
join integration i on i.id = r.integration
join checkpoint c on c.partition = i.partition
left join ingest g on g.integration = i.id
where r.released_at is null and i.state <> 'removed'
order by r.integration;

-- name: list_held
select integration, restored_at from restored where released_at is null;

-- name: count_held
-- How many are held, since when, and since when nobody knows what was sent.
select count(*) as count, min(restored_at) as since, min(taken_at) as taken_at
from restored r
where r.released_at is null
  and exists (select from integration i where i.id = r.integration and i.state <> 'removed');

-- name: read_stopped_replays
-- Replays of some integrations that were under way when the backup was taken.
select p.id from replay p
join restored r on r.integration = p.integration
where r.released_at is null and p.state = 'paused' and p.started_at < r.taken_at
  and r.integration = any($1::uuid[]);

-- name: settle_found
-- They have arrived already.
update delivery set state = 'delivered', settled_at = now(), failure = null, fingerprint = null
where id = any($1::bigint[]);

-- name: park_unknown
-- A person decides: sent again, or given up.
update delivery set state = 'parked', fingerprint = $2, failure = $3
where id = any($1::bigint[]) and state = 'waiting';

-- name: release
update restored set released_at = now(), released_by = $2
where integration = $1 and released_at is null
returning integration;
