"""Operations as Starlette routes. Who may ask for one is seen to by `Entrance`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pileus.cloud.kernel.http.compress import compressed
from pileus.cloud.kernel.http.entrance import Entrance
from pileus.cloud.kernel.http.watch import Watch
from pileus.cloud.kernel.service import Operation

PREFIX = "/api/v1"


def routes(operations: Iterable[Operation], entrance: Entrance, watch: Watch) -> list[Route]:
    """One route an operation, to be mounted at `PREFIX`; two operations of one method and path are an error."""
    operations = list(operations)
    heads = {(one.method, one.path) for one in operations if one.method == "HEAD"}
    seen: set[tuple[str, str]] = set()
    made = []
    for operation in operations:
        key = (operation.method, operation.path)
        if key in seen:
            raise ValueError(f"{operation.method} {operation.path} is declared twice.")
        seen.add(key)
        route = Route(operation.path, _endpoint(operation, entrance, watch), methods=[operation.method])
        if ("HEAD", operation.path) in heads and operation.method == "GET":
            route.methods = {"GET"}
        made.append(route)
    # Fixed parts before named ones: /files/usage is not the file "usage".
    return sorted(made, key=lambda route: [part.startswith("{") for part in route.path.split("/")])


def _endpoint(operation: Operation, entrance: Entrance, watch: Watch) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        with watch.operation(operation) as seen:
            response = await entrance.answer(operation, request)
            response.headers.setdefault("Cache-Control", "no-store")
            seen.status = response.status_code
        return await compressed(request, response)

    return endpoint
