-- name: read_deliveries
-- Newest first, by any of the filters.
select d.id, d.integration, d.organization, d.partition, d.position, d.decision, d.cause, d.trigger, d.invoice, i.number, d.step,
    d.call, d.starts_surveys, d.replay, d.state, d.attempts, d.next_at, d.attempted_at, d.failure, d.fingerprint, d.created_at,
    d.settled_at
from delivery d
left join invoice i on i.integration = d.integration and i.invoice = d.invoice
where ($1::uuid[] is null or d.integration = any($1)) and ($2::text[] is null or d.state = any($2))
  and ($3::bigint is null or d.invoice = $3) and ($4::bigint[] is null or d.id = any($4))
  and ($5::text is null or d.fingerprint = $5)
order by d.id desc limit $6;

-- name: read_open_deliveries
-- The same for what has not ended, which is little: its index holds nothing else.
select d.id, d.integration, d.organization, d.partition, d.position, d.decision, d.cause, d.trigger, d.invoice, i.number, d.step,
    d.call, d.starts_surveys, d.replay, d.state, d.attempts, d.next_at, d.attempted_at, d.failure, d.fingerprint, d.created_at,
    d.settled_at
from delivery d
left join invoice i on i.integration = d.integration and i.invoice = d.invoice
where d.state in ('waiting', 'attempting', 'parked') and ($1::uuid[] is null or d.integration = any($1)) and ($2::text[] is null or d.state = any($2))
  and ($3::bigint is null or d.invoice = $3) and ($4::bigint[] is null or d.id = any($4))
  and ($5::text is null or d.fingerprint = $5)
order by d.id desc limit $6;

-- name: read_deliveries_of_invoice
-- All that ever carried a contact of it: by index whatever the plan was made for.
select d.id, d.integration, d.organization, d.partition, d.position, d.decision, d.cause, d.trigger, d.invoice, i.number, d.step,
    d.call, d.starts_surveys, d.replay, d.state, d.attempts, d.next_at, d.attempted_at, d.failure, d.fingerprint, d.created_at,
    d.settled_at
from delivery d
left join invoice i on i.integration = d.integration and i.invoice = d.invoice
where d.integration = $1 and d.invoice = $2
order by d.id desc;

-- name: read_attempts
-- Every call of some deliveries.
select delivery, number, started_at, finished_at, outcome, status from attempt where delivery = any($1::bigint[])
order by delivery, number;

-- name: retry_deliveries
-- Out of the parking place: the first of each organization at once, the others in order, $2 seconds after each other.
with parked as materialized (
    select id, organization from delivery where id = any($1::bigint[]) and state = 'parked' order by id for update
),
placed as (
    select id, row_number() over (partition by organization order by id) - 1 as place from parked
)
update delivery set state = 'waiting', fingerprint = null, next_at = now() + make_interval(secs => placed.place * $2)
from placed where delivery.id = placed.id
returning delivery.id, delivery.organization;

-- name: lock_discardable
-- What has not left, and the later steps that go with it.
select d.id, d.decision, d.step from delivery d
where d.id = any($1::bigint[]) and d.state in ('waiting', 'parked')
order by d.id for update;

-- name: discard_deliveries
-- They will never be sent.
update delivery set state = 'withdrawn', settled_at = now(), fingerprint = null where id = any($1::bigint[]);

-- name: with_later_steps
-- A call, and the calls of the same decision that wait for it.
select distinct s.id, s.partition from delivery d
join delivery s on s.decision = d.decision and s.step >= d.step
where d.id = any($1::bigint[]) and s.state in ('waiting', 'parked');

-- name: find_parked
-- All that is parked for one cause, however much that is.
select id from delivery
where state = 'parked' and fingerprint = $1 and ($2::uuid[] is null or integration = any($2))
order by id;
