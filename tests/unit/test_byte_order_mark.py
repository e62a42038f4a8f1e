"""Files that an editor has begun with a byte order mark are read as if it were not there."""

import json
from codecs import BOM_UTF8
from pathlib import Path

import pytest
import trustme

from mock_oms.cli.oms_options import token_for
from mock_oms.cli.record import _key
from mock_oms.client.arguments import trust
from mock_oms.client.errors import WishError
from mock_oms.conformance.crawler.session import Target
from mock_oms.tokens import given_token
from tests.typed import printed, printed_json, refused


def test_a_file_of_settings_may_begin_with_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = []
    for name, text in (("mock-oms.toml", "port = 1234\n"), ("pyproject.toml", "[tool.mock_oms]\nport = 1234\n")):
        Path(name).write_bytes(BOM_UTF8 + text.encode())
        (port,) = (one for one in printed_json("config")["settings"] if one["name"] == "port")
        said.append((port["value"], port["origin"]))
        Path(name).unlink()
    assert said == [(1234, "mock-oms.toml"), (1234, "pyproject.toml")]


def test_a_file_of_a_secret_may_begin_with_one(tmp_path: Path) -> None:
    file, key = tmp_path / "secret", "0123456789abcdef" * 4
    file.write_bytes(BOM_UTF8 + key.encode() + b"\r\n")
    target = Target(url="https://oms.example.com")
    assert [given_token(None, file), token_for(target, None, file), _key(file).hex()] == [key] * 3


def test_a_snapshot_may_begin_with_one(tmp_path: Path) -> None:
    file = tmp_path / "saved.json"
    file.write_bytes(BOM_UTF8 + json.dumps({"version": 2}).encode())
    line = "world=a scenario=restock@000000000000 seed=1 now=2024-03-05T09:00:00Z event=0"
    assert "scenario: is missing." in refused("replay", line, "--snapshot", file)


def test_a_file_of_authorities_may_begin_with_one_and_must_hold_some(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    pem = trustme.CA().cert_pem.bytes()
    trusted = []
    for content in (pem, BOM_UTF8 + pem, "# Geçici\n".encode() + pem + pem):
        file.write_bytes(content)
        trusted.append(len(trust(file).get_ca_certs()))
    assert trusted == [1, 1, 1]
    for nothing in (b"", BOM_UTF8, b"no certificate\n", b"\0" * 10):
        file.write_bytes(nothing)
        with pytest.raises(WishError, match="it holds no certificates"):
            trust(file)


def test_scenarios_and_profiles_may_begin_with_one(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    for name, text in {
        "mine.yaml": "description: Mine.\nplans: []\nprofiles: [rainy]\n",
        "profiles/rainy.yaml": "description: x\nfaults:\n  - {on: list, effect: {status: 503}}\n",
    }.items():
        (tmp_path / name).write_bytes(BOM_UTF8 + text.encode())
    assert printed("scenario", "check", tmp_path / "mine.yaml").startswith("ok")
