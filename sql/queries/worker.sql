-- name: register
-- A worker says that it lives, and how its stages fare.
insert into worker (id, host, pid, version, stages) values ($1, $2, $3, $4, $5)
on conflict (id) do update set seen_at = now(), stages = excluded.stages;

-- name: leave
-- It stopped in good order.
delete from worker where id = $1;

-- name: sweep
-- Those that died without a word are forgotten after a day.
delete from worker where seen_at < now() - interval '1 day';
