-- name: read_integrations
-- All of them, or the ones asked for, as operators see them.
select i.id, i.partition, i.version, i.state, i.company_id, i.organization, i.names, i.procountor_secret, i.trustmary_secret,
    i.configuration, i.connected_at, g.cursor, g.reading, g.interval_s, g.polled_at, g.failing_since, g.failure,
    l.failures, l.broken_until, r.restored_at, r.taken_at
from integration i
left join ingest g on g.integration = i.id
left join lane l on l.organization = i.organization and l.broken_until > now()
left join restored r on r.integration = i.id and r.released_at is null
where ($1::uuid[] is null or i.id = any($1)) and ($2 or i.state <> 'removed')
order by i.connected_at, i.id;

-- name: list_ids
-- All of them in the order of read_integrations.
select id from integration where $1 or state <> 'removed' order by connected_at, id;

-- name: list_partitions
-- Those in which some integrations have their events.
select distinct partition from integration where id = any($1::uuid[]);

-- name: read_connections
-- The state of both services for some integrations.
select integration, service, state, reason, since, last_good_at, ends_at from connection where integration = any($1::uuid[])
order by integration, service;

-- name: count_open_deliveries
-- What has not ended yet, by integration and state.
select integration, state, count(*) as count from delivery
where integration = any($1::uuid[]) and state in ('waiting', 'attempting', 'parked')
group by integration, state;

-- name: read_organizations
-- Whose contact keys an address has: removed integrations too.
select id, organization from integration where $1::uuid[] is null or id = any($1);

-- name: read_names
-- What some integrations are called; *twice*: their company is joined to another organization as well.
select i.id, i.company_id, i.organization, i.names, exists (
    select from integration o where o.company_id = i.company_id and o.id <> i.id and o.state <> 'removed'
) as twice
from integration i where i.id = any($1::uuid[]);

-- name: read_configuration
-- An integration's stream without the types that change no rule; as log.sql selects events.
select partition, position, stream, id, type, schema, at, cause, actor, data, personal, hash from event
where stream = $1 and type <> all($2::text[]) and ($3::timestamptz is null or at <= $3)
order by position;

-- name: list_places
-- Every integration in its place, with what says whether its line is still the one that is known.
select id, version, state from integration where state <> 'removed' order by connected_at, id limit $1;

-- name: read_lines
-- What a line says of some integrations, for as long as nobody saves anything.
select id, version, partition, state, company_id, organization, names, configuration from integration
where id = any($1);

-- name: list_open_and_failing
-- Integrations with anything that has not ended or goes wrong: most have nothing of it.
select integration, sum(waiting)::bigint as waiting, sum(parked)::bigint as parked, bool_or(broken) as broken,
    bool_or(away) as away, bool_or(resting) as resting, bool_or(failing) as failing
from (
    select integration, count(*) filter (where state <> 'parked') as waiting, count(*) filter (where state = 'parked') as parked,
        false as broken, false as away, false as resting, false as failing
    from delivery where state in ('waiting', 'attempting', 'parked') group by integration
    union all
    select integration, 0, 0, coalesce(reason, '') <> all($1::text[]), coalesce(reason, '') = any($1::text[]), false, false
    from connection where state = 'broken'
    union all
    select i.id, 0, 0, false, false, true, false
    from lane l join integration i using (organization) where l.broken_until > now()
    union all
    select integration, 0, 0, false, false, false, true from ingest where failing_since is not null
) each group by integration;

-- name: read_figures
-- When some integrations' invoices were last seen and contacts last added, and how many by the hour.
select i.id, t.tally,
    (select max(changed_at) from invoice where integration = i.id) as seen_at,
    (select max(settled_at) from delivery where integration = i.id and state = 'delivered') as added_at
from integration i left join tally t on t.integration = i.id
where i.id = any($1::uuid[]);
