CREATE SCHEMA vault;

CREATE FUNCTION public.append(p_partitions integer[], p_sizes integer[], p_ids uuid[], p_streams text[], p_types text[], p_schemas smallint[], p_causes uuid[], p_actors text[], p_data text[], p_personal bytea[], p_digests bytea[], p_expected bigint DEFAULT NULL::bigint) RETURNS TABLE(partition integer, id uuid, "position" bigint, outcome text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'the event log is append-only: % on % is refused', tg_op, tg_table_name using errcode = 'insufficient_privilege';
end $$;

CREATE TABLE public.connection (
    integration uuid NOT NULL,
    service text NOT NULL,
    state text NOT NULL,
    reason text,
    since timestamp with time zone DEFAULT now() NOT NULL,
    last_good_at timestamp with time zone,
    ends_at timestamp with time zone,
    CONSTRAINT connection_service_check CHECK ((service = ANY (ARRAY['procountor'::text, 'trustmary'::text]))),
    CONSTRAINT connection_state_check CHECK ((state = ANY (ARRAY['connected'::text, 'broken'::text])))
)
WITH (fillfactor='70');

COMMENT ON COLUMN public.connection.ends_at IS 'when the credentials end by themselves; null: they do not, or nobody has looked yet';

CREATE FUNCTION public.sends(public.connection) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((($1).state = 'connected'::text) OR (($1).reason = ANY (ARRAY['list_gone'::text, 'automation_gone'::text, 'suspended'::text, 'down'::text])));

COMMENT ON FUNCTION public.sends(public.connection) IS 'whether deliveries leave over a connection: it stands, or has a reason that does not keep them';

CREATE FUNCTION public.take_budget(p_service text, p_want integer, p_slice_ms integer, p_per_slice integer, p_ahead integer) RETURNS TABLE(granted integer, opens_ms double precision, closes_ms double precision)
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE TABLE public.activation (
    request bigint NOT NULL,
    company bigint NOT NULL,
    secret uuid NOT NULL,
    kept_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON COLUMN public.activation.request IS 'as Procountor numbers what a customer accepted';

CREATE TABLE public.added (
    integration uuid NOT NULL,
    invoice bigint NOT NULL,
    contact_key bytea NOT NULL,
    target text NOT NULL,
    decision uuid NOT NULL,
    resend uuid
);

CREATE TABLE public.alert (
    id bigint NOT NULL,
    integration uuid NOT NULL,
    recipient uuid NOT NULL,
    about text NOT NULL,
    key text DEFAULT ''::text NOT NULL,
    deliveries bigint,
    since timestamp with time zone NOT NULL,
    mailbox bytea NOT NULL,
    told_at timestamp with time zone,
    over_at timestamp with time zone
)
WITH (fillfactor='70');

COMMENT ON COLUMN public.alert.about IS 'as of trouble, or week/{its Monday} for the summary of that week';

COMMENT ON COLUMN public.alert.told_at IS 'when the letter of its beginning left; null: it is to leave';

COMMENT ON COLUMN public.alert.over_at IS 'not null: the letter of its end is to leave, and then the row goes';

ALTER TABLE public.alert ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.alert_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.attempt (
    delivery bigint NOT NULL,
    number integer NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    outcome text,
    status integer
);

CREATE TABLE public.block (
    integration uuid NOT NULL,
    contact_key bytea,
    domain text,
    event uuid NOT NULL,
    blocked_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT block_check CHECK (((contact_key IS NULL) <> (domain IS NULL)))
);

CREATE TABLE public.budget (
    service text NOT NULL,
    slice bigint DEFAULT 0 NOT NULL,
    granted integer DEFAULT 0 NOT NULL,
    limited_at timestamp with time zone
)
WITH (fillfactor='50');

COMMENT ON COLUMN public.budget.limited_at IS 'when the service last said that it is asked too often (429)';

CREATE TABLE public.checkpoint (
    partition integer NOT NULL,
    "position" bigint DEFAULT 0 NOT NULL,
    hash bytea DEFAULT '\x'::bytea NOT NULL,
    moved_at timestamp with time zone DEFAULT now() NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.cooldown (
    integration uuid NOT NULL,
    contact_key bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    decision uuid NOT NULL,
    replay uuid,
    "position" bigint
);

COMMENT ON COLUMN public.cooldown.replay IS 'the replay that added the contact: its own decisions do not make its other items move';

COMMENT ON COLUMN public.cooldown."position" IS 'of the decision: the order in which they were made';

CREATE TABLE public.counter (
    partition integer NOT NULL,
    "position" bigint DEFAULT 0 NOT NULL,
    at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    hash bytea DEFAULT '\x'::bytea NOT NULL,
    CONSTRAINT counter_partition_check CHECK ((partition >= 0))
)
WITH (fillfactor='50');

CREATE TABLE public.delivery (
    id bigint NOT NULL,
    integration uuid NOT NULL,
    organization text NOT NULL,
    partition integer NOT NULL,
    "position" bigint NOT NULL,
    decision uuid NOT NULL,
    cause uuid NOT NULL,
    trigger uuid NOT NULL,
    invoice bigint NOT NULL,
    step smallint DEFAULT 1 NOT NULL,
    resend uuid,
    contact_key bytea NOT NULL,
    call text NOT NULL,
    starts_surveys boolean NOT NULL,
    replay boolean DEFAULT false NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    superseded boolean DEFAULT false NOT NULL,
    taken_back_by uuid,
    attempts integer DEFAULT 0 NOT NULL,
    next_at timestamp with time zone DEFAULT now() NOT NULL,
    attempted_at timestamp with time zone,
    attempted_by uuid,
    failure text,
    fingerprint text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT delivery_call_check CHECK ((call = ANY (ARRAY['contact'::text, 'lists'::text, 'automation'::text, 'unlist'::text]))),
    CONSTRAINT delivery_check CHECK (((settled_at IS NOT NULL) = (state = ANY (ARRAY['delivered'::text, 'refused'::text, 'withdrawn'::text])))),
    CONSTRAINT delivery_check1 CHECK (((fingerprint IS NOT NULL) = (state = 'parked'::text))),
    CONSTRAINT delivery_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'attempting'::text, 'parked'::text, 'delivered'::text, 'refused'::text, 'withdrawn'::text]))),
    CONSTRAINT delivery_step_check CHECK ((step = ANY (ARRAY[1, 2])))
)
WITH (fillfactor='80');

ALTER TABLE public.delivery ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.delivery_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.event (
    partition integer NOT NULL,
    "position" bigint NOT NULL,
    stream text NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    schema smallint NOT NULL,
    at timestamp with time zone NOT NULL,
    cause uuid,
    actor text NOT NULL,
    data json NOT NULL,
    personal bytea,
    digest bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT event_digest_check CHECK ((length(digest) = 32)),
    CONSTRAINT event_hash_check CHECK ((length(hash) = 32)),
    CONSTRAINT event_position_check CHECK (("position" > 0))
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY public.event ALTER COLUMN personal SET STORAGE EXTERNAL;

COMMENT ON COLUMN public.event.partition IS 'always one of counter: append() has locked its row, so no foreign key looks again for every event';

CREATE TABLE public.ingest (
    integration uuid NOT NULL,
    cursor text NOT NULL,
    baseline text NOT NULL,
    reading text DEFAULT 'live'::text NOT NULL,
    reached text,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    interval_s double precision DEFAULT 5 NOT NULL,
    rate double precision DEFAULT 0 NOT NULL,
    rated_at timestamp with time zone DEFAULT now() NOT NULL,
    lease_owner uuid,
    lease_until timestamp with time zone,
    fence bigint DEFAULT 0 NOT NULL,
    polled_at timestamp with time zone,
    failures integer DEFAULT 0 NOT NULL,
    failing_since timestamp with time zone,
    failure text,
    since json,
    CONSTRAINT ingest_reading_check CHECK ((reading = ANY (ARRAY['baseline'::text, 'live'::text])))
)
WITH (fillfactor='70');

COMMENT ON COLUMN public.ingest.reached IS 'where the pass under way goes on (events/cursor.py), null between passes: many changes take turns with other companies';

COMMENT ON COLUMN public.ingest.rate IS 'changes an hour, exponentially weighted, for the share of the request budget';

COMMENT ON COLUMN public.ingest.since IS 'type of document -> the newest version of one when it began to be read; null: all that is named since the connection';

CREATE TABLE public.integration (
    id uuid NOT NULL,
    partition integer NOT NULL,
    version bigint NOT NULL,
    state text NOT NULL,
    company_id bigint NOT NULL,
    organization text NOT NULL,
    names bytea NOT NULL,
    procountor_secret uuid,
    trustmary_secret uuid,
    configuration json NOT NULL,
    connected_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT integration_state_check CHECK ((state = ANY (ARRAY['active'::text, 'paused'::text, 'removed'::text])))
);

COMMENT ON COLUMN public.integration.version IS 'position of the newest event of stream integration/{id}';

COMMENT ON COLUMN public.integration.names IS 'company, organization, user and their numbers as JSON, sealed by the master key';

CREATE TABLE public.invoice (
    integration uuid NOT NULL,
    invoice bigint NOT NULL,
    number bigint,
    partner bigint,
    status text NOT NULL,
    version text,
    created text,
    change integer NOT NULL,
    old boolean NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    reread_at timestamp with time zone,
    rereads integer DEFAULT 0 NOT NULL
)
WITH (fillfactor='80');

CREATE TABLE public.lane (
    organization text NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    lease_owner uuid,
    lease_until timestamp with time zone,
    fence bigint DEFAULT 0 NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    broken_until timestamp with time zone,
    failing_since timestamp with time zone
)
WITH (fillfactor='50');

COMMENT ON COLUMN public.lane.failing_since IS 'since when every call of the organization has failed, by Trustmary''s own fault';

CREATE TABLE public.log (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    singleton boolean DEFAULT true NOT NULL,
    CONSTRAINT log_singleton_check CHECK (singleton)
);

CREATE TABLE public.login (
    state bytea NOT NULL,
    kind text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    code bytea,
    failure text,
    company bytea,
    answered_at timestamp with time zone,
    used_at timestamp with time zone,
    CONSTRAINT login_kind_check CHECK ((kind = ANY (ARRAY['key'::text, 'code'::text])))
);

COMMENT ON COLUMN public.login.state IS 'sha256 of the state parameter';

COMMENT ON COLUMN public.login.company IS 'whose login it turned out to be, sealed, for the page that the browser waits for';

CREATE TABLE public.mailbox (
    id bytea NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    lease_owner uuid,
    lease_until timestamp with time zone,
    fence bigint DEFAULT 0 NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    failing_since timestamp with time zone,
    failure text
)
WITH (fillfactor='50');

COMMENT ON COLUMN public.mailbox.id IS 'keyed hash of the address; the address itself stands in the configuration';

COMMENT ON COLUMN public.mailbox.failure IS 'why the last letter did not leave; names nobody';

CREATE TABLE public.migration (
    id text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.reconciliation (
    integration uuid NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    lease_owner uuid,
    lease_until timestamp with time zone,
    fence bigint DEFAULT 0 NOT NULL,
    ended_at timestamp with time zone,
    days integer,
    counts json,
    failure text
)
WITH (fillfactor='70');

COMMENT ON COLUMN public.reconciliation.counts IS 'what the last one found: how many of what';

COMMENT ON COLUMN public.reconciliation.failure IS 'why the last one could not look at everything; null: it could';

CREATE TABLE public.relay (
    partition integer NOT NULL,
    "position" bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.replay (
    id uuid NOT NULL,
    integration uuid NOT NULL,
    state text DEFAULT 'planned'::text NOT NULL,
    hash text NOT NULL,
    triggers uuid[] NOT NULL,
    pin text NOT NULL,
    upto bigint NOT NULL,
    about bytea NOT NULL,
    planned_by text NOT NULL,
    planned_at timestamp with time zone DEFAULT now() NOT NULL,
    reach text,
    classes text[],
    items integer,
    asked integer DEFAULT 0 NOT NULL,
    asked_upto integer DEFAULT 0 NOT NULL,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    undoes uuid,
    resumed_at timestamp with time zone,
    asked_before integer DEFAULT 0 NOT NULL,
    CONSTRAINT replay_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'running'::text, 'paused'::text, 'done'::text, 'cancelled'::text])))
)
WITH (fillfactor='70');

COMMENT ON COLUMN public.replay.pin IS 'SHA-256 of the rules that the plan depends on';

COMMENT ON COLUMN public.replay.upto IS 'the position up to which the plan has looked';

COMMENT ON COLUMN public.replay.about IS 'what was asked for and what came out, as JSON, sealed by the master key: a name and a reason are free text';

COMMENT ON COLUMN public.replay.asked_upto IS 'items up to this number are in the log';

COMMENT ON COLUMN public.replay.undoes IS 'the replay whose contacts this one takes off the lists';

COMMENT ON COLUMN public.replay.resumed_at IS 'null: it was never paused and resumed';

COMMENT ON COLUMN public.replay.asked_before IS 'what had been asked for when it was resumed';

CREATE TABLE public.replay_item (
    replay uuid NOT NULL,
    number integer NOT NULL,
    class text NOT NULL,
    reason text,
    invoice bigint NOT NULL,
    partner bigint,
    invoices integer NOT NULL,
    trigger uuid NOT NULL,
    cause uuid NOT NULL,
    targets text[] NOT NULL,
    resend boolean NOT NULL,
    customer uuid,
    last uuid,
    starts_surveys boolean NOT NULL,
    differs boolean NOT NULL,
    detail bytea,
    decision uuid,
    left_out text,
    takes_back uuid,
    others bigint[] DEFAULT '{}'::bigint[] NOT NULL
);

COMMENT ON COLUMN public.replay_item.differs IS 'in a field, not only in what the contact would be added to';

COMMENT ON COLUMN public.replay_item.detail IS 'the contact before and after, as JSON, sealed for the customer';

COMMENT ON COLUMN public.replay_item.takes_back IS 'the decision whose lists the contact is taken off; null where it is to be added';

COMMENT ON COLUMN public.replay_item.others IS 'the other invoices in the window that lead to the same contact';

CREATE TABLE public.restored (
    integration uuid NOT NULL,
    taken_at timestamp with time zone NOT NULL,
    restored_at timestamp with time zone DEFAULT now() NOT NULL,
    released_at timestamp with time zone,
    released_by text,
    CONSTRAINT restored_check CHECK (((released_at IS NULL) = (released_by IS NULL)))
);

COMMENT ON COLUMN public.restored.taken_at IS 'when the backup was taken: what was sent afterwards is not in the log';

COMMENT ON COLUMN public.restored.released_at IS 'null: nothing of the integration is sent';

CREATE TABLE public.rules (
    integration uuid NOT NULL,
    version bigint NOT NULL,
    rules json NOT NULL
);

CREATE TABLE public.tally (
    integration uuid NOT NULL,
    tally json NOT NULL
)
WITH (fillfactor='50');

COMMENT ON TABLE public.tally IS 'contacts to be added by hour and day as of the checkpoint (events/brake.py); holds no person';

CREATE VIEW public.trouble AS
 SELECT c.integration,
    ('broken/'::text || c.service) AS about,
    ((c.service || ':'::text) || COALESCE(c.reason, ''::text)) AS key,
    NULL::bigint AS deliveries,
    c.since
   FROM (public.connection c
     JOIN public.integration i ON (((i.id = c.integration) AND (i.state <> 'removed'::text))))
  WHERE (c.state = 'broken'::text)
UNION ALL
 SELECT i.id AS integration,
    'braked'::text AS about,
    ''::text AS key,
    NULL::bigint AS deliveries,
    e.at AS since
   FROM (public.integration i
     CROSS JOIN LATERAL ( SELECT event.at
           FROM public.event
          WHERE ((event.stream = ('integration/'::text || i.id)) AND (event.type = 'IntegrationPaused'::text))
          ORDER BY event."position" DESC
         LIMIT 1) e)
  WHERE ((i.state = 'paused'::text) AND ((i.configuration ->> 'braked'::text) IS NOT NULL))
UNION ALL
 SELECT d.integration,
    ('parked/'::text || d.fingerprint) AS about,
    d.fingerprint AS key,
    count(*) AS deliveries,
    min(COALESCE(d.attempted_at, d.created_at)) AS since
   FROM (public.delivery d
     JOIN public.integration i ON (((i.id = d.integration) AND (i.state <> 'removed'::text))))
  WHERE ((d.state = 'parked'::text) AND (NOT starts_with(d.fingerprint, 'gone:'::text)))
  GROUP BY d.integration, d.fingerprint
UNION ALL
 SELECT r.integration,
    'held'::text AS about,
    ''::text AS key,
    NULL::bigint AS deliveries,
    r.restored_at AS since
   FROM (public.restored r
     JOIN public.integration i ON (((i.id = r.integration) AND (i.state <> 'removed'::text))))
  WHERE (r.released_at IS NULL)
UNION ALL
 SELECT c.integration,
    ('login_ends/'::text || c.service) AS about,
    (l.days)::text AS key,
    NULL::bigint AS deliveries,
    (c.ends_at - make_interval(days => l.days)) AS since
   FROM ((public.connection c
     JOIN public.integration i ON (((i.id = c.integration) AND (i.state <> 'removed'::text))))
     CROSS JOIN LATERAL ( SELECT min(days.days) AS days
           FROM unnest(ARRAY[1, 7, 30]) days(days)
          WHERE (c.ends_at <= (now() + make_interval(days => days.days)))) l)
  WHERE (l.days IS NOT NULL);

CREATE TABLE public.worker (
    id uuid NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    version text NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    stages json DEFAULT '{}'::json NOT NULL,
    memory_mib integer,
    partitions integer[] DEFAULT '{}'::integer[] NOT NULL,
    keys text[] DEFAULT '{}'::text[] NOT NULL
)
WITH (fillfactor='50');

COMMENT ON COLUMN public.worker.keys IS 'ids of the master keys that it opens; it seals under the first';

CREATE TABLE vault.secret (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    kind text NOT NULL,
    sealed bytea NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE VIEW vault.contact_key WITH (security_barrier='true') AS
 SELECT id,
    sealed
   FROM vault.secret
  WHERE (kind = 'contact_key'::text);

CREATE TABLE vault.subject_key (
    id bigint NOT NULL,
    subject text NOT NULL,
    wrapped bytea,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    destroyed_at timestamp with time zone,
    CONSTRAINT subject_key_check CHECK (((wrapped IS NULL) = (destroyed_at IS NOT NULL)))
);

ALTER TABLE vault.subject_key ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME vault.subject_key_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE vault.token (
    secret uuid NOT NULL,
    sealed bytea,
    until timestamp with time zone,
    fence bigint NOT NULL,
    lease_until timestamp with time zone,
    CONSTRAINT token_check CHECK (((sealed IS NULL) = (until IS NULL)))
)
WITH (fillfactor='50');

COMMENT ON TABLE vault.token IS 'access tokens by the credentials they were granted for; as short-lived as these, and in no backup';

COMMENT ON COLUMN vault.token.until IS 'when it is not to be used any more';

COMMENT ON COLUMN vault.token.fence IS 'counts who asked for the next one';

COMMENT ON COLUMN vault.token.lease_until IS 'somebody asks for the next one, and is alive until then';

ALTER TABLE ONLY public.activation
    ADD CONSTRAINT activation_pkey PRIMARY KEY (request, company);

ALTER TABLE ONLY public.added
    ADD CONSTRAINT added_once UNIQUE NULLS NOT DISTINCT (integration, invoice, contact_key, target, resend);

ALTER TABLE ONLY public.alert
    ADD CONSTRAINT alert_integration_recipient_about_key UNIQUE (integration, recipient, about);

ALTER TABLE ONLY public.alert
    ADD CONSTRAINT alert_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.attempt
    ADD CONSTRAINT attempt_pkey PRIMARY KEY (delivery, number);

ALTER TABLE ONLY public.block
    ADD CONSTRAINT block_integration_contact_key_domain_key UNIQUE NULLS NOT DISTINCT (integration, contact_key, domain);

ALTER TABLE ONLY public.budget
    ADD CONSTRAINT budget_pkey PRIMARY KEY (service);

ALTER TABLE ONLY public.checkpoint
    ADD CONSTRAINT checkpoint_pkey PRIMARY KEY (partition);

ALTER TABLE ONLY public.connection
    ADD CONSTRAINT connection_pkey PRIMARY KEY (integration, service);

ALTER TABLE ONLY public.cooldown
    ADD CONSTRAINT cooldown_pkey PRIMARY KEY (decision);

ALTER TABLE ONLY public.counter
    ADD CONSTRAINT counter_pkey PRIMARY KEY (partition);

ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT delivery_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_id UNIQUE (id);

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (partition, "position");

ALTER TABLE ONLY public.ingest
    ADD CONSTRAINT ingest_pkey PRIMARY KEY (integration);

ALTER TABLE ONLY public.integration
    ADD CONSTRAINT integration_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.invoice
    ADD CONSTRAINT invoice_pkey PRIMARY KEY (integration, invoice);

ALTER TABLE ONLY public.lane
    ADD CONSTRAINT lane_pkey PRIMARY KEY (organization);

ALTER TABLE ONLY public.log
    ADD CONSTRAINT log_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.login
    ADD CONSTRAINT login_pkey PRIMARY KEY (state);

ALTER TABLE ONLY public.mailbox
    ADD CONSTRAINT mailbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reconciliation
    ADD CONSTRAINT reconciliation_pkey PRIMARY KEY (integration);

ALTER TABLE ONLY public.relay
    ADD CONSTRAINT relay_pkey PRIMARY KEY (partition);

ALTER TABLE ONLY public.replay_item
    ADD CONSTRAINT replay_item_pkey PRIMARY KEY (replay, number);

ALTER TABLE ONLY public.replay
    ADD CONSTRAINT replay_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.restored
    ADD CONSTRAINT restored_pkey PRIMARY KEY (integration);

ALTER TABLE ONLY public.rules
    ADD CONSTRAINT rules_pkey PRIMARY KEY (integration);

ALTER TABLE ONLY public.tally
    ADD CONSTRAINT tally_pkey PRIMARY KEY (integration);

ALTER TABLE ONLY public.worker
    ADD CONSTRAINT worker_pkey PRIMARY KEY (id);

ALTER TABLE ONLY vault.secret
    ADD CONSTRAINT secret_pkey PRIMARY KEY (id);

ALTER TABLE ONLY vault.subject_key
    ADD CONSTRAINT subject_key_pkey PRIMARY KEY (id);

ALTER TABLE ONLY vault.token
    ADD CONSTRAINT token_pkey PRIMARY KEY (secret);

CREATE INDEX added_decision ON public.added USING btree (decision);

CREATE INDEX alert_to_leave ON public.alert USING btree (mailbox) WHERE ((told_at IS NULL) OR (over_at IS NOT NULL));

CREATE INDEX cooldown_latest ON public.cooldown USING btree (integration, contact_key, at);

CREATE INDEX delivery_contact ON public.delivery USING btree (organization, contact_key) WHERE (state = ANY (ARRAY['waiting'::text, 'attempting'::text]));

CREATE INDEX delivery_decision ON public.delivery USING btree (decision);

CREATE INDEX delivery_delivered ON public.delivery USING btree (integration, settled_at) WHERE (state = 'delivered'::text);

CREATE INDEX delivery_due ON public.delivery USING btree (organization, next_at) WHERE (state = 'waiting'::text);

CREATE INDEX delivery_gone ON public.delivery USING btree (integration, fingerprint) WHERE ((state = 'parked'::text) AND starts_with(fingerprint, 'gone:'::text));

CREATE INDEX delivery_invoice ON public.delivery USING btree (integration, invoice);

CREATE INDEX delivery_not_added ON public.delivery USING btree (contact_key) WHERE (state = ANY (ARRAY['refused'::text, 'withdrawn'::text]));

CREATE UNIQUE INDEX delivery_once ON public.delivery USING btree (integration, invoice, trigger, step, resend) NULLS NOT DISTINCT WHERE ((NOT superseded) AND (call <> 'unlist'::text));

CREATE INDEX delivery_open ON public.delivery USING btree (integration, id) WHERE (state = ANY (ARRAY['waiting'::text, 'attempting'::text, 'parked'::text]));

CREATE INDEX delivery_refused ON public.delivery USING btree (settled_at) WHERE (state = 'refused'::text);

CREATE INDEX delivery_taken_back ON public.delivery USING btree (taken_back_by, id) WHERE (taken_back_by IS NOT NULL);

CREATE INDEX delivery_unanswered ON public.delivery USING btree (next_at) WHERE (state = 'attempting'::text);

CREATE INDEX delivery_waiting ON public.delivery USING btree (organization, replay, id) WHERE (state = 'waiting'::text);

CREATE INDEX event_checked ON public.event USING btree (at) WHERE (type = 'ContactChecked'::text);

CREATE INDEX event_found_late ON public.event USING btree (at) WHERE ((type = 'InvoiceStatusChanged'::text) AND (cause IS NOT NULL));

CREATE INDEX event_stream ON public.event USING btree (stream text_pattern_ops, "position");

CREATE INDEX event_unasked ON public.event USING btree (at) WHERE ((type = 'ContactSkipped'::text) AND ((data ->> 'reason'::text) = ANY (ARRAY['no_contact_person'::text, 'no_email'::text, 'invalid_email'::text, 'role_address'::text, 'customer_unreadable'::text, 'invoice_unreadable'::text, 'old_invoice'::text])));

CREATE INDEX ingest_due ON public.ingest USING btree (due_at);

CREATE UNIQUE INDEX integration_once ON public.integration USING btree (company_id, organization) WHERE (state <> 'removed'::text);

CREATE INDEX integration_organization ON public.integration USING btree (organization);

CREATE INDEX invoice_changed ON public.invoice USING btree (integration, changed_at);

CREATE INDEX invoice_number ON public.invoice USING btree (number);

CREATE INDEX invoice_reread ON public.invoice USING btree (integration, reread_at) WHERE (reread_at IS NOT NULL);

CREATE INDEX lane_due ON public.lane USING btree (due_at);

CREATE INDEX reconciliation_due ON public.reconciliation USING btree (due_at);

CREATE INDEX replay_integration ON public.replay USING btree (integration, planned_at);

CREATE INDEX replay_item_decision ON public.replay_item USING btree (decision) WHERE (decision IS NOT NULL);

CREATE INDEX replay_running ON public.replay USING btree (id) WHERE (state = 'running'::text);

CREATE UNIQUE INDEX replay_undone_once ON public.replay USING btree (undoes) WHERE (state = ANY (ARRAY['running'::text, 'paused'::text]));

CREATE INDEX restored_held ON public.restored USING btree (integration) WHERE (released_at IS NULL);

CREATE UNIQUE INDEX secret_contact_key ON vault.secret USING btree (kind) WHERE (kind = 'contact_key'::text);

CREATE UNIQUE INDEX subject_key_live ON vault.subject_key USING btree (subject text_pattern_ops) WHERE (wrapped IS NOT NULL);

CREATE TRIGGER event_is_append_only BEFORE DELETE OR UPDATE ON public.event FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER event_is_never_truncated BEFORE TRUNCATE ON public.event FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE ONLY public.alert
    ADD CONSTRAINT alert_integration_fkey FOREIGN KEY (integration) REFERENCES public.integration(id);

ALTER TABLE ONLY public.alert
    ADD CONSTRAINT alert_mailbox_fkey FOREIGN KEY (mailbox) REFERENCES public.mailbox(id);

ALTER TABLE ONLY public.attempt
    ADD CONSTRAINT attempt_delivery_fkey FOREIGN KEY (delivery) REFERENCES public.delivery(id);

ALTER TABLE ONLY public.block
    ADD CONSTRAINT block_integration_fkey FOREIGN KEY (integration) REFERENCES public.integration(id);

ALTER TABLE ONLY public.checkpoint
    ADD CONSTRAINT checkpoint_partition_fkey FOREIGN KEY (partition) REFERENCES public.counter(partition);

ALTER TABLE ONLY public.connection
    ADD CONSTRAINT connection_integration_fkey FOREIGN KEY (integration) REFERENCES public.integration(id);

ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT delivery_integration_fkey FOREIGN KEY (integration) REFERENCES public.integration(id);

ALTER TABLE ONLY public.ingest
    ADD CONSTRAINT ingest_integration_fkey FOREIGN KEY (integration) REFERENCES public.integration(id);

ALTER TABLE ONLY public.integration
    ADD CONSTRAINT integration_partition_fkey FOREIGN KEY (partition) REFERENCES public.counter(partition);

ALTER TABLE ONLY public.invoice
    ADD CONSTRAINT invoice_integration_fkey FOREIGN KEY (integration) REFERENCES public.integration(id);

ALTER TABLE ONLY public.reconciliation
    ADD CONSTRAINT reconciliation_integration_fkey FOREIGN KEY (integration) REFERENCES public.integration(id);

ALTER TABLE ONLY public.relay
    ADD CONSTRAINT relay_partition_fkey FOREIGN KEY (partition) REFERENCES public.counter(partition);

ALTER TABLE ONLY public.replay
    ADD CONSTRAINT replay_integration_fkey FOREIGN KEY (integration) REFERENCES public.integration(id);

ALTER TABLE ONLY public.replay_item
    ADD CONSTRAINT replay_item_replay_fkey FOREIGN KEY (replay) REFERENCES public.replay(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.replay
    ADD CONSTRAINT replay_undoes_fkey FOREIGN KEY (undoes) REFERENCES public.replay(id);

ALTER TABLE ONLY public.restored
    ADD CONSTRAINT restored_integration_fkey FOREIGN KEY (integration) REFERENCES public.integration(id);

ALTER TABLE ONLY vault.token
    ADD CONSTRAINT token_secret_fkey FOREIGN KEY (secret) REFERENCES vault.secret(id) ON DELETE CASCADE;

GRANT USAGE ON SCHEMA vault TO ptm_worker;
GRANT USAGE ON SCHEMA vault TO ptm_reader;

REVOKE ALL ON FUNCTION public.append(p_partitions integer[], p_sizes integer[], p_ids uuid[], p_streams text[], p_types text[], p_schemas smallint[], p_causes uuid[], p_actors text[], p_data text[], p_personal bytea[], p_digests bytea[], p_expected bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.append(p_partitions integer[], p_sizes integer[], p_ids uuid[], p_streams text[], p_types text[], p_schemas smallint[], p_causes uuid[], p_actors text[], p_data text[], p_personal bytea[], p_digests bytea[], p_expected bigint) TO ptm_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.connection TO ptm_worker;
GRANT SELECT ON TABLE public.connection TO ptm_reader;

REVOKE ALL ON FUNCTION public.sends(public.connection) FROM PUBLIC;
GRANT ALL ON FUNCTION public.sends(public.connection) TO ptm_worker;

REVOKE ALL ON FUNCTION public.take_budget(p_service text, p_want integer, p_slice_ms integer, p_per_slice integer, p_ahead integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.take_budget(p_service text, p_want integer, p_slice_ms integer, p_per_slice integer, p_ahead integer) TO ptm_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.activation TO ptm_worker;
GRANT SELECT ON TABLE public.activation TO ptm_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.added TO ptm_worker;
GRANT SELECT ON TABLE public.added TO ptm_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.alert TO ptm_worker;
GRANT SELECT ON TABLE public.alert TO ptm_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.attempt TO ptm_worker;
GRANT SELECT ON TABLE public.attempt TO ptm_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.block TO ptm_worker;
GRANT SELECT ON TABLE public.block TO ptm_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.budget TO ptm_worker;
GRANT SELECT ON TABLE public.budget TO ptm_reader;

GRANT SELECT,UPDATE ON TABLE public.checkpoint TO ptm_worker;
GRANT SELECT ON TABLE public.checkpoint TO ptm_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.cooldown TO ptm_worker;
GRANT SELECT ON TABLE public.cooldown TO ptm_reader;

GRANT SELECT ON TABLE public.counter TO ptm_worker;
GRANT SELECT ON TABLE public.counter TO ptm_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.delivery TO ptm_worker;
GRANT SELECT ON TABLE public.delivery TO ptm_reader;

GRANT SELECT ON TABLE public.event TO ptm_worker;
GRANT SELECT ON TABLE public.event TO ptm_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ingest TO ptm_worker;
GRANT SELECT ON TABLE public.ingest TO ptm_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.integration TO ptm_worker;
GRANT SELECT ON TABLE public.integration TO ptm_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.invoice TO ptm_worker;
GRANT SELECT ON TABLE public.invoice TO ptm_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.lane TO ptm_worker;
GRANT SELECT ON TABLE public.lane TO ptm_reader;

GRANT SELECT ON TABLE public.log TO ptm_worker;
GRANT SELECT ON TABLE public.log TO ptm_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.login TO ptm_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mailbox TO ptm_worker;
GRANT SELECT ON TABLE public.mailbox TO ptm_reader;

GRANT SELECT ON TABLE public.migration TO ptm_worker;
GRANT SELECT ON TABLE public.migration TO ptm_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reconciliation TO ptm_worker;
GRANT SELECT ON TABLE public.reconciliation TO ptm_reader;

GRANT SELECT,UPDATE ON TABLE public.relay TO ptm_worker;
GRANT SELECT ON TABLE public.relay TO ptm_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.replay TO ptm_worker;
GRANT SELECT ON TABLE public.replay TO ptm_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.replay_item TO ptm_worker;
GRANT SELECT ON TABLE public.replay_item TO ptm_reader;

GRANT SELECT,UPDATE ON TABLE public.restored TO ptm_worker;
GRANT SELECT ON TABLE public.restored TO ptm_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rules TO ptm_worker;
GRANT SELECT ON TABLE public.rules TO ptm_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tally TO ptm_worker;
GRANT SELECT ON TABLE public.tally TO ptm_reader;

GRANT SELECT ON TABLE public.trouble TO ptm_worker;
GRANT SELECT ON TABLE public.trouble TO ptm_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.worker TO ptm_worker;
GRANT SELECT ON TABLE public.worker TO ptm_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE vault.secret TO ptm_worker;

GRANT SELECT ON TABLE vault.contact_key TO ptm_worker;
GRANT SELECT ON TABLE vault.contact_key TO ptm_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE vault.subject_key TO ptm_worker;
GRANT SELECT ON TABLE vault.subject_key TO ptm_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE vault.token TO ptm_worker;
