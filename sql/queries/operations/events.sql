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

-- name: read_heads
-- How far the log reaches.
select partition, position from counter;

-- name: read_known_numbers
-- The same of any integrations.
select i.integration, i.invoice, i.number from unnest($1::uuid[], $2::bigint[]) as w (integration, invoice)
join invoice i on i.integration = w.integration and i.invoice = w.invoice
where i.number is not null;

-- name: find_unlisted
-- Which of these decisions take a contact off a list.
select id from event where id = any($1::uuid[]) and type = 'ContactUnlisted';
