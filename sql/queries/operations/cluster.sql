-- name: read_lag
-- How far the relay and the projector stand behind the log.
select c.partition, c.position as head, r.position as relayed, p.position as decided, p.moved_at,
    (select at from event e where e.partition = c.partition and e.position = p.position + 1) as undecided_since
from counter c join relay r on r.partition = c.partition join checkpoint p on p.partition = c.partition
order by c.partition;

-- name: read_business
-- What has not ended, and the newest slice of Procountor's requests: in one go, since it is asked for every second.
select count(d.id) filter (where d.state <> 'parked') as waiting, count(d.id) filter (where d.state = 'parked') as parked,
    b.slice, b.granted
from (select) one
left join budget b on b.service = 'procountor'
left join delivery d on d.state in ('waiting', 'attempting', 'parked')
group by b.slice, b.granted;

-- name: count_deliveries
-- What has not ended, by state; and since when the oldest waits.
select state, count(*) as count, min(created_at) as oldest from delivery
where state in ('waiting', 'attempting', 'parked') group by state;

-- name: read_workers
-- Who was seen lately.
select id, host, pid, version, started_at, seen_at, stages, memory_mib, partitions from worker where seen_at > now() - interval '1 day'
order by started_at;

-- name: read_budget
-- Requests granted in the newest slice of each service.
select service, slice, granted from budget order by service;

-- name: read_lanes
-- Organizations whose sending is broken off for now.
select organization, failures, broken_until from lane where broken_until > now() order by organization;

-- name: read_breakers
-- The same, each with the names of one of its integrations.
select l.organization, l.failures, l.broken_until, i.id, i.names
from lane l
left join lateral (select id, names from integration where organization = l.organization order by id limit 1) i on true
where l.broken_until > now()
order by l.organization;

-- name: read_latencies
-- How long the newest contacts took from the recorded change: to the decision, and to Trustmary's answer.
select d.settled_at as at, extract(epoch from d.created_at - e.at)::float8 as decided,
    extract(epoch from d.settled_at - e.at)::float8 as delivered
from (select state, replay, step, cause, created_at, settled_at from delivery order by id desc limit $2) d
join event e on e.id = d.cause
where d.state = 'delivered' and not d.replay and d.step = 1 and d.settled_at >= $1
order by d.settled_at;

-- name: count_holds
-- Of how many integrations nothing is sent until a person has said so.
select 'brake' as by, count(*) as count from integration where state = 'paused' and configuration ->> 'braked' is not null
union all
select 'restore', count(*) from restored r
where r.released_at is null
  and exists (select from integration i where i.id = r.integration and i.state <> 'removed');

-- name: session_user
-- Who acts, and whether they may.
select session_user, has_table_privilege('integration', 'update') as may_change;

-- name: count_letters
-- States that somebody was told of and that last, what is to leave, and since when an address gets nothing.
select
    (select count(*) from alert where about not like 'week/%' and told_at is not null and over_at is null) as standing,
    (select count(*) from alert where told_at is null or over_at is not null) as to_leave,
    (
        select extract(epoch from now() - min(m.failing_since))::float8 from mailbox m
        where exists (select from alert a where a.mailbox = m.id and (a.told_at is null or a.over_at is not null))
    ) as failing;

-- name: count_connections
-- How many companies and organizations let us in.
select c.service, c.state, count(*) as count from connection c
join integration i on i.id = c.integration and i.state <> 'removed'
group by c.service, c.state;
