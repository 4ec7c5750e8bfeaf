-- That a service asked us for less is everybody's knowledge: a worker that starts, or that was not told so itself, knows it too.
alter table budget add limited_at timestamptz;
comment on column budget.limited_at is 'when the service last said that it is asked too often (429)';
