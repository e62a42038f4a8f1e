"""https without a certificate of one's own: an authority made on the spot, and a server certificate that it signs.

The keys live in this process alone and end with it; what reaches the disk is the certificate that clients must trust.
"""

import os
import ssl
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mock_oms.dataclass import dataclass
from mock_oms.text import read_file

if TYPE_CHECKING:
    from trustme import CA, LeafCert

#: Names by which every mock may be reached: those of loopback, and that of the service in our compose file.
ALWAYS = ("localhost", "127.0.0.1", "::1", "mock-oms")


#: The organization of every authority that is made here; and bytes of a file that are read to see whether it is one.
_ORGANIZATION, _MOST = "mock-oms", 100_000


class TlsError(Exception):
    """https cannot be served with these settings; the message says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """What serves https under these `names`: `context` does the handshakes, clients must trust the file `ca`."""

    names: tuple[str, ...]
    context: ssl.SSLContext
    ca: Path


@contextmanager
def tls_for(names: str, beside: Iterable[str], file: Path | None) -> Iterator[Tls]:
    """Make an authority, and a certificate for `names` (commas between), for `ALWAYS` and for those that stand beside.

    The authority is written to `file`, in place of an older one; None: to a folder of this run, which is removed at
    the end. A name that stands `beside` is left out where no certificate can hold it, such as `my_host`.

    :raises TlsError: a certificate cannot hold one of `names`, or the file cannot be written.
    """
    from trustme import CA  # noqa: PLC0415  cryptography takes a sixth of a start, and most need none

    authority = CA(organization_name=_ORGANIZATION, path_length=0)
    wanted = wanted_names(names)
    for name in refused_names(wanted):
        raise TlsError(
            f"No certificate holds the name {name!r} (--tls-names); "
            "accepted: host names, *.example.com, and IP addresses, with commas between."
        )
    own = [name for name in (*ALWAYS, *beside) if _is_held(authority, name)]
    held = tuple(dict.fromkeys(map(_plain, [*own, *wanted])))
    with _published(file, authority.cert_pem.bytes()) as ca:
        yield Tls(names=held, context=_context(authority.issue_cert(*held)), ca=ca)


def wanted_names(names: str) -> list[str]:
    """The names in a setting, with commas between."""
    return [name.strip() for name in names.split(",") if name.strip()]


def refused_names(names: Iterable[str]) -> list[str]:
    """Those that no certificate can hold."""
    from trustme import CA  # noqa: PLC0415  as above

    authority = CA()
    return [name for name in names if not _is_held(authority, name)]


def _is_held(authority: "CA", name: str) -> bool:
    """Whether a certificate can hold a name; trustme would take addresses of mail and whole networks too."""
    if set(name) & set("@/"):
        return False
    try:
        authority.issue_cert(_plain(name))
    except ValueError:
        return False
    return True


def _plain(name: str) -> str:
    """An address as a certificate holds it: without the zone of an IPv6 address."""
    try:
        return str(ip_address(name.partition("%")[0]))
    except ValueError:
        return name.lower()


@contextmanager
def _published(file: Path | None, pem: bytes) -> Iterator[Path]:
    """The file with this certificate; where none is named, one in a folder of this run."""
    from mock_oms.worlds.files import write_output  # noqa: PLC0415  as above

    with ExitStack() as stack:
        if file is None:
            try:
                folder = stack.enter_context(TemporaryDirectory(prefix="mock-oms-", ignore_cleanup_errors=True))
            except OSError as error:
                raise TlsError(
                    f"There is no temporary folder for the authority's certificate ({error.strerror}); "
                    "name a file with --tls-ca."
                ) from None
            Path(folder).chmod(0o755)  # everybody may look into it
            file = Path(folder, "ca.pem")
        _refuse_of_others(file)
        try:
            write_output(file, pem, mode=0o644)  # everybody may read it
        except OSError as error:
            raise TlsError(
                f"The authority's certificate cannot be written to {file}: {error.strerror}; "
                "name a file, with --tls-ca, in a folder that exists and may be written to."
            ) from None
        yield file


def _refuse_of_others(file: Path) -> None:
    """Refuse a file with something of somebody's: in other programs an option of such a name says what to read.

    :raises TlsError: it has, and that is no authority of a mock.
    """
    from cryptography.x509 import NameOID, load_pem_x509_certificates  # noqa: PLC0415  as above

    try:
        content = read_file(file, _MOST)
        names = [
            one.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME) for one in load_pem_x509_certificates(content)
        ]
        is_ours = all(name[0].value == _ORGANIZATION for name in names)
    except OSError:  # nothing is there, or it says itself why it cannot be written
        return
    except (ValueError, LookupError):
        is_ours = not content
    if not is_ours:
        raise TlsError(
            f"{file} holds something else than the authority of a mock-oms; name another file with --tls-ca."
        )


def _context(leaf: "LeafCert") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    chain = b"".join(one.bytes() for one in leaf.cert_chain_pems)
    with _as_file(chain) as certificate, _as_file(leaf.private_key_pem.bytes()) as key:
        context.load_cert_chain(certificate, key)
    return context


@contextmanager
def _as_file(pem: bytes) -> Iterator[str]:
    """A pipe with a name: OpenSSL reads keys from files only, and ours shall not lie on a disk for one moment."""
    reading, writing = os.pipe()
    try:
        os.write(writing, pem)  # shorter than what every pipe holds, so that nobody need read meanwhile
        os.close(writing)
        yield f"/dev/fd/{reading}"
    finally:
        os.close(reading)
