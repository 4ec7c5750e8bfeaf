"""Expressions as people write them: read once, and refused with the place and what was expected there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from events import expression
from events.errors import Misconfigured
from events.expression import Call, Expression, Path, Text, Word

PERSON = frozenset({"person.email", "person.name", "person.phone"})
STEP = re.compile(r"[\w-]+")
"""A key, or an entry's number, that a path can name."""
PATH = re.compile(rf"(invoice|customer)(\.{STEP.pattern})+")
PATHS = "person.email, person.name, person.phone, invoice.… or customer.…"
DEEPEST = 10
"""Transformations inside each other."""

ANY = (Path, Text, Call)
TAKES: Mapping[Word, tuple[tuple[type, ...], ...]] = {
    Word.TRIM: (ANY,),
    Word.LOWER: (ANY,),
    Word.FIRST: (ANY, ANY),
    Word.JOIN: ((Text,), ANY, ANY),
    Word.DEFAULT: (ANY, (Text,)),
    Word.ONLY_IF: ((Path,), (Text,), ANY),
}
"""What each argument may be."""
REPEATING = frozenset({Word.FIRST, Word.JOIN})
"""Their last argument may be followed by more."""
WRITTEN = {
    Word.TRIM: "trim(x)",
    Word.LOWER: "lower(x)",
    Word.FIRST: "first(x, y, …)",
    Word.JOIN: 'join(" ", x, y, …)',
    Word.DEFAULT: 'default(x, "text")',
    Word.ONLY_IF: 'only_if(path, "VALUE", x)',
}

TOKEN = re.compile(
    r' *(?:(?P<text>"(?:[^"\\]|\\["\\])*")|(?P<mark>[(),])|(?P<word>[^\s(),"]+)|(?P<odd>[^ ].*))', re.DOTALL
)
ESCAPED = re.compile(r'\\(["\\])')


@lru_cache(maxsize=4096)
def read(written: str) -> Expression:
    """Like `parse`, for what is stored: what cannot be read leads nowhere, so that it stops nobody else's deciding."""
    try:
        return parse(written)
    except Misconfigured:
        return Path(written)


@lru_cache(maxsize=4096)
def paths(written: str) -> frozenset[str]:
    """Every path that what is stored looks at."""
    return frozenset(expression.paths(read(written)))


def parse(written: str) -> Expression:
    """Raises `Misconfigured`, which says at which character (from 1) something else was expected, and what."""
    reader = Reader(tokens(written))
    found = reader.expression()
    if reader.next.kind != "end":
        raise reader.refused("nothing more was expected")
    return found


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    """`word`, `text`, `end`, the mark itself, or `odd`: a text that does not end, or no sign that is used here."""
    says: str
    at: int
    """Counted from 1."""


def tokens(written: str) -> list[Token]:
    found = [
        Token(each["mark"] or str(each.lastgroup), each[str(each.lastgroup)], each.start(str(each.lastgroup)) + 1)
        for each in TOKEN.finditer(written)
    ]
    return [*found, Token("end", "the end", len(written) + 1)]


@dataclass(slots=True)
class Reader:
    """Goes through the tokens once."""

    tokens: list[Token]
    at: int = 0
    depth: int = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def refused(self, expected: str, met: Token | None = None) -> Misconfigured:
        token = met or self.next
        return Misconfigured(f"at character {token.at}: {expected}, not {token.says!r}")

    def expression(self) -> Expression:
        match self.next.kind:
            case "text":
                return self.text()
            case "odd" if self.next.says.startswith('"'):
                raise self.refused('a text ends with ", and in it \\" and \\\\ stand for " and \\')
            case "word" if self.tokens[self.at + 1].kind == "(":
                return self.call()
            case "word" if self.next.says in PERSON or PATH.fullmatch(self.next.says):
                return Path(self.take().says)
            case _:
                close = get_close_matches(self.next.says, sorted(PERSON), n=1)
                meant = f"did you mean {close[0]}? Else " if close else ""
                raise self.refused(f"{meant}use {PATHS}, or one of {', '.join(WRITTEN.values())}")

    def text(self) -> Text:
        says = ESCAPED.sub(r"\1", self.next.says[1:-1])
        if not says.isprintable():
            raise self.refused("a text without line breaks and control characters was expected")
        self.take()
        return Text(says)

    def call(self) -> Call:
        if self.next.says not in list(Word):
            raise self.refused(f"use one of {', '.join(Word)}")
        if self.depth == DEEPEST:
            raise self.refused(f"at most {DEEPEST} transformations stand inside each other")
        self.depth += 1
        word = Word(self.take().says)
        arguments: list[Expression] = []
        while self.take().kind != ")":
            arguments.append(self.argument(word, len(arguments)))
            self.separator(word, len(arguments))
        self.depth -= 1
        return Call(word, tuple(arguments))

    def argument(self, word: Word, number: int) -> Expression:
        begins = self.next
        found = self.expression()
        wanted = TAKES[word][min(number, len(TAKES[word]) - 1)]
        if not isinstance(found, wanted):
            what = "a path" if wanted == (Path,) else "a text in double quotes"
            raise self.refused(f"{WRITTEN[word]} has {what} here", begins)
        return found

    def separator(self, word: Word, given: int) -> None:
        """Behind an argument: a comma where another may come, a bracket where it may end; neither is taken yet."""
        least = len(TAKES[word])
        allowed = [mark for mark, may in ((",", given < least or word in REPEATING), (")", given >= least)) if may]
        if self.next.kind not in allowed:
            raise self.refused(f"{WRITTEN[word]} goes on with {' or '.join(map(repr, allowed))}")
