-- One append() for one partition or many: a batch of nine partitions took nine calls, and a call costs more than its few events.

drop function append_all;
drop function append;

-- Appends rows to partitions, given in ascending order, p_sizes rows of the arrays each. Outcome per row, in the order given:
-- 'appended' (position), 'known' (already in the log or earlier in the batch; its position) or 'conflict' (p_expected is not the
-- last position of the first row's stream; nothing is written).
-- hash(n) = sha256(hash(n-1) || digest(n) || position(n) || at(n)), at in microseconds, numbers as eight bytes, big endian.
-- Who takes several counters waits only briefly, holding others up: the caller then goes by partition.
-- Nothing joins or scans the log: a plan that was made while it was empty must not hurt when it is full. unnest() stands in select
-- lists, where it streams; in a from clause it would copy every array once more.
create function append(
    p_partitions integer[],
    p_sizes integer[],
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
) returns table ("partition" integer, id uuid, "position" bigint, outcome text)
    language plpgsql security definer set search_path = public, pg_temp set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
    heads counter[];
    head counter;
    links counter[] := '{}'; -- of each row the counter as it leaves it; of a known one its place, without a hash
    known jsonb;
    fresh boolean[]; -- null: all are
    digest bytea;
    micros bytea;
    i integer := 0;
begin
    if cardinality(p_partitions) > 1 then
        perform set_config('lock_timeout', '250ms', true);
    end if;
    heads := array(
        select counter from counter where counter.partition = any (p_partitions) order by counter.partition for no key update
    );

    if exists (select from event where event.id = any (p_ids))
        or (select count(distinct given) < count(*) from unnest(p_ids) as given)
    then
        select coalesce(jsonb_object_agg(event.id, event.position), '{}') into known from event where event.id = any (p_ids);
        select array_agg(copy = 1 and not known ? id::text order by ord) into fresh
        from (
            select id, ord, row_number() over (partition by id order by ord) as copy
            from unnest(p_ids) with ordinality as given (id, ord)
        ) numbered;
    end if;

    for n in 1 .. cardinality(p_partitions) loop
        head := heads[n];
        if head.partition is distinct from p_partitions[n] then
            raise exception 'partition % does not exist, or partitions do not ascend: %', p_partitions[n], p_partitions
                using errcode = 'invalid_parameter_value';
        end if;
        head.at := greatest(clock_timestamp(), head.at);
        micros := int8send((extract(epoch from head.at) * 1000000)::bigint);
        foreach digest in array p_digests[i + 1 : i + p_sizes[n]] loop
            i := i + 1;
            if fresh is null or fresh[i] then
                head.position := head.position + 1;
                head.hash := sha256(head.hash || digest || int8send(head.position) || micros);
                links := links || head;
            else
                links := links || row(head.partition, known ->> p_ids[i]::text, null, null)::counter;
            end if;
        end loop;
        heads[n] := head;
    end loop;

    if p_expected is not null and (fresh is null or true = any (fresh)) then
        if p_expected <> (
            select coalesce(max(event.position), 0) from event
            where event.stream = p_streams[1] and event.partition = p_partitions[1]
        ) then
            return query select p_partitions[1], given, null::bigint, 'conflict' from unnest(p_ids) as given;
            return;
        end if;
    end if;

    with moved as (
        update counter set position = head.position, at = head.at, hash = head.hash
        from unnest(heads) as head
        where counter.partition = head.partition and counter.position < head.position
    )
    insert into event (partition, position, stream, id, type, schema, at, cause, actor, data, personal, digest, hash)
    select (link).partition, (link).position, stream, id, type, schema, (link).at, cause, actor, data::json, personal, digest,
           (link).hash
    from (
        select unnest(links) as link, unnest(p_streams) as stream, unnest(p_ids) as id, unnest(p_types) as type,
               unnest(p_schemas) as schema, unnest(p_causes) as cause, unnest(p_actors) as actor, unnest(p_data) as data,
               unnest(p_personal) as personal, unnest(p_digests) as digest
    ) given
    where (link).hash is not null;

    if fresh is null then
        return query
        select (link).partition, id, (link).position, 'appended'
        from (select unnest(links) as link, unnest(p_ids) as id) answer;
    else
        return query
        select (link).partition, id, coalesce((link).position, max((link).position) over (partition by id)),
               case when (link).hash is null then 'known' else 'appended' end
        from (select unnest(links) as link, unnest(p_ids) as id, generate_series(1, i) as ord) answer
        order by ord;
    end if;
end $$;

revoke all on function append from public;
grant execute on function append to ptm_worker;
