"""An authority made on the spot: which names its certificate holds, and what of it reaches the disk."""

import re
import socket
import ssl
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from trustme import CA

from mock_oms.server.tls import ALWAYS, TlsError, tls_for


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files, empty at first."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def trusted_as(names: str, asked: str, *, file: Path, beside: tuple[str, ...] = ()) -> bool:
    """Whether a client that trusts the file believes that it speaks with `asked`."""
    with tls_for(names, beside, file) as tls:
        server, client = ssl.MemoryBIO(), ssl.MemoryBIO()
        served = tls.context.wrap_bio(server, client, server_side=True)
        asking = ssl.create_default_context(cafile=tls.ca).wrap_bio(client, server, server_hostname=asked)
        try:
            for side in (asking, served, asking, served):
                with suppress(ssl.SSLWantReadError):
                    side.do_handshake()
        except ssl.SSLCertVerificationError:
            return False
        return True


HERE = socket.gethostname()


@pytest.mark.parametrize(("names", "asked", "trusted"), [
    *(("", name, True) for name in (*ALWAYS, HERE)),
    ("oms.akinon.example", "oms.akinon.example", True), (" a.example , b.example,", "b.example", True),
    ("*.shop.example", "any.shop.example", True), ("192.0.2.7", "192.0.2.7", True),
    ("2001:db8::7", "2001:db8:0::7", True), ("UPPER.example", "upper.example", True),
    ("müşteri.example", "müşteri.example".encode("idna").decode(), True),
    *(("*.shop.example,192.0.2.7", name, False) for name in ("other.example", "a.any.shop.example", "192.0.2.8")),
])  # fmt: skip
def test_the_certificate_is_for_this_machine_and_all_names_that_are_wanted_and_no_other(
    tmp_path: Path, names: str, asked: str, trusted: bool
) -> None:
    assert trusted_as(names, asked, file=tmp_path / "ca.pem", beside=(HERE, "my_host")) is trusted


@pytest.mark.parametrize("name", ["two words", "a@b.example", "10.0.0.0/8", "*", "a..b", "shop.example:443", "my_host"])
def test_a_name_that_no_certificate_holds_is_refused_by_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(TlsError) as raised, tls_for(f"good.example,{name}", (), tmp_path / "ca.pem"):
        raise AssertionError
    assert str(raised.value).startswith(f"No certificate holds the name {name!r} (--tls-names); accepted: ")


def test_the_authority_is_readable_and_no_key_is_written_even_for_a_moment(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ca.pem"
    with tls_for("", (), file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o644
        assert file.read_text().splitlines()[0] == "-----BEGIN CERTIFICATE-----"
        assert file.read_text().count("BEGIN") == 1
        assert sorted(tmp_path.rglob("*")) == sorted([file, temporary])
    # Where there is no temporary folder, nothing but the file that was named can be written.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with tls_for("", (), tmp_path / "ca.pem") as tls:
        assert tls.context.cert_store_stats()["x509"] == 0


def test_a_file_that_stays_has_the_authority_of_the_last_run_and_one_that_nobody_named_is_gone(
    tmp_path: Path, temporary: Path
) -> None:
    with tls_for("", (), None) as tls:
        assert tls.ca.is_relative_to(temporary)
        assert stat.S_IMODE(tls.ca.parent.stat().st_mode) == 0o755
    file = tmp_path / "ca.pem"
    with tls_for("", (), file):
        before = file.read_bytes()
    assert file.read_bytes() == before
    with tls_for("", (), file):
        assert file.read_bytes() != before
    assert sorted(tmp_path.rglob("*")) == sorted([file, temporary])


def test_a_file_that_cannot_be_written_is_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing, folder = tmp_path / "missing" / "ca.pem", tmp_path / "ca.pem"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(missing.parent))
    sentence = (
        f"The authority's certificate cannot be written to {missing}: No such file or directory; "
        "name a file, with --tls-ca, in a folder that exists and may be written to."
    )
    for file, said in ((missing, sentence), (folder, "Is a directory"), (None, "name a file with --tls-ca")):
        with pytest.raises(TlsError, match=re.escape(said)), tls_for("", (), file):
            raise AssertionError
    assert list(tmp_path.iterdir()) == [folder]


def test_a_file_with_something_of_somebodys_is_left_alone(tmp_path: Path) -> None:
    of_others = {"pem": CA(organization_name="Example").cert_pem.bytes(), "text": b"My own words.\n"}
    file = tmp_path / "ca.pem"
    for content in of_others.values():
        file.write_bytes(content)
        with (
            pytest.raises(TlsError, match="holds something else than the authority of a mock-oms"),
            tls_for("", (), file),
        ):
            pass
        assert file.read_bytes() == content
    file.write_bytes(b"")
    with tls_for("", (), file):
        assert file.read_bytes().startswith(b"-----BEGIN CERTIFICATE-----")
