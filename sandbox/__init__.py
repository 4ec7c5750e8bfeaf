"""A local Procountor and a local Trustmary, with books that say what really happened."""
