"""Finnish for every sentence that a person is told, by its English; a module for each place where it is said."""

from __future__ import annotations

from collections.abc import Mapping

from events.finnish.adding import ADDING
from events.finnish.alert import ALERT
from events.finnish.attention import ATTENTION
from events.finnish.causes import CAUSES
from events.finnish.codes import CODES
from events.finnish.doctor import DOCTOR
from events.finnish.events import EVENTS
from events.finnish.everywhere import EVERYWHERE
from events.finnish.integration import INTEGRATION
from events.finnish.integrations import INTEGRATIONS
from events.finnish.reasons import REASONS
from events.finnish.replay import REPLAY
from events.finnish.status import STATUS
from events.finnish.tour import TOUR
from events.finnish.trying import TRYING
from events.finnish.why import WHY
from events.finnish.workers import WORKERS

FINNISH: Mapping[str, str] = {
    **EVERYWHERE,
    **INTEGRATIONS,
    **INTEGRATION,
    **ADDING,
    **CODES,
    **TOUR,
    **TRYING,
    **EVENTS,
    **WHY,
    **ATTENTION,
    **WORKERS,
    **REASONS,
    **REPLAY,
    **CAUSES,
    **DOCTOR,
    **STATUS,
    **ALERT,
}
