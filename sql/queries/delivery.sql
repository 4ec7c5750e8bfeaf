-- name: make_lanes
-- An organization that has deliveries has a lane, whoever forgot to make it.
insert into lane (organization)
select distinct named.organization
from unnest($1::text[]) as named (organization)
where not exists (select from lane where lane.organization = named.organization)
  and exists (select from delivery where delivery.organization = named.organization)
on conflict do nothing;

-- name: lease_named
-- The lanes that somebody rang for, where they are free.
with free as (
    select organization from lane
    where organization = any($2::text[])
      and (lease_owner is null or lease_owner = $1 or lease_until < now())
      and (broken_until is null or broken_until <= now())
    order by organization limit $3
    for update skip locked
)
update lane set lease_owner = $1, lease_until = now() + make_interval(secs => $4), fence = fence + 1
from free where lane.organization = free.organization
returning lane.organization, lane.failures;

-- name: lease_due
-- The net under the bell: lanes with something to send or to look up, and those that a dead worker left behind. The longest
-- unattended first, so that every lane has its turn where more wait than can be held.
with recursive waiting as (
    (select organization, next_at from delivery where state = 'waiting' order by organization, next_at limit 1)
    union all
    select following.organization, following.next_at
    from waiting
    cross join lateral (
        select organization, next_at from delivery
        where state = 'waiting' and organization > waiting.organization
        order by organization, next_at limit 1
    ) as following
),
due as (
    select organization from waiting
    where next_at <= now() and exists (
        select from integration
        join connection on connection.integration = integration.id and connection.service = 'trustmary'
        where integration.organization = waiting.organization
          and integration.state = 'active' and connection.sends
          and not exists (select from restored where restored.integration = integration.id and released_at is null)
    )
    union
    select organization from delivery where state = 'attempting' and next_at <= now()
    union
    select organization from lane where lease_owner is not null and lease_until < now()
),
free as (
    select organization from lane
    where organization in (select organization from due)
      and organization <> all($2::text[])
      and (lease_owner is null or lease_until < now())
      and (broken_until is null or broken_until <= now())
    order by lease_until nulls first, organization limit $3
    for update skip locked
)
update lane set lease_owner = $1, lease_until = now() + make_interval(secs => $4), fence = fence + 1
from free where lane.organization = free.organization
returning lane.organization, lane.failures;

-- name: renew_lanes
-- Still ours, even late, as long as nobody took them.
update lane set lease_until = now() + make_interval(secs => $3)
where organization = any($2::text[]) and lease_owner = $1
returning organization;

-- name: release_lanes
-- Others may have them at once; when they were held last decides whose turn is next.
update lane set lease_owner = null, lease_until = now()
where organization = any($2::text[]) and lease_owner = $1;

-- name: close_lane
-- The breaker: nobody sends there for so many seconds (null: open again). Whose the lane is knows best.
update lane set failures = $3, broken_until = now() + make_interval(secs => $4),
    failing_since = case when $3 > 0 then coalesce(failing_since, now()) end
where organization = $2 and lease_owner = $1
returning extract(epoch from now() - failing_since)::double precision as failing;

-- name: claim_waiting
-- The next deliveries of each leased lane: live before replay, one at a time and in order per contact key. What backs off
-- holds its contact, what is parked does not. Never waits for a lock: a pause that is being written is respected as one.
-- What one step found the next looks up as an array, not as a join: planned while nothing waited, a join compared each of what
-- waits with each of what was picked, and a backlog of 2,000 took four seconds.
with room as (
    select room.organization, room.n
    from unnest($2::text[], $3::integer[]) as room (organization, n)
    join lane on lane.organization = room.organization
    where lane.lease_owner = $1 and lane.lease_until > now()
      and (select max(id) from migration) <= $5 -- a newer release may hold what we know nothing of
      -- Most lanes have nothing: they cost one look. In order and with a limit, so that the planner asks the index per row.
      and (
          select next_at from delivery
          where delivery.organization = lane.organization and state = 'waiting'
          order by next_at limit 1
      ) <= now()
),
able as materialized (
    select integration.id, integration.version
    from integration
    join connection on connection.integration = integration.id and connection.service = 'trustmary'
    where integration.organization in (select organization from room)
      and integration.state = 'active' and connection.sends and integration.trustmary_secret is not null
      -- What was saved and the projector has not met yet may take back what it decides until then.
      and not exists (select from rules where rules.integration = integration.id and rules.version < integration.version)
      -- Since a restore nobody knows what was sent: a person looks first.
      and not exists (select from restored where restored.integration = integration.id and released_at is null)
),
picked as materialized (
    select next.id, next.integration
    from room
    cross join lateral (
        select mine.id, mine.integration
        from delivery as mine
        where mine.organization = room.organization and mine.state = 'waiting' and mine.next_at <= now()
          and mine.integration = any(array(select id from able))
          and (mine.step = 1 or exists (
              select from delivery as first
              where first.decision = mine.decision and first.step = 1 and first.state = 'delivered'
          ))
          -- A scalar with a limit again: the planner stops when the room is full.
          and (
              select 1 from delivery as other
              where other.organization = mine.organization and other.contact_key = mine.contact_key
                and other.state in ('waiting', 'attempting') and other.id <> mine.id
                and (other.state = 'attempting' or (
                    (other.attempts = 0, other.replay, other.id) < (mine.attempts = 0, mine.replay, mine.id)
                    and other.integration = any(array(select id from able))
                    and (other.step = 1 or exists (
                        select from delivery as first
                        where first.decision = other.decision and first.step = 1 and first.state = 'delivered'
                    ))
                ))
              limit 1
          ) is null
        order by mine.replay, mine.id
        limit room.n
    ) as next
),
allowed as materialized (
    select id from integration
    where id = any(array(select integration from picked)) and state = 'active'
      and version = (select version from able where able.id = integration.id)
    order by id
    for share skip locked
),
taken as materialized (
    select id from delivery
    where id = any(array(select id from picked where integration = any(array(select id from allowed))))
      and state = 'waiting' and next_at <= now()
    order by id
    for update skip locked
),
claimed as (
    update delivery
    -- now() is when the statement was handed over: what it waited to see, a decision just committed, may be younger.
    set state = 'attempting', attempts = attempts + 1, attempted_at = (select clock_timestamp()), attempted_by = $1,
        next_at = now() + make_interval(secs => $4), failure = null
    where id = any(array(select id from taken)) and state = 'waiting'
    returning *
),
noted as (
    insert into attempt (delivery, number, started_at)
    select id, attempts, attempted_at from claimed
)
select claimed.id, claimed.integration, claimed.organization, claimed.partition, claimed.position, claimed.decision,
       claimed.invoice, claimed.step, claimed.call, claimed.attempts, claimed.attempted_at, integration.trustmary_secret,
       false as removed, restored.taken_at as unseen_since, restored.released_at as unseen_until
from claimed
join integration on integration.id = claimed.integration
-- Of a replay nobody knows what it had sent after the backup; a person who has said "retry" does.
left join restored on restored.integration = claimed.integration and claimed.replay and claimed.step = 1
    and not exists (select from attempt where attempt.delivery = claimed.id and attempt.outcome = 'parked')
order by claimed.replay, claimed.id;

-- name: claim_unanswered
-- Attempts that nobody heard the end of: their calls must be over ($4 seconds), but for those that may be repeated.
with taken as materialized (
    select delivery.id
    from delivery
    join lane on lane.organization = delivery.organization
    join integration on integration.id = delivery.integration
    left join connection on connection.integration = integration.id and connection.service = 'trustmary'
    where delivery.organization = any($2::text[]) and delivery.state = 'attempting'
      and lane.lease_owner = $1 and lane.lease_until > now()
      and (delivery.next_at <= now() or (delivery.call in ('contact', 'unlist') and delivery.attempted_by <> $1))
      and delivery.id <> all($3::bigint[])
      and (connection.sends or integration.state = 'removed')
    order by delivery.id limit $5
    for update of delivery skip locked
),
claimed as (
    update delivery set attempted_by = $1, next_at = now() + make_interval(secs => $4)
    where id in (select id from taken) and state = 'attempting'
    returning *
)
select claimed.id, claimed.integration, claimed.organization, claimed.partition, claimed.position, claimed.decision,
       claimed.invoice, claimed.step, claimed.call, claimed.attempts, claimed.attempted_at, integration.trustmary_secret,
       integration.state = 'removed' as removed, null::timestamptz as unseen_since, null::timestamptz as unseen_until
from claimed
join integration on integration.id = claimed.integration
order by claimed.id;

-- name: read_blocked
-- Who has been put on the block list since it was decided.
select given.decision
from unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::text[]) as given (decision, integration, contact_key, domain)
where exists (
    select from block
    where block.integration = given.integration
      and (block.contact_key = given.contact_key or block.domain = given.domain)
);

-- name: read_overtaken
-- Of contacts to be taken off lists, those that something newer has put on one of them; of another company of the organization
-- whatever has, since the projector could not know of it.
select mine.id
from unnest($1::bigint[], $2::text[]) as given (id, lists)
join delivery mine on mine.id = given.id
where exists (
    select from integration o
    join cooldown c on c.integration = o.id and c.contact_key = mine.contact_key
    join added a on a.decision = c.decision and a.target = any(string_to_array(given.lists, E'\n'))
    join delivery newer on newer.decision = c.decision and newer.step = 1
        and (newer.id > mine.id or newer.integration <> mine.integration)
    where o.organization = mine.organization
);

-- name: read_undone
-- Of some replays, those that have been undone or are being.
select distinct undoes from replay where undoes = any($1::uuid[]) and started_at is not null;

-- name: settle_deliveries
-- How attempts ended, for those that are still ours; answers which were.
with given as (
    select * from unnest(
        $2::bigint[], $3::text[], $4::double precision[], $5::text[], $6::text[], $7::text[], $8::integer[],
        $9::double precision[]
    ) as given (id, state, wait, failure, fingerprint, outcome, status, ago)
),
mine as materialized (
    select delivery.id, delivery.attempts
    from delivery
    where delivery.id in (select id from given) and delivery.attempted_by = $1 and delivery.state = 'attempting'
    order by delivery.id
    for update
),
settled as (
    update delivery
    set state = given.state,
        next_at = coalesce(now() + make_interval(secs => given.wait), delivery.next_at),
        failure = given.failure,
        fingerprint = given.fingerprint,
        settled_at = case when given.state in ('delivered', 'refused', 'withdrawn') then now() end
    from given
    join mine on mine.id = given.id
    where delivery.id = given.id
),
noted as (
    update attempt
    set finished_at = greatest(started_at, now() - make_interval(secs => given.ago)),
        outcome = given.outcome,
        status = given.status
    from given
    join mine on mine.id = given.id
    where attempt.delivery = given.id and attempt.number = mine.attempts
)
select id from mine;

-- name: withdraw_second_steps
-- The contact is not there: the automations of these decisions have nobody to start for.
update delivery set state = 'withdrawn', settled_at = now(), failure = null, fingerprint = null
where decision = any($1::uuid[]) and step = 2 and state in ('waiting', 'parked');

-- name: break_connection
-- Once, in place of the reasons in $5 where it has one, and not where the key has been replaced meanwhile; a probe follows
-- after $4 seconds.
with broken as (
    update connection set state = 'broken', reason = $3, since = now()
    from integration
    where connection.integration = $1 and connection.service = 'trustmary'
      and (connection.state = 'connected' or connection.reason = any($5::text[]))
      and integration.id = connection.integration and integration.trustmary_secret = $2
    returning integration.organization
),
later as (
    update lane set due_at = now() + make_interval(secs => $4) where organization in (select organization from broken)
)
select organization from broken;

-- name: restore_connection
-- The key works again.
update connection set state = 'connected', reason = null, since = now(), last_good_at = now()
from integration
where connection.integration = $1 and connection.service = 'trustmary' and connection.state = 'broken'
  and integration.id = connection.integration and integration.trustmary_secret = $2
returning connection.integration;

-- name: read_gone
-- Of some integrations, what is gone from Trustmary: `list:{id}` or `automation:{id}`, as deliveries are parked for it.
select distinct integration, substr(fingerprint, length('gone:trustmary:') + 1) as target
from delivery
where state = 'parked' and starts_with(fingerprint, 'gone:') and integration = any($1::uuid[]);

-- name: bring_back
-- What was parked because some targets were gone goes on, in order, $3 seconds after each other.
with parked as materialized (
    select id from delivery
    where integration = $1 and state = 'parked' and starts_with(fingerprint, 'gone:')
      and substr(fingerprint, length('gone:trustmary:') + 1) = any($2::text[])
    order by id for update
)
update delivery set state = 'waiting', fingerprint = null, failure = null,
    next_at = now() + make_interval(secs => (placed.place - 1) * $3)
from (select id, row_number() over (order by id) as place from parked) as placed
where delivery.id = placed.id;

-- name: take_probes
-- Broken connections, and those that have something parked for what is gone, whose turn it is to be tried; whoever comes first
-- tries them, and the next turn is $1 seconds away.
with broken as materialized (
    select integration.id, integration.organization, integration.partition, integration.trustmary_secret,
        integration.configuration, connection.reason
    from connection
    join integration on integration.id = connection.integration
    where connection.service = 'trustmary' and integration.state <> 'removed' and integration.trustmary_secret is not null
      and (
          connection.state = 'broken'
          or integration.id in (select integration from delivery where state = 'parked' and starts_with(fingerprint, 'gone:'))
      )
),
due as (
    select organization from lane
    where due_at <= now() and organization in (select organization from broken)
    order by due_at limit 20
    for update skip locked
),
taken as (
    update lane set due_at = now() + make_interval(secs => $1)
    from due where lane.organization = due.organization
    returning lane.organization
)
select broken.* from broken join taken using (organization);

-- name: list_standing
-- The integrations of an organization that would be told of it if Trustmary were down.
select integration.id, integration.organization, integration.partition, integration.trustmary_secret,
    integration.configuration, connection.reason
from integration
join connection on connection.integration = integration.id and connection.service = 'trustmary'
where integration.organization = $1 and integration.state <> 'removed' and integration.trustmary_secret is not null
  and (connection.state = 'connected' or connection.reason in ('suspended', 'down'));

-- name: open_lane
-- Trustmary answers again.
update lane set failures = 0, broken_until = null, failing_since = null where organization = $1;

-- name: bring_forward
-- What failed with Trustmary is sent now, in order, $2 seconds after each other: what waits for its next try, and what was given
-- up meanwhile.
with failed as materialized (
    select id from delivery
    where integration = $1
      and ((state = 'waiting' and failure is not null and next_at > now() and next_at < 'infinity')
          or (state = 'parked' and starts_with(fingerprint, 'unavailable:')))
    order by id for update
)
update delivery set state = 'waiting', fingerprint = null, next_at = now() + make_interval(secs => (placed.place - 1) * $2)
from (select id, row_number() over (order by id) as place from failed) as placed
where delivery.id = placed.id;

-- name: note_good
-- When the key last worked, to the minute.
update connection set last_good_at = now() where integration = any($1::uuid[]) and service = 'trustmary';
