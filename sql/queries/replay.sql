-- name: read_at
-- When the last event up to a position was recorded.
select at from event where partition = $1 and "position" <= $2 order by "position" desc limit 1;

-- name: read_void
-- Invoices that are none any more, as they were seen last.
select invoice from invoice where integration = $1 and status = any($2::text[]);

-- name: insert_replay
insert into replay (id, integration, hash, triggers, pin, upto, about, planned_by, undoes)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: insert_items
insert into replay_item (replay, number, class, reason, invoice, partner, invoices, trigger, cause, targets, resend, customer,
    last, starts_surveys, differs, detail, takes_back, others)
select $1, i.number, i.class, i.reason, i.invoice, i.partner, i.invoices, i.trigger, i.cause,
    string_to_array(i.targets, E'\n'), i.resend, i.customer, i.last, i.starts_surveys, i.differs, i.detail,
    i.takes_back, string_to_array(i.others, ',')::bigint[]
from unnest($2::integer[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::integer[], $8::uuid[], $9::uuid[],
    $10::text[], $11::boolean[], $12::uuid[], $13::uuid[], $14::boolean[], $15::boolean[], $16::bytea[], $17::uuid[], $18::text[])
    as i (number, class, reason, invoice, partner, invoices, trigger, cause, targets, resend, customer, last, starts_surveys,
        differs, detail, takes_back, others);

-- name: read_replays
-- Newest first; of some integrations or of all, by the beginning of an id or any, in some states or any.
select r.id, r.integration, r.state, r.hash, r.triggers, r.pin, r.upto, r.about, r.planned_by, r.planned_at, r.reach, r.classes, r.items,
    r.asked, r.started_at, r.ended_at, r.undoes, r.resumed_at, r.asked_before
from replay r
where ($1::uuid[] is null or r.integration = any($1)) and ($2::text is null or r.id::text like $2 || '%')
  and ($4::text[] is null or r.state = any($4))
order by r.planned_at desc limit $3;

-- name: read_items
select i.number, i.class, i.reason, i.invoice, known.number as invoice_number, i.partner, i.invoices, i.trigger, i.cause, i.targets, i.resend, i.last,
    i.starts_surveys, i.detail, i.decision, i.left_out, d.state, d.failure
from replay_item i
join replay r on r.id = i.replay
left join invoice known on known.integration = r.integration and known.invoice = i.invoice
left join delivery d on d.decision = i.decision and d.step = 1
where i.replay = $1 and i.number > $2 and ($4::text[] is null or i.class = any($4))
order by i.number limit $3;

-- name: read_outcomes
-- What has become of some lines of a plan.
select i.number, i.left_out, d.state, d.failure
from replay_item i
left join delivery d on d.decision = i.decision and d.step = 1
where i.replay = $1 and i.number = any($2::integer[]) and (i.left_out is not null or i.decision is not null);

-- name: count_results
-- What became of the items that were asked for: left out and why, or how far the delivery is; and how many ended of late, which
-- is not before a resumption.
select coalesce(i.left_out, d.state, 'decided') as result, i.left_out is not null as left_out, count(*) as count,
    count(*) filter (where d.settled_at > greatest(clock_timestamp() - $2::interval, $3::timestamptz)) as lately
from replay_item i
left join delivery d on d.decision = i.decision and d.step = 1
where i.replay = $1 and (i.decision is not null or i.left_out is not null)
group by 1, 2 order by 1;

-- name: count_items
-- What applying would send: contacts of some classes, of all lines or some, and which of them may start a survey or are taken
-- off lists.
select trigger, targets, starts_surveys, differs or class <> 'changed' as differs, takes_back is not null as off, count(*) as count
from replay_item
where replay = $1 and class = any($2::text[]) and left_out is null and ($3::integer[] is null or number = any($3))
group by 1, 2, 3, 4, 5;

-- name: read_newest
-- The newest decision about each contact up to a position, as the projector will see it.
select distinct on (contact_key) contact_key, decision from cooldown
where integration = $1 and contact_key = any($2::bytea[]) and "position" <= $3
order by contact_key, "position" desc;

-- name: find_added_before
-- What invoices had their contacts added to by an integration that joined the same company to the same organization, and was removed.
select a.invoice, a.contact_key, array_agg(a.target) as targets
from integration seen
join integration former
    on former.company_id = seen.company_id and former.organization = seen.organization and former.id <> seen.id
join added a on a.integration = former.id and a.invoice = any($2::bigint[])
where seen.id = $1
group by 1, 2;

-- name: lock_replay
select state from replay where id = $1 for update;

-- name: start_replay
update replay set state = 'running', reach = $2, classes = $3, items = $4, started_at = now() where id = $1;

-- name: resume_replay
update replay set state = 'running', resumed_at = now(), asked_before = asked where id = $1;

-- name: set_state
update replay set state = $2, ended_at = case when $2 in ('done', 'cancelled') then now() end where id = $1;

-- name: next_replay
-- A replay whose integration has room: its partition is nearly decided, what was asked for last is decided, and little of it
-- waits to be sent. Old addresses come once no new one is under way. Who holds the row appends the next items; nobody waits for it.
select r.id, r.integration, i.partition, r.triggers, r.pin, r.reach, r.classes, r.asked, r.asked_upto, r.undoes
from replay r
join integration i on i.id = r.integration
join counter on counter.partition = i.partition
join checkpoint on checkpoint.partition = i.partition
where r.state = 'running' and counter.position - checkpoint.position <= $1
  and not exists (
      select from replay_item
      where replay = r.id and number = r.asked_upto and decision is null and left_out is null
  )
  and not (
      r.undoes is null
      and exists (
          select from replay_item off
          where off.replay = r.id and off.number > r.asked_upto and off.takes_back is not null
            and off.class = any(r.classes) and off.left_out is null
      )
      and not exists (
          select from replay_item left_to_add
          where left_to_add.replay = r.id and left_to_add.number > r.asked_upto and left_to_add.takes_back is null
            and left_to_add.class = any(r.classes) and left_to_add.left_out is null
      )
      and exists (
          select from replay_item added
          join delivery d on d.decision = added.decision and d.state in ('waiting', 'attempting')
          where added.replay = r.id and added.class = 'other_address'
      )
  )
  and (
      select count(*) from (
          select from delivery d
          where d.organization = i.organization and d.replay and d.state = 'waiting' and d.integration = r.integration
          limit $2
      ) waiting
  ) < $2
order by r.started_at
limit 1
for update of r skip locked;

-- name: next_items
select number, cause, trigger, targets, resend, customer, last, takes_back from replay_item
where replay = $1 and number > $2 and class = any($3::text[]) and left_out is null
order by number limit $4;

-- name: leave_out_void
-- Of items up to a number, the ones whose invoice has been invalidated or deleted since they were planned: nobody is added for it.
update replay_item i set left_out = 'void'
from invoice v
where i.replay = $1 and i.number > $2 and i.number <= $3 and i.left_out is null and i.takes_back is null
  and v.integration = $4 and v.invoice = i.invoice and v.status = any($5::text[])
returning i.number;

-- name: leave_out_kept
-- Of items up to a number, old addresses of which Trustmary does not have a new one (each invoice may have one of its own), and whom
-- another company of the organization has put on the list as well.
update replay_item off set left_out = case when kept.added then 'held_elsewhere' else 'new_not_delivered' end
from (
    select i.number,
        not exists (
            select from replay_item n
            left join delivery d on d.decision = n.decision and d.step = 1
            where n.replay = i.replay and n.class = 'other_address' and d.state is distinct from 'delivered'
              and (n.trigger, n.invoice) in (
                  select i.trigger, i.invoice
                  union all
                  select old.trigger, old.invoice
                  from delivery mine
                  join cooldown c on c.integration = mine.integration and c.contact_key = mine.contact_key
                  join delivery old on old.decision = c.decision and old.step = 1
                  where mine.decision = i.takes_back and mine.step = 1
              )
        ) as added,
        exists (
            select from delivery d
            join integration o on o.organization = d.organization and o.id <> d.integration
            join cooldown c on c.integration = o.id and c.contact_key = d.contact_key
            join added a on a.decision = c.decision and a.target = any(i.targets)
            where d.decision = i.takes_back and d.step = 1
        ) as elsewhere
    from replay_item i
    where i.replay = $1 and i.number > $2 and i.number <= $3 and i.left_out is null and i.takes_back is not null
) kept
where off.replay = $1 and off.number = kept.number and (not kept.added or kept.elsewhere)
returning off.number;

-- name: find_elsewhere
-- Contacts that other companies of an organization have put on lists.
select c.contact_key, a.target from integration o
join cooldown c on c.integration = o.id and c.contact_key = any($3::bytea[])
join added a on a.decision = c.decision and a.target like 'list:%'
where o.organization = $1 and o.id <> $2;

-- name: count_undecided
-- What a replay has asked for and the projector has not come to.
select count(*) from replay_item i join replay r on r.id = i.replay
where r.id = $1 and i.number <= r.asked_upto and i.class = any(r.classes) and i.decision is null and i.left_out is null;

-- name: lock_undone
-- Whether a replay is being undone by another just now; its row is held, so that two operators come one after the other.
select exists (select from replay u where u.undoes = r.id and u.state in ('running', 'paused')) as under_way
from replay r where r.id = $1 for update;

-- name: find_unsent
-- Calls of a replay that have not left: who waits to be taken off an old address stays on it, now that the new one goes.
select d.id from replay_item i join delivery d on d.decision = i.decision
where i.replay = $1 and d.state in ('waiting', 'parked')
order by d.id;

-- name: leave_out_beyond_reach
-- What differs in nothing but targets that the replay may not touch: there would be nothing to send. Who is not put on a list
-- under a new address stays on it under the old one.
update replay_item set left_out = 'beyond_reach'
where replay = $1 and trigger = any($2::uuid[])
  and ((class = 'changed' and not differs and targets <> '{contact}') or takes_back is not null);

-- name: find_numbers
-- Which of the named lines are of some classes.
select number from replay_item where replay = $1 and class = any($2::text[]) and number = any($3::integer[]);

-- name: leave_out_unchosen
-- What would be applied, and was not chosen. Named like all else that is left out: sent is the plan minus what is named.
update replay_item set left_out = 'not_chosen'
where replay = $1 and class = any($2::text[]) and left_out is null and not number = any($3::integer[]);

-- name: asked
update replay set asked = $2, asked_upto = $3 where id = $1;
