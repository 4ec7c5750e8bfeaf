-- Many partitions in one transaction: at a few events a partition, a transaction each would cost more than the events.

-- append() for several partitions, given in ascending order, p_sizes rows of the arrays each: who takes several counters takes
-- them in that order. Such a transaction waits only briefly for what it holds others for: the caller then goes by partition.
create function append_all(
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
    p_digests bytea[]
) returns table ("partition" integer, id uuid, "position" bigint, outcome text)
    language plpgsql set search_path = public, pg_temp as $$
declare
    a integer := 1;
    z integer := 0;
begin
    if cardinality(p_partitions) > 1 then
        perform set_config('lock_timeout', '250ms', true);
    end if;
    for i in 1 .. cardinality(p_partitions) loop
        if i > 1 and p_partitions[i] <= p_partitions[i - 1] then
            raise exception 'partitions must ascend: % does not follow %', p_partitions[i], p_partitions[i - 1]
                using errcode = 'invalid_parameter_value';
        end if;
        z := a + p_sizes[i] - 1;
        return query select p_partitions[i], * from append(
            p_partitions[i], p_ids[a:z], p_streams[a:z], p_types[a:z], p_schemas[a:z], p_causes[a:z], p_actors[a:z],
            p_data[a:z], p_personal[a:z], p_digests[a:z]
        );
        a := z + 1;
    end loop;
end $$;

revoke all on function append_all from public;
grant execute on function append_all to ptm_worker;
