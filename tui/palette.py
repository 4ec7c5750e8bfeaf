"""The command palette: every action of the screen one is on, and every screen, by name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.binding import ActiveBinding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType

from tui.view import View
from tui.widgets.help import goes_without_saying, tellable


class Everything(Provider):
    async def discover(self) -> Hits:
        for name, hint, run in self._actions():
            yield DiscoveryHit(name, run, help=hint)

    async def search(self, query: str) -> Hits:
        matcher, found = self.matcher(query), False
        for name, hint, run in self._actions():
            score = max(matcher.match(name), matcher.match(hint))
            if score > 0:
                found = True
                yield Hit(score, matcher.highlight(name), run, help=hint)
        if not found and isinstance(self.screen, View):
            yield Hit(1, self.screen.desk.say("Nothing matches the filter."), lambda: None)

    def _only_moves(self, active: ActiveBinding) -> bool:
        """What does something, and the screens one can go to, come first."""
        return active.node is not self.app and goes_without_saying(active)

    def _actions(self) -> Iterator[tuple[str, str, IgnoreReturnCallbackType]]:
        screen = self.screen
        if not isinstance(screen, View):
            return
        say = screen.desk.say
        seen: set[str] = set()
        for active in sorted(screen.active_bindings.values(), key=self._only_moves):
            binding = active.binding
            if not tellable(active) or binding.action in seen or not active.enabled:
                continue
            seen.add(binding.action)
            run = partial(self.app.run_action, binding.action, active.node)
            yield say(binding.description), say(binding.tooltip), run
