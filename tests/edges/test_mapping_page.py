"""docs/mapping.md says what is so."""

from __future__ import annotations

from pathlib import Path

from events.catalogue import check, fields
from events.grammar import WRITTEN
from events.integration import FieldMapping
from events.labels import MAIN
from events.mapping import check as check_mapping
from worker.operations.catalogue import FURTHEST

PAGE = (Path(__file__).parents[2] / "docs" / "mapping.md").read_text(encoding="utf-8")


def rows(title: str) -> list[str]:
    section = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| `")]


def test_the_table_of_fields_is_the_catalogues() -> None:
    wanted = [f"| `{path}` | {one.en} | {one.fi} | {fields()[path].type} |" for path, one in MAIN.items()]
    assert rows("Fields that people need") == wanted


def test_every_transformation_has_its_line_and_there_is_no_other() -> None:
    assert [row.split("`")[1] for row in rows("Transformations")] == list(WRITTEN.values())


def test_the_examples_can_be_saved() -> None:
    examples = dict(line.split("←") for line in PAGE.splitlines() if "←" in line)
    mapping = FieldMapping(fields={name.strip(): written.strip() for name, written in examples.items()})
    assert len(mapping.fields) == 6
    check_mapping(mapping)
    check(mapping)


def test_how_far_a_path_is_looked_for_is_as_told() -> None:
    assert f"latest {FURTHEST} recorded changes" in PAGE.replace("\n", " ")
