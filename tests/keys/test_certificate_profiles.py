"""What each kind of certificate may do: authorities issue and nothing else, makers and signers sign and do not issue."""

from pathlib import Path

import pytest

from keys.certificates import (
    AUTHORITY,
    MAKER,
    ROOT,
    SIGNER,
    Certificate,
    Profile,
    Subject,
    check_chain,
    issue,
    make_root,
)
from keys.errors import FormatError, SubIndication, VerificationError
from keys.suites import SUITES
from tests.keys.authorities import make_signer
from tests.keys.seal_makers import BEGIN, DAY, END, OWNER, SEAL_MAKERS, SIGNED_AT, SealMakers, openssl, openssl_verifies

Why = SubIndication


@pytest.fixture
def makers(suite_name: str) -> SealMakers:
    return SEAL_MAKERS[suite_name]


def _refused(certificate: Certificate, root: Certificate, *between: Certificate) -> Why:
    with pytest.raises(VerificationError) as refused:
        check_chain(certificate, [root], SIGNED_AT, between)
    return refused.value.sub_indication


def test_a_signer_leads_over_its_authority_to_the_root(makers: SealMakers) -> None:
    way = check_chain(makers.signer, [makers.root], SIGNED_AT, [makers.authority])
    assert way == (makers.signer, makers.authority, makers.root)


def test_a_maker_stands_directly_under_the_root(makers: SealMakers) -> None:
    assert check_chain(makers.maker, [makers.root], SIGNED_AT) == (makers.maker, makers.root)


def test_who_issues_signs_nothing_else(makers: SealMakers) -> None:
    assert _refused(makers.authority, makers.root) == Why.CHAIN_CONSTRAINTS_FAILURE


@pytest.mark.parametrize("profile", [SIGNER, MAKER])
def test_who_does_not_issue_has_issued_nothing(makers: SealMakers, profile: Profile) -> None:
    holder = makers.maker if profile is MAKER else makers.signer
    key = makers.maker_key if profile is MAKER else makers.signer_key
    below = make_signer(Subject("下级"), makers.root_key.public, holder, key, 9, BEGIN, END)
    between = (holder, makers.authority)
    assert _refused(below, makers.root, *between) == Why.CHAIN_CONSTRAINTS_FAILURE


def test_no_authority_stands_below_an_issuing_authority(makers: SealMakers) -> None:
    key = makers.signer_key
    lower = issue(AUTHORITY, Subject("下级"), key.public, makers.authority, makers.authority_key, 9, BEGIN, END)
    signer = make_signer(OWNER, makers.maker_key.public, lower, key, 10, BEGIN, END)
    between = (lower, makers.authority)
    assert _refused(signer, makers.root, *between) == Why.CHAIN_CONSTRAINTS_FAILURE


def test_suites_mix_from_link_to_link() -> None:
    root, authority, signer = SEAL_MAKERS["SM2-SM3"], SUITES["ES256"].generate(), SUITES["Ed25519"].generate()
    middle = issue(AUTHORITY, Subject("签发"), authority.public, root.root, root.root_key, 5, BEGIN, END)
    end = issue(SIGNER, OWNER, signer.public, middle, authority, 6, BEGIN, END)
    assert len(check_chain(end, [root.root], SIGNED_AT, [middle])) == 3


def test_a_signature_of_whole_bytes_is_not_called_one_bit_shorter(suite_name: str) -> None:
    # When its last bit is 0, a parser that does not look takes it for the same signature.
    key = SUITES[suite_name].generate()
    for serial in range(1, 60):
        der = bytearray(make_root("根", key, serial, BEGIN, END, ROOT).der)
        unused = len(der) - len(Certificate.load(bytes(der)).signature) - 1
        assert der[unused] == 0
        der[unused] = 1
        with pytest.raises(FormatError):
            Certificate.load(bytes(der))


@pytest.mark.parametrize("at", [BEGIN - DAY, END + DAY])
def test_every_link_is_good_at_the_moment(makers: SealMakers, at: object) -> None:
    with pytest.raises(VerificationError) as refused:
        check_chain(makers.maker, [makers.root], at)  # type: ignore[arg-type]
    assert refused.value.sub_indication in {Why.EXPIRED, Why.NOT_YET_VALID}


def test_openssl_reads_the_profiles(tmp_path: Path) -> None:
    makers = SEAL_MAKERS["ES256"]
    listed = issue(
        SIGNER, OWNER, makers.signer_key.public, makers.authority, makers.authority_key, 8, BEGIN, END,
        revocation_list="https://hub.example/revocations/1",
    )  # fmt: skip
    expected = {
        "root": (makers.root, ["CA:TRUE, pathlen:1", "Certificate Sign, CRL Sign"]),
        "authority": (makers.authority, ["CA:TRUE, pathlen:0", "Certificate Sign, CRL Sign"]),
        "maker": (makers.maker, ["CA:FALSE", "Digital Signature, Non Repudiation"]),
        "signer": (listed, ["CA:FALSE", "Digital Signature, Non Repudiation", "URI:https://hub.example/revocations/1"]),
    }
    for name, (certificate, texts) in expected.items():
        (tmp_path / name).write_bytes(certificate.to_pem())
        shown = openssl(tmp_path, "x509", "-in", name, "-noout", "-text").decode()
        assert [text for text in texts if text not in shown] == []


@pytest.mark.parametrize("address", ["https://hub.example/列表", "https://hub.example/\n"])
def test_the_address_of_a_list_is_a_uri(address: str) -> None:
    one = SEAL_MAKERS["ES256"]
    key = one.signer_key.public
    with pytest.raises(FormatError):
        issue(SIGNER, OWNER, key, one.authority, one.authority_key, 8, BEGIN, END, revocation_list=address)


def test_openssl_verifies_the_chain_of_p256(tmp_path: Path) -> None:
    makers = SEAL_MAKERS["ES256"]
    for name in ("root", "authority", "signer", "maker"):
        (tmp_path / name).write_bytes(getattr(makers, name).to_pem())
    moment = str(int(SIGNED_AT.timestamp()))
    arguments = (
        "verify",
        "-x509_strict",
        "-attime",
        moment,
        "-CAfile",
        "root",
        "-untrusted",
        "authority",
        "signer",
        "maker",
    )
    assert openssl(tmp_path, *arguments).split() == [b"signer:", b"OK", b"maker:", b"OK"]


def test_openssl_verifies_every_link_over_the_bytes_that_were_signed(makers: SealMakers, tmp_path: Path) -> None:
    suite = makers.root_key.suite.name
    for below, above in ((makers.root, makers.root), (makers.maker, makers.root), (makers.signer, makers.authority)):
        spki = above.public_key.to_spki()
        assert openssl_verifies(tmp_path, suite, spki, below.signature, below.tbs)
        assert not openssl_verifies(tmp_path, suite, spki, below.signature, below.tbs + b"\x00")
