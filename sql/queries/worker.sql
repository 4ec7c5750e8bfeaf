-- name: register
-- A worker says that it lives, how its stages fare, and what it holds.
insert into worker (id, host, pid, version, stages, memory_mib, partitions, keys) values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (id) do update
set seen_at = now(), stages = excluded.stages, memory_mib = excluded.memory_mib, partitions = excluded.partitions;

-- name: leave
-- It stopped in good order.
delete from worker where id = $1;

-- name: sweep
-- Those that died without a word are forgotten after a day.
delete from worker where seen_at < now() - interval '1 day';
