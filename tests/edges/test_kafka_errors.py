"""Every error that the Kafka library can raise has a name of ours."""

from __future__ import annotations

import ssl
from inspect import getmembers, isclass
from pathlib import Path

import pytest
from aiokafka import errors

from events.errors import Misconfigured, Unavailable
from table import each
from worker.adapters.kafka import LIBRARY_ERRORS, security, translate, translating

LIBRARY = [
    each
    for _, each in getmembers(errors, isclass)
    if issubclass(each, Exception) and each.__module__ == errors.__name__ and each is not errors.BrokerResponseError
]


@each("kind", LIBRARY)
def test_every_error_of_the_library_is_translated(kind: type[Exception]) -> None:
    assert issubclass(kind, LIBRARY_ERRORS)
    error = Exception.__new__(kind)
    assert isinstance(translate(error), Unavailable | Misconfigured)


@each(
    "error",
    [
        errors.KafkaConnectionError("refused"),
        errors.NodeNotReadyError(),
        errors.UnknownTopicOrPartitionError(),
        errors.NotLeaderForPartitionError(),
        errors.RequestTimedOutError(),
        ConnectionRefusedError(),
        TimeoutError(),
    ],
)
def test_what_time_heals_is_unavailable(error: Exception) -> None:
    with pytest.raises(Unavailable) as caught, translating():
        raise error
    assert caught.value.__cause__ is error


@each(
    "error",
    [
        errors.TopicAuthorizationFailedError(),
        errors.SaslAuthenticationFailed(),
        errors.UnsupportedSaslMechanismError(),
        errors.InvalidTopicError(),
        ssl.SSLCertVerificationError(),
    ],
)
def test_what_an_operator_must_change_is_misconfigured(error: Exception) -> None:
    with pytest.raises(Misconfigured), translating():
        raise error


def test_an_error_of_ours_passes_through() -> None:
    with pytest.raises(KeyError), translating():
        raise KeyError("ours")


def test_a_certificate_that_is_not_there_is_misconfigured(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="certificates"):
        security(protocol="SSL", ca_file=tmp_path / "ca.pem")


def test_sasl_passes_its_words_through_and_plain_text_passes_none() -> None:
    assert security() == {"security_protocol": "PLAINTEXT"}
    assert security(protocol="SASL_PLAINTEXT", mechanism="SCRAM-SHA-512", username="ptm", password="secret") == {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "ptm",
        "sasl_plain_password": "secret",
    }
