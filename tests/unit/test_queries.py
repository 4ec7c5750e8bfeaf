"""Named queries: what a file of them gives."""

from __future__ import annotations

import pytest

from worker.adapters import queries

FILE = """\
-- Words before the first name belong to the file.

-- name: find_one
-- Why it is asked.
select 1;

-- name: find_two
select 2;
"""


def test_each_name_has_its_query_and_its_reason() -> None:
    assert queries.parse(FILE) == {"find_one": "-- Why it is asked.\nselect 1;", "find_two": "select 2;"}


def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="named twice: find_one"):
        queries.parse(FILE.replace("find_two", "find_one"))


def test_a_topic_is_a_file_of_the_sql_folder() -> None:
    assert "write_role_statement" in queries.load("embedded")
