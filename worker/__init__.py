"""The shell around the events: stages, ports, adapters, operations and the ptm command."""
