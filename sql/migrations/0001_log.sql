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
    partition integer not null,
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
) with (toast_tuple_target = 8160);
comment on column event.partition is 'always one of counter: append() has locked its row, so no foreign key looks again for every event';
-- Ciphertext does not compress, and a picture of a few kB reads and writes faster beside its row than out of line.
alter table event alter personal set storage external;
create index event_stream on event (stream text_pattern_ops, position);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the event log is append-only: % on % is refused', tg_op, tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger event_is_append_only before update or delete on event for each row execute function refuse_change();
create trigger event_is_never_truncated before truncate on event for each statement execute function refuse_change();

-- Appends a batch to one partition. Outcome per id, in the order given: 'appended' (position), 'known' (already in the log
-- or earlier in the batch; its position) or 'conflict' (expected is not the last position of the first row's stream; nothing is written).
-- hash(n) = sha256(hash(n-1) || digest(n) || position(n) || at(n)), at in microseconds, numbers as eight bytes, big endian.
-- No joins and no sequential scan: a plan that was made while the log was empty must not hurt when it is full. unnest() stands in
-- select lists, where it streams; in a from clause it would copy every array once more.
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
    language plpgsql security definer set search_path = public, pg_temp set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
    head counter;
    instant timestamptz;
    instant_bytes bytea;
    known jsonb;
    repeats boolean;
    fresh boolean[];
    places bigint[] := '{}';
    hashes bytea[] := '{}';
    last_place bigint;
    last_hash bytea;
    digest bytea;
    i integer := 0;
begin
    select * into head from counter where counter.partition = p_partition for no key update;
    if not found then
        raise exception 'partition % does not exist', p_partition using errcode = 'invalid_parameter_value';
    end if;

    select coalesce(jsonb_object_agg(event.id, event.position), '{}') into known from event where event.id = any (p_ids);
    select known <> '{}' or count(distinct given) < count(*) into repeats from unnest(p_ids) as given;
    if repeats then
        select array_agg(copy = 1 and not known ? id::text order by ord) into fresh
        from (
            select id, ord, row_number() over (partition by id order by ord) as copy
            from unnest(p_ids) with ordinality as given (id, ord)
        ) numbered;
    else
        fresh := array_fill(true, array[cardinality(p_ids)]);
    end if;

    if p_expected is not null and true = any (fresh) and p_expected <> (
        select coalesce(max(event.position), 0) from event where event.stream = p_streams[1] and event.partition = p_partition
    ) then
        return query select given, null::bigint, 'conflict' from unnest(p_ids) given;
        return;
    end if;

    instant := greatest(clock_timestamp(), head.at);
    instant_bytes := int8send((extract(epoch from instant) * 1000000)::bigint);
    last_place := head.position;
    last_hash := head.hash;
    foreach digest in array p_digests loop
        i := i + 1;
        if fresh[i] then
            last_place := last_place + 1;
            last_hash := sha256(last_hash || digest || int8send(last_place) || instant_bytes);
            places := places || last_place;
            hashes := hashes || last_hash;
        else
            places := places || null::bigint;
            hashes := hashes || null::bytea;
        end if;
    end loop;

    if last_place > head.position then
        insert into event (partition, position, stream, id, type, schema, at, cause, actor, data, personal, digest, hash)
        select p_partition, place, stream, id, type, schema, instant, cause, actor, data::json, personal, digest, hash
        from (
            select unnest(places) as place, unnest(p_streams) as stream, unnest(p_ids) as id, unnest(p_types) as type,
                   unnest(p_schemas) as schema, unnest(p_causes) as cause, unnest(p_actors) as actor, unnest(p_data) as data,
                   unnest(p_personal) as personal, unnest(p_digests) as digest, unnest(hashes) as hash
        ) given
        where place is not null;

        update counter set position = last_place, at = instant, hash = last_hash where counter.partition = p_partition;
    end if;

    if repeats then
        return query
        select id,
               coalesce(place, (known ->> id::text)::bigint, max(place) over (partition by id)),
               case when place is null then 'known' else 'appended' end
        from unnest(p_ids, places) with ordinality as answer (id, place, ord)
        order by ord;
    else
        return query select unnest(p_ids), unnest(places), 'appended';
    end if;
end $$;

revoke all on function append from public;
grant select on log, counter, event to ptm_worker;
grant execute on function append to ptm_worker;
