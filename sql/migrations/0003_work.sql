-- The four stages' own tables: cursors, leases, deliveries, ledgers. Mutable, and none of them names a person.

-- What operators see of an integration: the fold of its configuration at the head of the log, written in the append's transaction.
create table integration (
    id uuid primary key,
    partition integer not null references counter,
    version bigint not null,
    state text not null check (state in ('active', 'paused', 'removed')),
    company_id bigint not null,
    organization text not null,
    names bytea not null,
    procountor_secret uuid,
    trustmary_secret uuid,
    configuration json not null,
    connected_at timestamptz not null default now()
);
create unique index integration_once on integration (company_id, organization) where state <> 'removed';
comment on column integration.version is 'position of the newest event of stream integration/{id}';
comment on column integration.names is 'company, organization, user and their numbers as JSON, sealed by the master key';

-- State of the two connections at the head of stream connection/{id}.
create table connection (
    integration uuid not null references integration,
    service text not null check (service in ('procountor', 'trustmary')),
    state text not null check (state in ('connected', 'broken')),
    reason text,
    since timestamptz not null default now(),
    last_good_at timestamptz,
    primary key (integration, service)
) with (fillfactor = 70);

-- ingest: whose turn, from where. Cursor and baseline are Procountor's own local, zoneless times, as it sent them.
create table ingest (
    integration uuid primary key references integration,
    cursor text not null,
    baseline text not null,
    reading text not null default 'live' check (reading in ('baseline', 'live')),
    reached text,
    due_at timestamptz not null default now(),
    interval_s double precision not null default 5,
    rate double precision not null default 0,
    rated_at timestamptz not null default now(),
    lease_owner uuid,
    lease_until timestamptz,
    fence bigint not null default 0,
    polled_at timestamptz,
    failures integer not null default 0,
    failing_since timestamptz,
    failure text
) with (fillfactor = 70);
create index ingest_due on ingest (due_at);
comment on column ingest.reached is 'where the pass under way goes on (events/cursor.py), null between passes: many changes take turns with other companies';
comment on column ingest.rate is 'changes an hour, exponentially weighted, for the share of the request budget';

create table invoice (
    integration uuid not null references integration,
    invoice bigint not null,
    number bigint,
    partner bigint,
    status text not null,
    version text,
    created text,
    change integer not null,
    old boolean not null,
    changed_at timestamptz not null default now(),
    reread_at timestamptz,
    rereads integer not null default 0,
    primary key (integration, invoice)
) with (fillfactor = 80);
create index invoice_number on invoice (number);
create index invoice_reread on invoice (integration, reread_at) where reread_at is not null;

-- The request budget of a service, granted in slices: see take_budget.
create table budget (
    service text primary key,
    slice bigint not null default 0,
    granted integer not null default 0
) with (fillfactor = 50);

-- Grants up to p_want requests in the earliest slice that has room, at most p_ahead slices from now. Answers how many, and
-- when the slice opens and closes, in milliseconds from now; a request not sent before it closes must be asked for again.
create function take_budget(
    p_service text, p_want integer, p_slice_ms integer, p_per_slice integer, p_ahead integer
) returns table (granted integer, opens_ms double precision, closes_ms double precision)
    language plpgsql set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
    row budget;
    now_ms double precision;
    current bigint;
    room integer;
begin
    insert into budget (service) values (p_service) on conflict do nothing;
    select * into row from budget where service = p_service for update;
    now_ms := extract(epoch from clock_timestamp()) * 1000;
    current := floor(now_ms / p_slice_ms);
    -- A slice more than a minute ahead was granted before the clock was set back.
    if row.slice < current or row.slice > current + 60000 / p_slice_ms then
        row.slice := current; row.granted := 0;
    elsif row.granted >= p_per_slice then
        row.slice := row.slice + 1; row.granted := 0;
    end if;
    if row.slice > current + p_ahead then
        return query select 0, (row.slice - p_ahead) * p_slice_ms - now_ms, (row.slice + 1) * p_slice_ms - now_ms;
        return;
    end if;
    room := least(p_want, p_per_slice - row.granted);
    update budget set slice = row.slice, granted = row.granted + room where service = p_service;
    return query select room, greatest(0, row.slice * p_slice_ms - now_ms), (row.slice + 1) * p_slice_ms - now_ms;
end $$;

-- relay: how far each partition was told to Kafka.
create table relay (
    partition integer primary key references counter,
    position bigint not null default 0
) with (fillfactor = 50);
insert into relay (partition) select partition from counter;

-- project: how far each partition was decided; the row is the fence.
create table checkpoint (
    partition integer primary key references counter,
    position bigint not null default 0,
    hash bytea not null default '\x',
    moved_at timestamptz not null default now()
) with (fillfactor = 50);
insert into checkpoint (partition) select partition from counter;

-- The rules in force at the checkpoint: the projector's fold, and nobody else's.
create table rules (
    integration uuid primary key,
    version bigint not null,
    rules json not null
);

-- What of a person has been used up: the same invoice adds the same contact to the same target once, whichever trigger.
create table added (
    integration uuid not null,
    invoice bigint not null,
    contact_key bytea not null,
    target text not null,
    decision uuid not null,
    resend uuid,
    constraint added_once unique nulls not distinct (integration, invoice, contact_key, target, resend)
);
create index added_decision on added (decision);

-- The cool-down's memory: contacts added and not refused.
create table cooldown (
    integration uuid not null,
    contact_key bytea not null,
    at timestamptz not null,
    decision uuid primary key
);
create index cooldown_latest on cooldown (integration, contact_key, at);

create table block (
    integration uuid not null references integration,
    contact_key bytea,
    domain text,
    event uuid not null,
    blocked_at timestamptz not null default now(),
    check ((contact_key is null) <> (domain is null)),
    unique nulls not distinct (integration, contact_key, domain)
);

-- dispatch: one call to Trustmary each. The contact is read from the decision's event.
create table delivery (
    id bigint generated always as identity primary key,
    integration uuid not null references integration,
    organization text not null,
    partition integer not null,
    position bigint not null,
    decision uuid not null,
    cause uuid not null,
    trigger uuid not null,
    invoice bigint not null,
    step smallint not null default 1 check (step in (1, 2)),
    resend uuid,
    contact_key bytea not null,
    call text not null check (call in ('contact', 'lists', 'automation')),
    starts_surveys boolean not null,
    replay boolean not null default false,
    state text not null default 'waiting'
        check (state in ('waiting', 'attempting', 'parked', 'delivered', 'refused', 'withdrawn')),
    superseded boolean not null default false,
    taken_back_by uuid,
    attempts integer not null default 0,
    next_at timestamptz not null default now(),
    attempted_at timestamptz,
    attempted_by uuid,
    failure text,
    fingerprint text,
    created_at timestamptz not null default now(),
    settled_at timestamptz,
    check ((settled_at is not null) = (state in ('delivered', 'refused', 'withdrawn'))),
    check ((fingerprint is not null) = (state = 'parked'))
) with (fillfactor = 80);
create unique index delivery_once on delivery (integration, invoice, trigger, step, resend) nulls not distinct where not superseded;
create index delivery_waiting on delivery (organization, replay, id) where state = 'waiting';
create index delivery_holding on delivery (organization, contact_key) where state in ('waiting', 'attempting') and attempts > 0;
create index delivery_open on delivery (integration, id) where state in ('waiting', 'attempting', 'parked');
create index delivery_taken_back on delivery (taken_back_by, id) where taken_back_by is not null;
create index delivery_decision on delivery (decision);
create index delivery_invoice on delivery (integration, invoice);

create table attempt (
    delivery bigint not null references delivery,
    number integer not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    outcome text,
    status integer,
    primary key (delivery, number)
);

-- A lane is one Trustmary organization: leased by one worker at a time, paced, with a breaker.
create table lane (
    organization text primary key,
    due_at timestamptz not null default now(),
    lease_owner uuid,
    lease_until timestamptz,
    fence bigint not null default 0,
    failures integer not null default 0,
    broken_until timestamptz
) with (fillfactor = 50);
create index lane_due on lane (due_at);

-- Browser logins under way: any worker takes the callback, the one who asked takes the code.
create table login (
    state bytea primary key,
    kind text not null check (kind in ('key', 'code')),
    expires_at timestamptz not null,
    code bytea,
    failure text,
    company bytea,
    answered_at timestamptz,
    used_at timestamptz
);
comment on column login.state is 'sha256 of the state parameter';
comment on column login.company is 'whose login it turned out to be, sealed, for the page that the browser waits for';

create table worker (
    id uuid primary key,
    host text not null,
    pid integer not null,
    version text not null,
    started_at timestamptz not null default now(),
    seen_at timestamptz not null default now(),
    stages json not null default '{}'
) with (fillfactor = 50);

grant select, insert, update, delete on
    integration, connection, ingest, invoice, budget, rules, added, cooldown, block, delivery, attempt, lane, login, worker
    to ptm_worker;
grant select, update on relay, checkpoint to ptm_worker;
revoke all on function take_budget from public;
grant execute on function take_budget to ptm_worker;
