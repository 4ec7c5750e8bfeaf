-- name: read_integrations
-- All of them, or the ones asked for, as operators see them.
select i.id, i.partition, i.version, i.state, i.company_id, i.organization, i.names, i.procountor_secret, i.trustmary_secret,
    i.configuration, i.connected_at, g.cursor, g.reading, g.interval_s, g.polled_at, g.failing_since, g.failure
from integration i
left join ingest g on g.integration = i.id
where ($1::uuid[] is null or i.id = any($1)) and ($2 or i.state <> 'removed')
order by i.connected_at, i.id;

-- name: list_ids
-- All of them in the order of read_integrations.
select id from integration where $1 or state <> 'removed' order by connected_at, id;

-- name: read_connections
-- The state of both services for some integrations.
select integration, service, state, reason, since, last_good_at from connection where integration = any($1::uuid[])
order by integration, service;

-- name: count_open_deliveries
-- What has not ended yet, by integration and state.
select integration, state, count(*) as count from delivery
where integration = any($1::uuid[]) and state in ('waiting', 'attempting', 'parked')
group by integration, state;

-- name: count_waiting
-- What would be sent if nothing held it: the question that resuming and saving ask.
select count(distinct decision) as count, min(created_at) as since, count(*) filter (where starts_surveys) as surveys
from delivery
where integration = $1 and ($2::uuid is null or trigger = $2) and state = 'waiting' and call <> 'unlist';

-- name: count_waiting_among
-- The same of several integrations together.
select count(distinct decision) as count, min(created_at) as since, count(*) filter (where starts_surveys) as surveys
from delivery
where integration = any($1::uuid[]) and state = 'waiting' and call <> 'unlist';

-- name: choose_partition
-- The partition with the fewest integrations.
select c.partition from counter c left join integration i on i.partition = c.partition and i.state <> 'removed'
group by c.partition order by count(i.id), c.partition limit 1;

-- name: read_partition
-- An integration's stays.
select partition from integration where id = $1;

-- name: find_joined
-- A company is joined to an organization once.
select id from integration where company_id = $1 and organization = $2 and state <> 'removed';

-- name: insert_integration
-- The row that screens read; its version is the position of its newest configuration event.
insert into integration (id, partition, version, state, company_id, organization, names, procountor_secret, trustmary_secret,
    configuration)
values ($1, $2, $3, 'active', $4, $5, $6, $7, $8, $9);

-- name: insert_connections
-- Both services answered a moment ago.
insert into connection (integration, service, state, last_good_at)
values ($1, 'procountor', 'connected', now()), ($1, 'trustmary', 'connected', now());

-- name: insert_ingest
-- The baseline is read first, then live from the cursor.
insert into ingest (integration, cursor, baseline, reading) values ($1, $2, $2, 'baseline');

-- name: note_unsent
-- Change 0: recorded by no event yet. The reading that follows records them, or what has become of them.
insert into invoice (integration, invoice, number, partner, status, version, created, change, old, reread_at)
select $1, i.invoice, i.number, i.partner, i.status, i.version, i.created, 0, false, now()
from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[])
    as i (invoice, number, partner, status, version, created);

-- name: ensure_lane
-- One lane an organization, whoever joins it first.
insert into lane (organization) values ($1) on conflict do nothing;

-- name: lock_configuration
-- Behind the counter row, before the deliveries. Not against those who only refer to the row: ingest writes an invoice, which
-- does, and then waits for the counter row that is held here.
select configuration from integration where id = $1 for no key update;

-- name: write_configuration
-- The fold at the head of the log; a state only where the event changes it.
update integration set version = $2, configuration = $3, state = coalesce($4, state) where id = $1;

-- name: write_credentials
-- New secrets and names; the cursor stays.
update integration set names = $2, procountor_secret = coalesce($3, procountor_secret),
    trustmary_secret = coalesce($4, trustmary_secret)
where id = $1;

-- name: restore_connection
-- A person has acted: answers whether the connection had been broken.
with before as (select state from connection where integration = $1 and service = $2 for update)
update connection c set state = 'connected', reason = null, last_good_at = now(),
    since = case when before.state = 'broken' then now() else c.since end
from before where c.integration = $1 and c.service = $2
returning before.state = 'broken' as was_broken;

-- name: wake_ingest
-- Poll at once.
update ingest
set due_at = now(), failures = 0, failing_since = null, failure = null,
    fence = fence + 1, lease_owner = null, lease_until = null
where integration = $1;

-- name: wake_lane
-- Send at once, whatever went wrong before.
update lane set due_at = now(), failures = 0, broken_until = null where organization = $1;

-- name: hold_waiting
-- Until the projector has taken them back, nothing that was asked to be decided again or dropped may leave; what it would
-- leave alone (a later step of something that has left) is left alone here too.
with held as (
    select d.id from delivery d
    where d.integration = $1 and ($2::uuid is null or d.trigger = $2) and d.state = 'waiting' and d.call <> 'unlist'
      and not exists (
          select from delivery s
          where s.decision = d.decision and s.state in ('attempting', 'delivered', 'parked') and s.id <> d.id
      )
    order by d.id for update of d
)
update delivery set next_at = 'infinity' from held where delivery.id = held.id;

-- name: count_unsent
-- Decisions that a removal gives up.
select count(distinct decision) from delivery where integration = $1 and state in ('waiting', 'parked');

-- name: count_attempting
-- Calls that are under way.
select count(*) from delivery where integration = any($1::uuid[]) and state = 'attempting';

-- name: forget_secrets
-- A removed integration needs no credentials.
with gone as (
    update integration set procountor_secret = null, trustmary_secret = null
    from (select id, procountor_secret, trustmary_secret from integration where id = $1 for no key update) before
    where integration.id = before.id
    returning before.procountor_secret, before.trustmary_secret
)
delete from vault.secret where id in (select procountor_secret from gone union select trustmary_secret from gone);

-- name: delete_secret
-- Replaced by a newer one, or never put to use: a commit that was not confirmed may have taken place all the same.
delete from vault.secret
where id = $1 and not exists (select from integration where procountor_secret = $1 or trustmary_secret = $1);

-- name: blank_names
-- Erased with the keys.
update integration set names = $2 where id = $1;

-- name: stop_polling
-- Nothing is read for a removed integration.
delete from ingest where integration = $1;

-- name: find_by_number
-- Companies may share a number.
select i.integration, i.invoice, i.number, i.partner, i.status, i.old, i.changed_at
from invoice i
where i.number = $1 and ($2::uuid[] is null or i.integration = any($2))
order by i.changed_at desc limit 20;

-- name: find_by_id
-- Procountor's own id, which is unique in a company only: one look-up an integration.
select i.integration, i.invoice, i.number, i.partner, i.status, i.old, i.changed_at
from integration g join invoice i on i.integration = g.id and i.invoice = $1
where $2::uuid[] is null or g.id = any($2)
order by i.changed_at desc limit 20;

-- name: find_by_contact
-- The invoices that ever were to add a contact, newest first: what stands by the cool-down's memory, and what was not added
-- after all, which it forgets.
select d.integration, d.invoice, i.number, i.status, i.changed_at
from (
    select m.integration, m.invoice, max(m.id) as newest
    from (
        select d.integration, d.invoice, d.id from unnest($1::uuid[], $2::bytea[]) as w (integration, contact_key)
        join cooldown c on c.integration = w.integration and c.contact_key = w.contact_key
        join delivery d on d.decision = c.decision
        union all
        select d.integration, d.invoice, d.id from unnest($1::uuid[], $2::bytea[]) as w (integration, contact_key)
        join delivery d on d.contact_key = w.contact_key and d.integration = w.integration
            and d.state in ('refused', 'withdrawn')
    ) m
    group by m.integration, m.invoice
    order by newest desc limit $3
) d
left join invoice i on i.integration = d.integration and i.invoice = d.invoice
order by d.newest desc;

-- name: find_blocks
-- Who keeps an address, or its domain, from being added.
select b.integration, b.domain, b.event
from unnest($1::uuid[], $2::bytea[]) as w (integration, contact_key)
join block b on b.integration = w.integration and (b.contact_key = w.contact_key or b.domain = $3);

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

-- name: find_places
-- The last position of each partition before a place in the order of the log (at, partition, position). Within a partition `at`
-- never goes back, so a few looks along the primary key find it, however long the log is; the limit keeps the planner to them.
with recursive halving as (
    select c.partition, 0::bigint as low, c.position as high from counter c
    where $3::integer[] is null or c.partition = any($3)
    union all
    select h.partition, case when b.before then m.middle else h.low end, case when b.before then h.high else m.middle - 1 end
    from halving h
    cross join lateral (select (h.low + h.high + 1) / 2 as middle) m
    cross join lateral (
        select at, partition from event where event.partition = h.partition and event.position = m.middle limit 1
    ) e
    cross join lateral (select e.at < $1::timestamptz or (e.at = $1 and e.partition < $2::integer) as before) b
    where h.low < h.high
)
select partition, low as position from halving where low = high;

-- name: page_before
-- The newest that a filter lets through, up to a position in each partition and at most $3 positions back in each. The edge is
-- how far back all of them were looked at: where one looked less far, what the others have beyond that is left for the next page.
with w as (
    select partition, upto from unnest($1::integer[], $2::bigint[]) as w (partition, upto)
),
edge as materialized (
    select e.at, e.partition, e.position from w
    join event e on e.partition = w.partition and e.position = w.upto - $3::bigint + 1
    where w.upto > $3
    order by e.at desc, e.partition desc, e.position desc limit 1
),
found as (
    select e.partition, e.position, e.at from w
    cross join lateral (
        select partition, position, at from event
        where event.partition = w.partition and event.position <= w.upto and event.position > w.upto - $3
          and ($4::text[] is null or type = any($4)) and ($5::text[] is null or split_part(stream, '/', 2) = any($5))
          and ($6::timestamptz is null or at >= $6)
        order by position desc limit $7
    ) e
    where not exists (select from edge where (e.at, e.partition, e.position) < (edge.at, edge.partition, edge.position))
    order by e.at desc, e.partition desc, e.position desc limit $7
)
select partition, position, at, false as edge from found
union all
select partition, position, at, true from edge;

-- name: page_after
-- The same forwards: the oldest behind a position in each partition.
with w as (
    select partition, behind from unnest($1::integer[], $2::bigint[]) as w (partition, behind)
),
edge as materialized (
    select e.at, e.partition, e.position from w
    join event e on e.partition = w.partition and e.position = w.behind + $3::bigint
    order by e.at, e.partition, e.position limit 1
),
found as (
    select e.partition, e.position, e.at from w
    cross join lateral (
        select partition, position, at from event
        where event.partition = w.partition and event.position > w.behind and event.position <= w.behind + $3
          and ($4::text[] is null or type = any($4)) and ($5::text[] is null or split_part(stream, '/', 2) = any($5))
          and ($6::timestamptz is null or at >= $6)
        order by position limit $7
    ) e
    where not exists (select from edge where (e.at, e.partition, e.position) > (edge.at, edge.partition, edge.position))
    order by e.at, e.partition, e.position limit $7
)
select partition, position, at, false as edge from found
union all
select partition, position, at, true from edge;

-- name: page_streams_before
-- The newest of some streams before a place: few enough to be put in order.
select partition, position, at from event
where stream = any($1::text[]) and ($2::text[] is null or type = any($2)) and ($3::timestamptz is null or at >= $3)
  and ($4::timestamptz is null or (at, partition, position) < ($4, $5::integer, $6::bigint))
order by at desc, partition desc, position desc limit $7;

-- name: page_streams_after
-- The same forwards.
select partition, position, at from event
where stream = any($1::text[]) and ($2::text[] is null or type = any($2)) and ($3::timestamptz is null or at >= $3)
  and (at, partition, position) > ($4::timestamptz, $5::integer, $6::bigint)
order by at, partition, position limit $7;

-- name: follow_events
-- What stands between two positions, partition by partition.
select e.partition, e.position from unnest($1::integer[], $2::bigint[], $3::bigint[]) as w (partition, after, until)
cross join lateral (
    select partition, position, at from event
    where event.partition = w.partition and event.position > w.after and event.position <= w.until
      and ($4::text[] is null or type = any($4)) and ($5::text[] is null or split_part(stream, '/', 2) = any($5))
      and ($6::text[] is null or stream = any($6))
    order by position
) e
order by e.at, e.partition, e.position;

-- name: count_events
-- How many that would be.
select count(*) from unnest($1::integer[], $2::bigint[], $3::bigint[]) as w (partition, after, until)
join event e on e.partition = w.partition and e.position > w.after and e.position <= w.until
where ($4::text[] is null or type = any($4)) and ($5::text[] is null or split_part(stream, '/', 2) = any($5))
  and ($6::text[] is null or stream = any($6));

-- name: find_effects
-- What names an event as its cause, as far as it stands in some streams.
select partition, position from event where stream = any($1::text[]) and cause = $2
order by at, partition, position limit $3;

-- name: find_by_customer
-- The invoices of a customer, by the customer's number in the register, most lately changed first.
select integration, invoice from invoice
where partner = any($1::bigint[]) and ($2::uuid[] is null or integration = any($2))
order by changed_at desc limit $3;

-- name: read_organizations
-- Whose contact keys an address has: removed integrations too.
select id, organization from integration where $1::uuid[] is null or id = any($1);

-- name: read_names
-- What some integrations are called.
select id, company_id, organization, names from integration where id = any($1::uuid[]);

-- name: read_heads
-- How far the log reaches.
select partition, position from counter;

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

-- name: count_parked
-- What waits for a person, by cause.
select integration, fingerprint, count(*) as count, min(created_at) as oldest from delivery where state = 'parked'
group by integration, fingerprint order by count(*) desc;

-- name: find_parked
-- All that is parked for one cause, however much that is.
select id from delivery
where state = 'parked' and fingerprint = $1 and ($2::uuid[] is null or integration = any($2))
order by id;

-- name: read_configuration
-- An integration's stream without the types that change no rule; as log.sql selects events.
select partition, position, stream, id, type, schema, at, cause, actor, data, personal, hash from event
where stream = $1 and type <> all($2::text[]) and ($3::timestamptz is null or at <= $3)
order by position;

-- name: read_paused
-- When each of these was paused last.
select w.integration, e.at
from unnest($1::uuid[]) as w (integration)
cross join lateral (
    select at from event
    where stream = 'integration/' || w.integration and type = 'IntegrationPaused'
    order by position desc limit 1
) e;

-- name: find_unsent
-- The newest picture of what waits to be sent, most lately changed first, at most $3 of one integration: what is not read again
-- any more cannot be sent.
select i.integration, e.partition, e.position
from unnest($1::uuid[]) as w (integration)
cross join lateral (
    select integration, invoice from invoice
    where invoice.integration = w.integration and reread_at is not null and status = any($2::text[]) and not old
    order by reread_at limit $3
) i
cross join lateral (
    select partition, position from event
    where stream = 'invoice/' || i.integration || '/' || i.invoice and type = 'InvoiceStatusChanged'
    order by position desc limit 1
) e
limit $4;

-- name: find_unasked
-- Skips that somebody can end in Procountor, newest first; the condition is the one of the index event_unasked.
select partition, position from event
where type = 'ContactSkipped' and data ->> 'reason' in (
    'no_contact_person', 'no_email', 'invalid_email', 'role_address', 'customer_unreadable', 'invoice_unreadable', 'old_invoice'
)
  and at >= $1 and ($2::text is null or split_part(stream, '/', 2) = $2)
order by at desc limit $3;

-- name: find_added_since
-- Which of these invoices the same trigger was to add somebody for after all.
select distinct d.integration, d.invoice, d.trigger
from unnest($1::uuid[], $2::bigint[], $3::uuid[]) as w (integration, invoice, trigger)
join delivery d on d.integration = w.integration and d.invoice = w.invoice and d.trigger = w.trigger
    and d.state <> 'withdrawn';

-- name: find_refused
-- What Trustmary refused and nothing was sent for again since, newest first.
select d.integration, d.invoice, i.number, d.decision, d.step, d.settled_at
from delivery d
left join invoice i on i.integration = d.integration and i.invoice = d.invoice
where d.state = 'refused' and d.settled_at >= $1 and ($2::uuid is null or d.integration = $2)
  and not exists (
      select from delivery s
      where s.integration = d.integration and s.invoice = d.invoice and s.trigger = d.trigger and s.id > d.id
        and s.decision <> d.decision
  )
order by d.settled_at desc limit $3;

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

-- name: begin_login
-- Pending logins stand in Postgres, so any worker can take the callback; old ones are swept out on the way.
with swept as (delete from login where expires_at < now() - interval '1 hour')
insert into login (state, kind, expires_at) values ($1, $2, now() + $3::double precision * interval '1 second');

-- name: answer_login
-- Once, and in time.
update login set code = $2, failure = $3, answered_at = now()
where state = $1 and answered_at is null and expires_at > now()
returning kind;

-- name: look_up_login
-- Why an answer was not taken.
select answered_at, expires_at < now() as expired from login where state = $1;

-- name: take_login
-- Whoever asked takes the answer, once.
update login set used_at = now() where state = $1 and answered_at is not null and used_at is null
returning code, failure;

-- name: name_login
-- For the page that still waits.
update login set company = $2, failure = $3, code = null where state = $1;

-- name: read_login
-- What the waiting page shows.
select company, failure from login where state = $1;

-- name: session_user
-- Who acts, and whether they may.
select session_user, has_table_privilege('integration', 'update') as may_change;

-- name: read_checkpoint
-- How far a partition was decided.
select position from checkpoint where partition = $1;

-- name: count_connections
-- How many companies and organizations let us in.
select c.service, c.state, count(*) as count from connection c
join integration i on i.id = c.integration and i.state <> 'removed'
group by c.service, c.state;

-- name: find_past
-- The invoice events of one integration, in order; the operators are those of the index, whatever the collation. What a change
-- says is parsed once for both questions: it is most of what this takes.
select "position" from event
where partition = $1 and stream ~>=~ $2 and stream ~<~ $3 and "position" > $4 and "position" <= $5
  and ($6::text[] is null or type = any($6))
  and ($7::timestamptz is null or at >= $7) and ($8::timestamptz is null or at < $8)
  and case
      when $9::text[] is null then true
      else (
          select after = any($9) or coalesce(before, '') || '>' || after = any($10)
          from json_to_record(data) as said (before text, after text)
      )
  end
order by "position";

-- name: read_causes
-- Where the changes stand that contacts were added for.
select e.cause as id, c.position from event e join event c on c.id = e.cause
where e.partition = $1 and e.stream ~>=~ $2 and e.stream ~<~ $3 and e.position <= $4 and e.type = 'ContactAdded';

-- name: read_used_beside
-- What a draft would have found used up of these invoices and contacts: by the trigger whose place it takes ($2) up to a position
-- ($3), by the others whenever. By the position of the change that led to it, which is when it counts, however late it was decided.
select d.trigger, d.invoice, null::bytea as key, null::text as target, null::timestamptz as at, d.decision, e.position
from unnest($4::bigint[]) as w (invoice)
join delivery d on d.integration = $1 and d.invoice = w.invoice and d.trigger = $2 and d.step = 1 and not d.superseded
join event e on e.id = d.cause
where e.position <= $3
union all
select d.trigger, a.invoice, a.contact_key, a.target, null, d.decision, e.position
from unnest($4::bigint[]) as w (invoice)
join added a on a.integration = $1 and a.invoice = w.invoice
join delivery d on d.decision = a.decision and d.step = 1
join event e on e.id = d.cause
where d.trigger <> $2 or e.position <= $3
union all
select d.trigger, d.invoice, c.contact_key, null, c.at, d.decision, e.position
from unnest($5::bytea[]) as w (contact_key)
join cooldown c on c.integration = $1 and c.contact_key = w.contact_key
join delivery d on d.decision = c.decision and d.step = 1
join event e on e.id = d.cause
where d.trigger <> $2 or e.position <= $3;

-- name: read_numbers
-- The numbers that people know some invoices by, as far as they have one.
select invoice, number from invoice where integration = $1 and invoice = any($2::bigint[]) and number is not null;

-- name: read_known_numbers
-- The same of any integrations.
select i.integration, i.invoice, i.number from unnest($1::uuid[], $2::bigint[]) as w (integration, invoice)
join invoice i on i.integration = w.integration and i.invoice = w.invoice
where i.number is not null;

-- name: find_unlisted
-- Which of these decisions take a contact off a list.
select id from event where id = any($1::uuid[]) and type = 'ContactUnlisted';

-- name: read_past
-- Some events of a partition, to be opened; what Trustmary answered is nobody's question there.
select "position", at, id, type, schema, data,
    case when type not in ('ContactDelivered', 'ContactRefused', 'ContactWithdrawn') then personal end as personal
from event
where partition = $1 and "position" = any($2::bigint[])
order by "position";

-- name: list_places
-- Every integration in its place, with what says whether its line is still the one that is known.
select id, version, state from integration where state <> 'removed' order by connected_at, id limit $1;

-- name: read_lines
-- What a line says of some integrations, or of all, for as long as nobody saves anything.
select id, version, partition, state, company_id, organization, names, configuration from integration
where case when $1::uuid[] is null then state <> 'removed' else id = any($1) end;

-- name: list_open_and_failing
-- Integrations with anything that has not ended or goes wrong: most have nothing of it.
select integration, sum(waiting)::bigint as waiting, sum(parked)::bigint as parked, bool_or(broken) as broken,
    bool_or(failing) as failing
from (
    select integration, count(*) filter (where state <> 'parked') as waiting, count(*) filter (where state = 'parked') as parked,
        false as broken, false as failing
    from delivery where state in ('waiting', 'attempting', 'parked') group by integration
    union all
    select integration, 0, 0, true, false from connection where state = 'broken'
    union all
    select integration, 0, 0, false, true from ingest where failing_since is not null
) each group by integration;

-- name: read_figures
-- When some integrations' invoices were last seen and contacts last added, and how many by the hour.
select i.id, t.tally,
    (select max(changed_at) from invoice where integration = i.id) as seen_at,
    (select max(settled_at) from delivery where integration = i.id and state = 'delivered') as added_at
from integration i left join tally t on t.integration = i.id
where i.id = any($1::uuid[]);
