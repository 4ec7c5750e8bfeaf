"""The `ptm` command: one front end over operations, for people and for scripts."""
