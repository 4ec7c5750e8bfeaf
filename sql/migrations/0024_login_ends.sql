-- When the login of a connection ends by itself, so that screens and monitors need not open secrets to say it.

alter table connection add column ends_at timestamptz;
comment on column connection.ends_at is 'when the credentials end by themselves; null: they do not, or nobody has looked yet';
