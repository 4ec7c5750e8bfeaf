"""The command lines that do what was done on a screen."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from events.integration import Condition, Destination, DestinationKind, FieldMapping, Settings, Trigger
from events.recipient import Channel, Wanted

GIVEN = re.compile(r" <<< '[0-9a-f -]+'$")
CONNECT = ("ptm", "integration", "connect")
SHORT = 8
"""Letters of an id, as tables show them."""


def more(line: str, *words: str) -> str:
    """With *words* before what stands in the shell's standard input."""
    given = GIVEN.search(line)
    behind = given.start() if given else len(line)
    return f"{line[:behind]} {shlex.join(words)}{line[behind:]}"


def with_reason(line: str, reason: str | None) -> str:
    return more(line, "--reason", reason) if line and reason else line


def connect(trigger: Trigger | None, *, login: str | None = None) -> str:
    """The keys are asked for, or come from files: they are no arguments. *login*: of which kind, where by a browser."""
    return shlex.join([*CONNECT, *(["--login", login] if login else []), *first(trigger)])


def activate(trigger: Trigger | None, request: int | None, approve: Iterable[int] = ()) -> str:
    """*approve*: companies, where not all of the *request* are."""
    which = "ADDRESS" if request is None else str(request)
    return shlex.join([*CONNECT, "--activation", which, *repeated("--approve", map(str, approve)), *first(trigger)])


def first(trigger: Trigger | None) -> Iterator[str]:
    """The flags of a first trigger; nothing of one that nobody has made yet."""
    if trigger is not None:
        yield from flags(trigger, Trigger(id=trigger.id, name=""), aim=True)


def save(integration: UUID, trigger: Trigger, before: Trigger | None) -> str:
    """A new trigger, or a new version of *before*."""
    plain = before or Trigger(id=trigger.id, name="")
    which = [str(integration)] + ([str(before.id)] if before else [])
    return shlex.join(["ptm", "trigger", "save", *which, *flags(trigger, plain, aim=not before)])


def draft(integration: UUID, trigger: Trigger, live: Trigger) -> str:
    """A draft that stands beside *live*."""
    return shlex.join(["ptm", "trigger", "draft", str(integration), str(live.id), *flags(trigger, live, aim=False)])


def settings(integration: UUID, wanted: Settings, before: Settings) -> str:
    """What makes *wanted* of *before*."""
    old, new = asdict(before), asdict(wanted)
    changed = {name: value for name, value in new.items() if value != old[name]}
    return shlex.join(["ptm", "integration", "edit", str(integration), *setting(changed)])


def setting(changed: Mapping[str, Any]) -> Iterator[str]:
    """Flags that make settings have these values, by their names."""
    for name, value in changed.items():
        flag = name.replace("_", "-")
        if isinstance(value, bool):
            yield f"--{flag}" if value else f"--no-{flag}"
        else:
            yield from (f"--{flag}", str(value))


def alerts(integration: UUID, added: Sequence[Wanted], gone: Iterable[str]) -> str:
    """A webhook's address is asked for: it is no argument. Of what is *added* all is in one language."""
    words = ["ptm", "integration", "edit", str(integration)]
    for one in added:
        words += ["--alert-to", one.to] if one.channel is Channel.EMAIL else ["--alert-webhook", "-"]
    languages = dict.fromkeys(one.language for one in added)
    return shlex.join([*words, *repeated("--alert-language", languages), *repeated("--alert-off", gone)])


def labels(integration: UUID, wanted: Sequence[str], before: Sequence[str]) -> str:
    """What makes *wanted* of *before*; "" where that is nothing."""
    new, old = [each for each in wanted if each not in before], [each for each in before if each not in wanted]
    if not new and not old:
        return ""
    act = ["set", *wanted] if new and old else ["add", *new] if new else ["remove", *old]
    return shlex.join(["ptm", "integration", "label", str(integration), *act])


@dataclass(frozen=True, slots=True, kw_only=True)
class Everybody:
    """Whom an act could be done to: it may be done to all of them at once, or to all that have a label."""

    ids: AbstractSet[UUID]
    labelled: Mapping[str, AbstractSet[UUID]] = field(default_factory=dict)
    has_all: bool = False
    """The command has --all."""


def of_each(command: str, ids: Collection[UUID], *rest: str, among: Everybody | None = None) -> str:
    """*command* for all of *ids* in one line; they stand behind it, in the shell's standard input."""
    words = [command, *map(shlex.quote, rest)]
    if len(ids) == 1:
        return " ".join([command, *map(str, ids), *words[1:]])
    meant = set(ids)
    if among is not None and among.has_all and meant == among.ids:
        return " ".join([command, "--all", *words[1:]])
    for label, having in sorted(among.labelled.items()) if among else ():
        if meant == having:
            return " ".join([command, "--label", shlex.quote(label), *words[1:]])
    beginnings = short(ids, among.ids | meant) if among else map(str, ids)
    return " ".join([command, "--from", "-", *words[1:], "<<<", f"'{' '.join(beginnings)}'"])


def short(ids: Iterable[UUID], among: AbstractSet[UUID]) -> list[str]:
    """Their beginnings, as long as people are used to, or as it takes for none to mean two *among* all."""
    length = next(length for length in range(SHORT, 37) if len({str(one)[:length] for one in among}) == len(among))
    return [str(one)[:length] for one in ids]


def flags(trigger: Trigger, before: Trigger, *, aim: bool) -> Iterator[str]:
    """What makes *trigger* of *before*; its destination where that is another, or with *aim* in any case."""
    if trigger.name != before.name:
        yield from ("--name", trigger.name)
    yield from condition(trigger.condition, before.condition)
    yield from mapping(trigger.mapping, before.mapping)
    if aim or trigger.destination != before.destination:
        yield from destination(trigger.destination)
    if trigger.existing != before.existing:
        yield from ("--existing", trigger.existing)
    if trigger.live != before.live:
        yield "--live" if trigger.live else "--draft"


def condition(wanted: Condition, before: Condition) -> Iterator[str]:
    for flag, new, old in (
        ("--status", wanted.statuses, before.statuses),
        ("--type", wanted.types, before.types),
        ("--channel", wanted.channels, before.channels),
        ("--language", wanted.languages, before.languages),
        ("--group", wanted.customer_groups, before.customer_groups),
        ("--customer", wanted.customers, before.customers),
    ):
        if new != old:
            yield from repeated(flag, sorted(map(str, new)) or ["none"])
    yield from limit("--minimum", wanted.minimum, before.minimum)
    yield from limit("--maximum", wanted.maximum, before.maximum)
    if wanted.offers != before.offers:
        yield "--offers" if wanted.offers else "--no-offers"
    if wanted.not_positive != before.not_positive:
        yield "--credit-notes" if wanted.not_positive else "--no-credit-notes"


def limit(flag: str, amount: Decimal | None, before: Decimal | None) -> Iterator[str]:
    if amount != before:
        yield from (flag, "none" if amount is None else str(amount))


def mapping(wanted: FieldMapping, before: FieldMapping) -> Iterator[str]:
    changed = {name: path for name, path in wanted.fields.items() if before.fields.get(name) != path}
    gone = dict.fromkeys(before.fields.keys() - wanted.fields.keys(), "")
    yield from repeated("--map", [f"{name}={path}" for name, path in {**changed, **gone}.items()])
    if wanted.person != before.person:
        yield from repeated("--person", wanted.person)


def destination(aim: Destination) -> Iterator[str]:
    match aim.kind:
        case DestinationKind.CONTACT:
            yield "--contact-only"
            return
        case DestinationKind.SURVEY:
            yield from ("--survey", aim.survey or "")
        case DestinationKind.AUTOMATION:
            yield from ("--automation", aim.automation or "")
        case DestinationKind.LISTS:
            pass
    yield from repeated("--list", aim.own_lists)
    yield from ("--starts-surveys", aim.starts_surveys)


def repeated(flag: str, values: Iterable[str]) -> Iterator[str]:
    for value in values:
        yield from (flag, value)
