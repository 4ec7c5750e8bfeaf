-- The event log: append-only, gapless per partition, chained. Everything else in the database can be derived or re-fetched.

create table log (
    id uuid not null default gen_random_uuid(),
    singleton boolean primary key default true check (singleton)
);
insert into log default values;

-- One row a partition: its lock orders the appends, its position makes them gapless, its hash chains them.
create table counter (
    partition integer primary key check (partition >= 0),
    position bigint not null default 0,
    at timestamptz not null default '-infinity',
    hash bytea not null default '\x'
) with (fillfactor = 50);
insert into counter (partition) select generate_series(0, 15);

create table event (
    partition integer not null references counter,
    position bigint not null check (position > 0),
    stream text not null,
    id uuid not null,
    type text not null,
    schema smallint not null,
    at timestamptz not null,
    cause uuid,
    actor text not null,
    data json not null,
    personal bytea,
    digest bytea not null check (length(digest) = 32),
    hash bytea not null check (length(hash) = 32),
    primary key (partition, position),
    constraint event_id unique (id)
);
create index event_stream on event (stream text_pattern_ops, position);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the event log is append-only: % on % is refused', tg_op, tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger event_is_append_only before update or delete on event for each row execute function refuse_change();
create trigger event_is_never_truncated before truncate on event for each statement execute function refuse_change();

-- hash(n) = sha256(hash(n-1) || digest(n) || position(n) || at(n)); an aggregate, since a loop costs a third more.
create function chain_step(state bytea, previous bytea, link bytea) returns bytea
    language sql immutable parallel safe
    return sha256(coalesce(state, previous) || link);
create aggregate chain(bytea, bytea) (sfunc = chain_step, stype = bytea);

create function link(digest bytea, "position" bigint, at timestamptz) returns bytea
    language sql immutable parallel safe
    return digest || int8send("position") || int8send((extract(epoch from at) * 1000000)::bigint);

-- Appends a batch to one partition. Outcome per id, in the order given: 'appended' (position), 'known' (already in the log
-- or earlier in the batch; its position) or 'conflict' (expected is not the last position of the first row's stream; nothing is written).
create function append(
    p_partition integer,
    p_ids uuid[],
    p_streams text[],
    p_types text[],
    p_schemas smallint[],
    p_causes uuid[],
    p_actors text[],
    p_data text[],
    p_personal bytea[],
    p_digests bytea[],
    p_expected bigint default null
) returns table (id uuid, "position" bigint, outcome text)
    language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
    head counter;
    seen bigint;
    now timestamptz;
begin
    select * into head from counter where counter.partition = p_partition for update;
    if not found then
        raise exception 'partition % does not exist', p_partition using errcode = 'invalid_parameter_value';
    end if;
    if p_expected is not null then
        select coalesce(max(event.position), 0) into seen from event
        where event.stream = p_streams[1] and event.partition = p_partition;
        if seen <> p_expected then
            return query select i, null::bigint, 'conflict' from unnest(p_ids) i;
            return;
        end if;
    end if;
    now := greatest(clock_timestamp(), head.at);
    return query
    with incoming as (
        select * from unnest(p_ids, p_streams, p_types, p_schemas, p_causes, p_actors, p_data, p_personal, p_digests)
            with ordinality as i (id, stream, type, schema, cause, actor, data, personal, digest, ord)
    ),
    fresh as (
        select i.*, row_number() over (order by ord) as n
        from (select *, row_number() over (partition by incoming.id order by ord) as copy from incoming) i
        where copy = 1 and not exists (select from event where event.id = i.id)
    ),
    chained as (
        select fresh.*, chain(head.hash, link(digest, head.position + n, now)) over (order by n) as hash from fresh
    ),
    inserted as (
        insert into event (partition, position, stream, id, type, schema, at, cause, actor, data, personal, digest, hash)
        select p_partition, head.position + n, stream, id, type, schema, now, cause, actor, data::json, personal, digest, hash
        from chained order by n
        returning event.id, event.position, event.hash
    ),
    moved as (
        update counter set position = last.position, at = now, hash = last.hash
        from (select * from inserted order by position desc limit 1) last
        where counter.partition = p_partition
        returning 1
    )
    select incoming.id,
           coalesce(inserted.position, (select event.position from event where event.id = incoming.id)),
           case when inserted.id is not null and first.ord is not null then 'appended' else 'known' end
    from incoming
    left join (select min(ord) as ord, id from incoming group by id) first on first.ord = incoming.ord
    left join inserted on inserted.id = incoming.id
    order by incoming.ord;
end $$;

revoke all on function append from public;
grant select on log, counter, event to ptm_worker;
grant execute on function append to ptm_worker;
