"""The files that each peer is configured with: from the bodies to serve to texts by file name."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from bench.peers.sample import DETAIL, LIST, Sample

#: Files by their names in the peer's own folder, for the bodies to serve, the port to listen on and that folder.
Files = Callable[[Sample, int, str], Mapping[str, bytes]]

_NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
events {{ worker_connections 512; }}
http {{
  access_log off;
  default_type application/json;
  sendfile on;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""


def nothing(_sample: Sample, _port: int, _folder: str) -> Mapping[str, bytes]:
    """No files: the mock itself brings its world."""
    return {}


def nginx(sample: Sample, port: int, folder: str) -> Mapping[str, bytes]:
    """One worker, no access log, the bodies as files."""
    configuration = _NGINX.format(port=port, folder=folder)
    return {"nginx.conf": configuration.encode(), "detail.json": sample.detail, "page.json": sample.page}


def wiremock(sample: Sample, _port: int, _folder: str) -> Mapping[str, bytes]:
    """One mapping for each path, with its body in a file."""
    return {
        "mappings/detail.json": _mapping(DETAIL, "detail.json"),
        "mappings/page.json": _mapping(LIST, "page.json"),
        "__files/detail.json": sample.detail,
        "__files/page.json": sample.page,
    }


def _mapping(path: str, body: str) -> bytes:
    response = {"status": 200, "bodyFileName": body, "headers": {"Content-Type": "application/json"}}
    return _json({"request": {"method": "GET", "urlPath": path}, "response": response})


def prism(sample: Sample, _port: int, _folder: str) -> Mapping[str, bytes]:
    """A contract without rules whose examples are the bodies."""
    paths = {path: _operation(example) for path, example in ((DETAIL, sample.plan), (LIST, sample.envelope))}
    return {"openapi.json": _json({"openapi": "3.0.3", "info": {"title": "Bench", "version": "1"}, "paths": paths})}


def _operation(example: Any) -> Mapping[str, Any]:  # noqa: ANN401  JSON
    content = {"application/json": {"schema": {"type": "object"}, "example": example}}
    return {"get": {"responses": {"200": {"description": "As the mock answers", "content": content}}}}


def json_server(sample: Sample, _port: int, _folder: str) -> Mapping[str, bytes]:
    """A database of the 50 plans of the page."""
    plans = sample.envelope["results"]
    return {"db.json": _json({"orderexecutionplans": plans}), "routes.json": _json({"/api/v1/oms/*": "/$1"})}


def mockoon(sample: Sample, port: int, _folder: str) -> Mapping[str, bytes]:
    """An environment of two routes with their bodies inside and without templating; Mockoon adds its defaults."""
    routes = [_route(1, DETAIL, sample.detail), _route(2, LIST, sample.page)]
    environment = {
        "uuid": _uuid(0),
        "lastMigration": 33,
        "name": "bench",
        "port": port,
        "hostname": "127.0.0.1",
        "routes": routes,
        "rootChildren": [{"type": "route", "uuid": route["uuid"]} for route in routes],
    }
    return {"environment.json": _json(environment)}


def _route(number: int, path: str, body: bytes) -> Mapping[str, Any]:
    response = {
        "uuid": _uuid(10 + number),
        "body": body.decode(),
        "statusCode": 200,
        "headers": [{"key": "Content-Type", "value": "application/json"}],
        "bodyType": "INLINE",
        "disableTemplating": True,
        "default": True,
    }
    endpoint = path.removeprefix("/")
    return {"uuid": _uuid(number), "type": "http", "method": "get", "endpoint": endpoint, "responses": [response]}


def _uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def _json(content: Any) -> bytes:  # noqa: ANN401  JSON
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
