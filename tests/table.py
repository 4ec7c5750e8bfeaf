"""A table of cases as one test, which costs a test's overhead once and still names every row that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest


def each(names: str | tuple[str, ...], rows: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Like `pytest.mark.parametrize`, for tables of pure cases: the failures of all rows are raised together."""
    columns = (names,) if isinstance(names, str) else names
    cases = [dict(zip(columns, (row,) if isinstance(names, str) else row, strict=True)) for row in rows]
    assert cases, "a table without rows proves nothing"

    def tabulated(check: Callable[..., None]) -> Callable[..., None]:
        def whole(**given: Any) -> None:
            failures = [failure for case in cases if (failure := tried(check, given | case))]
            if failures:
                raise BaseExceptionGroup(f"{len(failures)} of {len(cases)} rows", failures)

        whole.__name__, whole.__doc__, whole.__module__ = check.__name__, check.__doc__, check.__module__
        return whole

    return tabulated


def tried(check: Callable[..., None], case: dict[str, Any]) -> BaseException | None:
    try:
        check(**case)
    except (Exception, pytest.fail.Exception) as failure:
        failure.add_note("row: " + ", ".join(f"{name}={shown(value)}" for name, value in case.items()))
        return failure
    return None


def shown(value: object) -> str:
    return value.__name__ if isinstance(value, type) else repr(value)
