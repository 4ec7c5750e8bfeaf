"""Local Procountor and Trustmary over HTTP, with books of what really happened: for the demo, rehearsals and tests."""

from __future__ import annotations

from sandbox.server import Sandbox, run

__all__ = ["Sandbox", "run"]
