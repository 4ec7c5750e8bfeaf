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
    with pytest.raises(Misconfigured, match=r"PTM_KAFKA_CA_FILE names .*ca\.pem, which cannot be read: No such file"):
        security(protocol="SSL", ca_file=tmp_path / "ca.pem")
    no_certificate = tmp_path / "cert.pem"
    no_certificate.write_text("not a certificate", encoding="utf-8")
    with pytest.raises(Misconfigured, match=r"\(PTM_KAFKA_CERT_FILE\) are not certificates that fit"):
        security(protocol="SSL", cert_file=no_certificate)


@each(
    ("error", "setting"),
    [
        (errors.SaslAuthenticationFailed("no"), "PTM_KAFKA_SASL_PASSWORD"),
        (errors.UnsupportedSaslMechanismError(), "PTM_KAFKA_SASL_MECHANISM"),
        (ssl.SSLCertVerificationError("self-signed certificate"), "PTM_KAFKA_CA_FILE"),
        (ssl.SSLError("[SSL: WRONG_VERSION_NUMBER]"), "PTM_KAFKA_SECURITY_PROTOCOL"),
    ],
)
def test_an_error_about_the_way_in_names_the_setting(error: Exception, setting: str) -> None:
    assert setting in str(translate(error))


def test_a_connection_that_ends_under_tls_is_no_setting() -> None:
    assert isinstance(translate(ssl.SSLEOFError("EOF occurred in violation of protocol")), Unavailable)


def test_sasl_passes_its_words_through_and_plain_text_passes_none() -> None:
    assert security() == {"security_protocol": "PLAINTEXT"}
    assert security(protocol="SASL_PLAINTEXT", mechanism="SCRAM-SHA-512", username="ptm", password="secret") == {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "ptm",
        "sasl_plain_password": "secret",
    }
