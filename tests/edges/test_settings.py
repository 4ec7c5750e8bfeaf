"""Settings: where they come from, and the one sentence that a wrong one gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from events.errors import Misconfigured
from table import each
from worker import settings, settings_table


def test_variables_win_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('kafka_topic = "from.file"\ntrustmary_pace = 9\n')
    read = settings.load({"PTM_CONFIG": str(file), "PTM_TRUSTMARY_PACE": "2"})
    assert (read.kafka_topic, read.trustmary_pace) == ("from.file", 2)


def test_an_empty_variable_is_an_unset_one() -> None:
    assert settings.load({"PTM_KAFKA_TOPIC": ""}).kafka_topic == "ptm.events"


def test_a_secret_is_read_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("hush\n")
    read = settings.load({"PTM_PROCOUNTOR_CLIENT_SECRET_FILE": str(file)})
    assert settings.needed(read.procountor_client_secret, "procountor_client_secret") == "hush"


def test_variables_of_the_tests_are_nobodys_typing_error() -> None:
    settings.load({"PTM_TEST_DATABASE_URL": "postgres://…"})


@each(
    ("environ", "named"),
    [
        ({"PTM_TRUSTMARY_PACE": "fast"}, "PTM_TRUSTMARY_PACE is wrong"),
        ({"PTM_TRUSTMARY_PAC": "1"}, "PTM_TRUSTMARY_PACE is"),
        ({"PTM_PUBLIC_URL": "localhost"}, "PTM_PUBLIC_URL is wrong"),
        ({"PTM_PROCOUNTOR_API_PATH": "api"}, "PTM_PROCOUNTOR_API_PATH is wrong"),
        ({"PTM_UNANSWERED": "perhaps"}, "PTM_UNANSWERED is wrong"),
        ({"PTM_TIMEZONE": "Mars"}, "PTM_TIMEZONE is wrong"),
        ({"PTM_POLL_FLOOR": "inf"}, "PTM_POLL_FLOOR is wrong"),
        ({"PTM_POLL_CEILING": "1e300"}, "PTM_POLL_CEILING is wrong"),
        ({"PTM_TRUSTMARY_PACE": "inf"}, "PTM_TRUSTMARY_PACE is wrong"),
        ({"PTM_POLL_FLOOR": "1000"}, r"PTM_POLL_FLOOR \(1000\) is above PTM_POLL_CEILING \(900\)"),
        ({"PTM_TRUSTMARY_SCHEME": "Api key"}, "PTM_TRUSTMARY_SCHEME is wrong"),
        ({"PTM_MASTER_KEY_FILE": __file__, "PTM_MASTER_KEY": "00"}, "PTM_MASTER_KEY and PTM_MASTER_KEY_FILE are both"),
        ({"PTM_MASTER_KEY_FILE": "/nowhere"}, "PTM_MASTER_KEY_FILE names /nowhere"),
        ({"PTM_CONFIG": "/nowhere"}, "PTM_CONFIG names /nowhere"),
        ({"PTM_KAFKA_TOPIC_FILE": "/nowhere"}, "PTM_KAFKA_TOPIC_FILE is no setting"),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(environ: dict[str, str], named: str) -> None:
    with pytest.raises(Misconfigured, match=named) as caught:
        settings.load(environ)
    assert "\n" not in str(caught.value)


def test_a_wrong_name_in_the_file_is_told_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("time_zone = 'Europe/Oslo'\n")
    with pytest.raises(Misconfigured, match="sets time_zone, which is no setting; timezone is"):
        settings.load({"PTM_CONFIG": str(file)})


def test_a_missing_setting_is_named_with_its_meaning() -> None:
    with pytest.raises(Misconfigured, match="PTM_PROCOUNTOR_CLIENT_ID is not set: The API client"):
        settings.needed(settings.load({}).procountor_client_id, "procountor_client_id")


def test_no_secret_is_shown() -> None:
    read = settings.load({"PTM_MASTER_KEY": "hush", "PTM_DATABASE_URL": "postgres://hush"})
    assert "hush" not in f"{read} {read!r} {read.model_dump_json()}"


@each(
    ("environ", "port"),
    [
        ({}, 8930),
        ({"PTM_PUBLIC_URL": "https://ptm.esimerkki.fi"}, 8930),
        ({"PTM_PUBLIC_URL": "https://ptm.esimerkki.fi", "PTM_CALLBACK_PORT": "9000"}, 9000),
        ({"PTM_PUBLIC_URL": "http://127.0.0.1:4321"}, 4321),
    ],
)
def test_the_callback_listens_where_the_public_url_says_unless_told(environ: dict[str, str], port: int) -> None:
    assert settings.load(environ).callback_listens_on == port


def test_the_page_of_settings_is_the_table_in_the_code() -> None:
    page = Path(__file__).parents[2] / "docs" / "settings.md"
    made = settings_table.table()
    assert page.read_text(encoding="utf-8") == made, "python -m worker.settings_table > docs/settings.md"
