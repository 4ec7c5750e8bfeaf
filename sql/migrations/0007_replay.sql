-- Replays: a plan is kept with its items until it is applied, and a worker works it off behind live traffic.

alter table cooldown add column replay uuid, add column position bigint;
update cooldown set position = event.position from event where event.id = cooldown.decision;
comment on column cooldown.position is 'of the decision: the order in which they were made';
comment on column cooldown.replay is 'the replay that added the contact: its own decisions do not make its other items move';

create table replay (
    id uuid primary key,
    integration uuid not null references integration,
    state text not null default 'planned' check (state in ('planned', 'running', 'paused', 'done', 'cancelled')),
    hash text not null,
    triggers uuid[] not null,
    pin text not null,
    upto bigint not null,
    about bytea not null,
    planned_by text not null,
    planned_at timestamptz not null default now(),
    reach text,
    classes text[],
    items integer,
    asked integer not null default 0,
    asked_upto integer not null default 0,
    started_at timestamptz,
    ended_at timestamptz
) with (fillfactor = 70);
create index replay_running on replay (id) where state = 'running';
create index replay_integration on replay (integration, planned_at);
comment on column replay.pin is 'SHA-256 of the rules that the plan depends on';
comment on column replay.upto is 'the position up to which the plan has looked';
comment on column replay.about is 'what was asked for and what came out, as JSON, sealed by the master key: a name and a reason are free text';
comment on column replay.asked_upto is 'items up to this number are in the log';

create table replay_item (
    replay uuid not null references replay on delete cascade,
    number integer not null,
    class text not null,
    reason text,
    invoice bigint not null,
    partner bigint,
    invoices integer not null,
    trigger uuid not null,
    cause uuid not null,
    targets text[] not null,
    resend boolean not null,
    customer uuid,
    last uuid,
    starts_surveys boolean not null,
    differs boolean not null,
    detail bytea,
    decision uuid,
    left_out text,
    primary key (replay, number)
);
comment on column replay_item.differs is 'in a field, not only in what the contact would be added to';
comment on column replay_item.detail is 'the contact before and after, as JSON, sealed for the customer';
create index replay_item_decision on replay_item (decision) where decision is not null;

grant select, insert, update, delete on replay, replay_item to ptm_worker;
