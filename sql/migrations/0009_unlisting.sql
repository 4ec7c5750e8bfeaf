-- Taking contacts off lists: a call of its own, asked for by a replay that takes back what an earlier decision has put there.

alter table delivery drop constraint delivery_call_check;
alter table delivery add constraint delivery_call_check check (call in ('contact', 'lists', 'automation', 'unlist'));

-- Taking off uses nothing up: an invoice that added somebody may be taken back beside it.
drop index delivery_once;
create unique index delivery_once on delivery (integration, invoice, trigger, step, resend) nulls not distinct
    where not superseded and call <> 'unlist';

alter table replay add column undoes uuid references replay;
create unique index replay_undone_once on replay (undoes) where state in ('running', 'paused');
comment on column replay.undoes is 'the replay whose contacts this one takes off the lists';

alter table replay_item add column takes_back uuid;
comment on column replay_item.takes_back is 'the decision whose lists the contact is taken off; null where it is to be added';
