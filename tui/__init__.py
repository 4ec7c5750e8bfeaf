"""The console: a Textual app over the operations and nothing else."""
