-- name: read_counts
-- How far the log, its projection and its deliveries are.
select
    (select sum(position) from counter)::bigint as head,
    (select sum(position) from checkpoint)::bigint as decided,
    (select count(*) from event where type = 'InvoiceStatusChanged') as changes,
    (select count(*) from event where type = 'ContactAdded') as wanted,
    (select count(*) from delivery where state = 'delivered') as delivered,
    (select count(*) from delivery where state in ('waiting', 'attempting')) as under_way,
    (select count(*) from delivery where state = 'parked') as parked;

-- name: read_skipped
-- Why nobody was added.
select data ->> 'reason' as reason, count(*) as count from event where type = 'ContactSkipped' group by 1 order by 2 desc;

-- name: read_latency
-- From the event appended to Trustmary's answer, in milliseconds.
select percentile_cont(array[0.5, 0.95, 0.99]) within group (
    order by extract(epoch from attempt.finished_at - cause.at) * 1000
) as percentiles
from delivery
join attempt on attempt.delivery = delivery.id and attempt.number = delivery.attempts
join event as cause on cause.id = delivery.cause
where delivery.state = 'delivered' and attempt.finished_at is not null;
