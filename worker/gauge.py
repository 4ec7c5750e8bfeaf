"""A number that is measured and shown on /metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One sample of a gauge."""

    name: str
    """Without the `ptm_` in front."""
    says: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
