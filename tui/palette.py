"""The command palette: every action of the screen one is on, and every screen, by name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType

from tui.view import View


class Everything(Provider):
    async def discover(self) -> Hits:
        for name, hint, run in self._actions():
            yield DiscoveryHit(name, run, help=hint)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, hint, run in self._actions():
            score = max(matcher.match(name), matcher.match(hint))
            if score > 0:
                yield Hit(score, matcher.highlight(name), run, help=hint)

    def _actions(self) -> Iterator[tuple[str, str, IgnoreReturnCallbackType]]:
        screen = self.screen
        if not isinstance(screen, View):
            return
        say = screen.desk.say
        seen: set[str] = set()
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.system or not binding.description or binding.action in seen or not active.enabled:
                continue
            seen.add(binding.action)
            run = partial(self.app.run_action, binding.action, active.node)
            yield say(binding.description), say(binding.tooltip), run
