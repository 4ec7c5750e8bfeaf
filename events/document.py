"""Configuration as a document says it: integrations by company and organization, triggers by name, and no secret."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from events.case import Case
from events.envelope import identify
from events.errors import Misconfigured
from events.integration import Destination, Rules, Settings, Trigger
from events.recipient import Wanted, wanted
from events.versions import difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One integration, named by what it joins."""

    company: int
    organization: str
    names: Mapping[str, str] = field(default_factory=dict)
    """`company`, `organization`: for people to read."""
    labels: tuple[str, ...] = ()
    alerts: tuple[Wanted, ...] = ()
    """Who hears of its lasting states."""
    settings: Settings = field(default_factory=Settings)
    triggers: tuple[Trigger, ...] = ()
    """Their ids follow from their names, see `id_of`."""
    tests: Mapping[UUID, tuple[Case, ...]] = field(default_factory=dict)

    @property
    def key(self) -> tuple[int, str]:
        return self.company, self.organization

    @property
    def name(self) -> str:
        """How it is called where one is talked about."""
        return self.names.get("company") or f"company {self.company}"


Document = tuple[Entry, ...]


def id_of(name: str) -> UUID:
    """A trigger's in a document, where names are what it is known by, whatever their case."""
    return identify("trigger of a document", called(name))


def called(name: str) -> str:
    return name.strip().casefold()


def entry(company: int, organization: str, rules: Rules, names: Mapping[str, str]) -> Entry:
    """What *rules* say. Raises `Misconfigured` where two triggers have one name."""
    known = tuple(rules.triggers.values())
    apart(f"{names.get('company') or company}: ", known)
    ids = {each.id: id_of(each.name) for each in known}
    triggers = (
        replace(
            each,
            id=ids[each.id],
            draft_of=ids.get(each.draft_of) if each.draft_of else None,
            destination=replace(each.destination, names=named(each.destination)),
        )
        for each in known
    )
    return Entry(
        company=company,
        organization=organization,
        names={key: names[key] for key in ("company", "organization") if names.get(key)},
        labels=rules.labels,
        alerts=tuple(map(wanted, rules.recipients)),
        settings=rules.settings,
        triggers=tuple(triggers),
    )


def apart(at: str, triggers: Iterable[Trigger]) -> None:
    counts = Counter(called(each.name) for each in triggers)
    if twice := [name for name, count in counts.items() if count > 1]:
        raise Misconfigured(f"{at}two triggers are called {twice[0]}; a file tells triggers by name: rename one.")


def named(aim: Destination) -> dict[str, str]:
    """The names of what it aims at."""
    ids = [*aim.lists, aim.survey, aim.automation]
    return {id: aim.names[id] for id in ids if id is not None and aim.names.get(id)}


def matched(one: Entry, rules: Rules, fresh: Callable[[], UUID]) -> tuple[tuple[Trigger, ...], tuple[Trigger, ...]]:
    """The triggers of *one* under the ids by which *rules* know their names, new ones under *fresh* ids; and those of
    *rules* that *one* does not name.

    Raises `Misconfigured` where *rules* have two triggers of one name.
    """
    apart(f"{one.name}: ", rules.triggers.values())
    known = {id_of(each.name): each for each in rules.triggers.values()}
    ids = {each.id: known[each.id].id if each.id in known else fresh() for each in one.triggers}
    wanted = (replace(each, id=ids[each.id], draft_of=stands_for(each, known, rules, ids)) for each in one.triggers)
    return tuple(wanted), tuple(each for id, each in known.items() if id not in ids)


def stands_for(each: Trigger, known: Mapping[UUID, Trigger], rules: Rules, ids: Mapping[UUID, UUID]) -> UUID | None:
    """A draft whose live trigger was removed has no name to tell, and goes on standing for it."""
    if each.draft_of:
        return ids[each.draft_of]
    before = known.get(each.id)
    return before.draft_of if before and not each.live and before.draft_of not in rules.triggers else None


def changed(wanted: Iterable[Trigger], rules: Rules) -> tuple[Trigger, ...]:
    """Those of *wanted* that decide or do something else than in *rules*, or are new."""
    return tuple(each for each in wanted if difference(rules.triggers.get(each.id), each))


def same_aim(before: Destination, wanted: Destination) -> bool:
    """Whether both go to the same; also, as far as *wanted* says names, under the same names."""
    renamed = any(before.names.get(id) != name for id, name in wanted.names.items())
    return not renamed and aim_of(before) == aim_of(wanted)


def aim_of(one: Destination) -> tuple[object, ...]:
    return one.kind, one.lists, one.survey, one.automation


def with_tests(fresh: Document, before: Document) -> Document:
    """*fresh* with the tests that *before* has of the same triggers.

    Raises `Misconfigured` where *before* has tests, or a whole integration, that *fresh* has no place for.
    """
    tests = {one.key: one.tests for one in before}
    known = {one.key: {each.id for each in one.triggers} for one in fresh}
    for one in before:
        if one.key not in known:
            raise Misconfigured(f"it also has {one.name}, which would be lost: export that too, or to another file")
        for each in one.triggers:
            if one.tests.get(each.id) and each.id not in known[one.key]:
                raise Misconfigured(
                    f"its tests of {each.name} would be lost, since {one.name} has no such trigger any more: "
                    "take them out, or export to another file"
                )
    return tuple(replace(one, tests=tests.get(one.key, {})) for one in fresh)
