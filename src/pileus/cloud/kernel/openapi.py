"""The OpenAPI document of all operations: `python -m pileus.cloud.kernel.openapi --write|--check`."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.http.api import PREFIX
from pileus.cloud.kernel.service import Caller, Operation

TARGET = Path("contracts/http/openapi.json")
PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


class Problem(msgspec.Struct):
    """RFC 9457; further members by code."""

    type: str
    title: str
    status: int
    detail: str
    code: str


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """The document, in a stable order."""
    types = [one for operation in operations for one in (operation.request, operation.response) if one]
    types = list({repr(one): one for one in [Problem, *types]}.values())
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    by_type = {repr(one): schema for one, schema in zip(types, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for operation in sorted(operations, key=lambda one: (one.path, one.method)):
        path = PREFIX + PARAMETER.sub(r"{\1}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _operation(operation, by_type)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pileus", "version": "1", "description": "Generated from the operations."},
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic", "description": "A name and an app password"},
            },
        },
        "security": [{"bearer": []}],
    }


def told(operations: Sequence[Operation]) -> Operation:
    """The operation that gives the document of these operations and of itself. It is made when first asked for."""

    @cache
    def made() -> bytes:
        return msgspec.json.encode(document([*others, own]))

    async def give(_request: Request, _caller: Caller) -> Response:
        return Response(await asyncio.to_thread(made), media_type="application/json")

    summary = "This document: all operations, what they take and answer"
    others = tuple(operations)
    own = Operation("GET", "/openapi.json", give, summary, media_type="application/json", public=True)
    return own


def _operation(operation: Operation, by_type: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"summary": operation.summary}
    names = PARAMETER.findall(operation.path)
    parameters = [_parameter("path", name, operation.parts.get(name, str), required=True) for name in names]
    for place, kinds in (("query", operation.query), ("header", operation.headers)):
        parameters += [
            _parameter(place, name, kind, required=name in operation.needed) for name, kind in kinds.items()
        ]
    if parameters:
        made["parameters"] = parameters
    if operation.request is not None:
        content = {"application/json": {"schema": by_type[repr(operation.request)]}}
        made["requestBody"] = {"required": True, "content": content}
    elif operation.takes is not None:
        made["requestBody"] = {"required": True, "content": {operation.takes: {}}}
    answer: dict[str, Any] = {"description": "Done"}
    if operation.response is not None:
        answer["content"] = {"application/json": {"schema": by_type[repr(operation.response)]}}
    elif operation.media_type is not None:
        answer["content"] = {operation.media_type: {}}
    problem: dict[str, Any] = {"application/problem+json": {"schema": by_type[repr(Problem)]}}
    if operation.pages:
        answer["content"] = {"text/html": {}}
        problem["text/html"] = {}
    made["responses"] = {
        str(operation.status): answer,
        "default": {"description": "A problem", "content": problem},
    }
    if operation.scope and not operation.devices_only:
        made["x-app-password-scope"] = operation.scope
    if operation.public:
        made["security"] = [{}, {"bearer": []}]
    return made


def _parameter(place: str, name: str, kind: Any, *, required: bool) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": msgspec.json.schema(kind)}


def text() -> str:
    """The document of all discovered services, as it is kept in the repository."""
    from pileus.cloud.app import build
    from pileus.core.settings import Settings

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cloud = build(Settings(folder / "data", folder / "run", folder / "cache"))
        try:
            return json.dumps(document(cloud.operations), indent=2, ensure_ascii=False) + "\n"
        finally:
            cloud.close()


def main() -> int:
    """0 where the kept document is written or up to date, 1 where it is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--write", action="store_true")
    choice.add_argument("--check", action="store_true")
    made = text()
    if parser.parse_args().write:
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        TARGET.write_text(made, encoding="utf-8")
        return 0
    if TARGET.exists() and TARGET.read_text(encoding="utf-8") == made:
        return 0
    print(f"{TARGET} is not what the operations say: run this with --write.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
