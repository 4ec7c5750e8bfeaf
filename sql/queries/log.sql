-- name: read_id
select id from log;

-- name: append_rows
-- Partitions ascending; the answers follow each other in the order of the rows.
select "partition", id, "position", outcome
from append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: lock_counter
-- First in the lock order; the worker role may lock a partition only by appending to it, nothing in this case.
select from append(array[$1::integer], '{0}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}');

-- name: read_heads
select partition, "position", hash from counter order by partition;

-- name: read_after
-- The tail of one partition; commit order is position order, so nothing appears behind what was read.
select partition, "position", stream, id, type, schema, at, cause, actor, data, personal, hash
from event
where partition = $1 and "position" > $2
order by "position"
limit $3;

-- name: read_places
select partition, "position", stream, id, type, schema, at, cause, actor, data, personal, hash
from unnest($1::integer[], $2::bigint[]) as place (partition, "position")
join event using (partition, "position")
order by partition, "position";

-- name: read_stream
select partition, "position", stream, id, type, schema, at, cause, actor, data, personal, hash
from event
where stream = $1
order by "position";

-- name: find_ids
select partition, "position", stream, id, type, schema, at, cause, actor, data, personal, hash
from event
where id = any($1::uuid[])
order by partition, "position";

-- name: audit_after
select partition, "position", stream, id, type, schema, at, cause, actor, data, personal, hash, digest
from event
where partition = $1 and "position" > $2
order by "position"
limit $3;

-- name: audit_head
select "position", hash, at from counter where partition = $1;

-- name: audit_beyond
-- Events that the counter does not know of, in one statement and so in one snapshot.
select "position" from event
where partition = $1 and "position" > (select counter."position" from counter where counter.partition = $1)
order by "position"
limit 1;

-- name: read_past
-- Some events of a partition, to be opened; what Trustmary answered is nobody's question there.
select "position", at, id, type, schema, data,
    case when type not in ('ContactDelivered', 'ContactRefused', 'ContactWithdrawn') then personal end as personal
from event
where partition = $1 and "position" = any($2::bigint[])
order by "position";
