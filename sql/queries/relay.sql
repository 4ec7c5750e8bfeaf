-- name: take_backlog
-- What Kafka was not told yet, and the cursors locked: two relays take turns by partition and never wait for each other.
-- In no order that is promised: put in order here, whole pictures would be written to disk and read back.
with taken as materialized (
    select relay.partition, relay."position"
    from relay
    join counter using (partition)
    where counter."position" > relay."position"
    for update of relay skip locked
)
select e.partition, e."position", e.stream, e.id, e.type, e.schema, e.at, e.cause, e.actor, e.data, e.personal, e.hash
from taken
cross join lateral (
    select *
    from event
    where event.partition = taken.partition and event."position" > taken."position"
    order by event."position"
    limit $1 / (select count(*) from taken) + 1
) e;

-- name: hold_on
-- The transaction neither idles nor has it taken long: both clocks begin anew.
with allowed as materialized (select current_setting('transaction_timeout') as said)
select set_config('transaction_timeout', '0', true), set_config('transaction_timeout', said, true) from allowed;

-- name: move_cursors
-- Never backwards: a relay that was frozen meanwhile may come late.
update relay
set "position" = greatest(relay."position", told."position")
from unnest($1::integer[], $2::bigint[]) as told (partition, "position")
where relay.partition = told.partition;

-- name: rewind_cursors
-- The topic was made anew: all is told again. What another relay holds it tells right now, and finds out by itself.
with free as (
    select partition from relay order by partition for update skip locked
)
update relay set "position" = 0 from free where relay.partition = free.partition;

-- name: read_standings
-- How far each partition was appended, told and decided, in one snapshot.
select counter.partition, counter."position" as head, relay."position" as told, checkpoint."position" as decided
from counter
join relay using (partition)
join checkpoint using (partition)
order by counter.partition;
