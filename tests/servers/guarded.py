"""Apache Kafka behind TLS: one way in asks for a password, the other for a certificate."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from servers.apache import Beside, from_jars
from worker.adapters.child import free_port

USER, PASSWORD = "ptm", "salainen sana"
TENANTS = tuple(f"tenant{number}" for number in range(4))
"""Users of PASSWORD, too, to whom nothing is allowed."""
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        plain = serialization.NoEncryption()
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    password: str
    """Bootstrap address where a password is asked for: SASL_SSL with PLAIN or SCRAM-SHA-512."""
    certificate: str
    """Where a certificate is: SSL."""
    ca_file: Path
    cert_file: Path
    key_file: Path
    other_ca_file: Path
    """An authority that has signed none of it."""
    ruled: str
    """Where a password is asked for, without TLS, and nobody may do what no rule allows."""
    plain: str
    """Where an administrator comes in."""


def signed(name: str, by: Signed | None = None) -> Signed:
    """A certificate of 127.0.0.1 for a day, or without *by* an authority's own."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    began = datetime.now(UTC) - timedelta(hours=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
    )
    return Signed(certificate=builder.sign(by.key if by else key, hashes.SHA256()), key=key)


@asynccontextmanager
async def guarded_kafka(directory: Path) -> AsyncIterator[Guarded]:
    """Raises `Missing` where none can be had."""
    authority = signed("ptm test authority")
    broker, client = signed("broker", authority), signed("ptm", authority)
    files = {
        "broker.pem": broker.key_pem + broker.pem,
        "ca.pem": authority.pem,
        "other.pem": signed("somebody else").pem,
        "client.pem": client.pem,
        "client.key": client.key_pem,
    }
    for name, content in files.items():
        (directory / name).write_bytes(content)
    ports = {"PASSWORD": free_port(), "CERTIFICATE": free_port(), "RULED": free_port()}
    prefix = "listener.name.password"
    tenants = " ".join(f'user_{name}="{PASSWORD}"' for name in TENANTS)
    beside = Beside(
        listeners={
            "PASSWORD": ("SASL_SSL", ports["PASSWORD"]),
            "CERTIFICATE": ("SSL", ports["CERTIFICATE"]),
            "RULED": ("SASL_PLAINTEXT", ports["RULED"]),
        },
        scram=f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]",
        settings={
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(directory / "broker.pem"),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(directory / "ca.pem"),
            "listener.name.certificate.ssl.client.auth": "required",
            f"{prefix}.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
            f"{prefix}.plain.sasl.jaas.config": f'{PLAIN} required user_{USER}="{PASSWORD}";',
            f"{prefix}.scram-sha-512.sasl.jaas.config": f"{SCRAM} required;",
            "listener.name.ruled.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.ruled.plain.sasl.jaas.config": f"{PLAIN} required {tenants};",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:ANONYMOUS;User:{USER};User:CN={USER}",
        },
    )
    async with from_jars(directory, beside=beside) as made:
        yield Guarded(
            ruled=f"127.0.0.1:{ports['RULED']}",
            plain=made.bootstrap,
            password=f"127.0.0.1:{ports['PASSWORD']}",
            certificate=f"127.0.0.1:{ports['CERTIFICATE']}",
            ca_file=directory / "ca.pem",
            cert_file=directory / "client.pem",
            key_file=directory / "client.key",
            other_ca_file=directory / "other.pem",
        )
