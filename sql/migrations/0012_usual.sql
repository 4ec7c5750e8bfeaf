-- What is usual for integrations that are older than the brake: else each of them would be held at a new one's limit.

insert into tally (integration, tally)
with day as (
    select integration, floor(extract(epoch from at) / 86400)::bigint as day, count(*) as contacts,
           floor(extract(epoch from max(at)) / 3600)::bigint as hour
    from cooldown
    where replay is null and at > now() - interval '47 days'
    group by 1, 2
),
newest as (
    select integration, max(day) as day, max(hour) as hour from day group by integration
)
select newest.integration, json_build_array(newest.hour, '[]'::json, json_agg(coalesce(day.contacts, 0) order by ago))
from newest
cross join generate_series(0, 46) as ago
left join day on day.integration = newest.integration and day.day = newest.day - ago
group by newest.integration, newest.hour
on conflict (integration) do nothing;
