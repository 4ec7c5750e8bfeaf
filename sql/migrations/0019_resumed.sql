-- How fast a replay is, is counted from its resumption: a pause is no part of it.

alter table replay add column resumed_at timestamptz;
alter table replay add column asked_before integer not null default 0;
comment on column replay.resumed_at is 'null: it was never paused and resumed';
comment on column replay.asked_before is 'what had been asked for when it was resumed';
