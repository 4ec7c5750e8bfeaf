"""What a draft would have decided in the shadow of the live trigger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from events.contact import ContactAdded
from events.integration import DestinationKind
from events.proof import Decided
from events.reasons import SKIPS
from events.shadow import DIFFERENT, Sample, Verdict
from events.words import Words
from tui.integration.paper import in_lines
from tui.making.wording import EXISTING, KINDS
from worker.operations.drafts import Watched

VERDICTS: Mapping[Verdict, str] = {
    Verdict.EQUAL: "both add the same",
    Verdict.OTHER_FIELDS: "other fields",
    Verdict.OTHER_ADDRESS: "other address",
    Verdict.OTHER_DESTINATION: "other destination",
    Verdict.ONLY_LIVE: "only the live one adds",
    Verdict.ONLY_DRAFT: "only the draft adds",
    Verdict.NEITHER: "neither adds",
}
NUMBER = 7


class Watch(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q", "dismiss(None)", "Close")]

    def __init__(self, say: Words, watched: Watched, now: datetime, *, line: str) -> None:
        super().__init__()
        self._say, self._watched, self._now, self._line = say, watched, now, line

    def compose(self) -> ComposeResult:
        say = self._say
        with Vertical(id="shadow", classes="modal -wide"):
            yield Static(Content(say("In the shadow: {name}", name=self._watched.draft.name)), classes="strong")
            with VerticalScroll():
                yield Static(Content(in_lines([*counts(self._watched, say), *self._samples()])))
            yield Static(Content(self._line), classes="hint quiet")
            yield Static(Content(say("escape: close")), classes="hint quiet")

    def _samples(self) -> Iterator[str]:
        for verdict in DIFFERENT:
            for place, sample in enumerate(self._watched.shadow.samples.get(verdict, ())):
                if not place:
                    yield from ("", self._say(VERDICTS[verdict]))
                yield from told(sample, self._names, self._say, self._now)

    @property
    def _names(self) -> Mapping[str, str]:
        """Of what both send to, as Trustmary showed them."""
        live = self._watched.live
        return {**(live.destination.names if live else {}), **self._watched.draft.destination.names}


def counts(watched: Watched, say: Words) -> Iterator[str]:
    """Of each way in which the two compare, how often; nothing that never was."""
    found = say.count(watched.changes, "{n} change looked at", "{n} changes looked at")
    yield found if watched.since is None else found + " · " + say("since {at}", at=say.day(watched.since))
    for verdict, words in VERDICTS.items():
        if number := watched.shadow.counts[verdict]:
            yield f"{say.number(number):>{NUMBER}}  {say(words)}"
    for number, words in (
        (watched.shadow.unmet, say("to a status of neither")),
        (watched.shadow.erased, say("erased")),
    ):
        if number:
            yield f"{say.number(number):>{NUMBER}}  {words}"


def told(sample: Sample, names: Mapping[str, str], say: Words, now: datetime) -> Iterator[str]:
    yield f"  {sample.number or sample.invoice} · {say.moment(sample.at, now)}"
    yield f"    {say('live')}: {in_short(sample.live, names, say)}"
    yield f"    {say('draft')}: {in_short(sample.draft, names, say)}"


def in_short(answer: Decided | None, names: Mapping[str, str], say: Words) -> str:
    if answer is None:
        return say("not asked: another status")
    if not isinstance(answer, ContactAdded):
        return say(SKIPS[answer.reason].says)
    contact = ", ".join(answer.contact.values()) or say("(erased)")
    places = [each.partition(":")[2] for each in answer.targets]
    goes = ", ".join(names.get(one, one) for one in places if one) or say(KINDS[DestinationKind.CONTACT])
    existing = say(EXISTING.get(answer.existing, answer.existing))
    return f"{contact} → {goes} · {existing}"
