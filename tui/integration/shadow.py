"""What a draft would have decided in the shadow of the live trigger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from events.contact import ContactAdded
from events.integration import DestinationKind
from events.proof import Decided
from events.reasons import SKIPS
from events.shadow import DIFFERENT, Sample, Verdict
from events.words import Words
from tui.integration.paper import plain
from tui.making.wording import EXISTING, KINDS
from tui.widgets.reading import Wide
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


def watched_in_full(watched: Watched, say: Words, now: datetime, *, line: str) -> Wide:
    title = say("In the shadow: {name}", name=watched.draft.name)
    return Wide(say, title, [plain(one) for one in (*counts(watched, say), *samples(watched, say, now))], line=line)


def samples(watched: Watched, say: Words, now: datetime) -> Iterator[str]:
    names = {**(watched.live.destination.names if watched.live else {}), **watched.draft.destination.names}
    for verdict in DIFFERENT:
        for place, sample in enumerate(watched.shadow.samples.get(verdict, ())):
            if not place:
                yield from ("", say(VERDICTS[verdict]))
            yield from told(sample, names, say, now)


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
