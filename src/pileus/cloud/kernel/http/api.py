"""Operations as Starlette routes. Without a valid bearer token the answer is 401, unless public."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route

from pileus.cloud.kernel.accounts import Accounts
from pileus.cloud.kernel.http.watch import Watch
from pileus.cloud.kernel.service import Caller, Operation
from pileus.core.errors import Unauthorized

PREFIX = "/api/v1"
NOBODY = Caller("", "")


def routes(operations: Iterable[Operation], accounts: Accounts, watch: Watch) -> list[Route]:
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
        route = Route(operation.path, _endpoint(operation, accounts, watch), methods=[operation.method])
        if ("HEAD", operation.path) in heads and operation.method == "GET":
            route.methods = {"GET"}
        made.append(route)
    # Fixed parts before named ones: /files/usage is not the file "usage".
    return sorted(made, key=lambda route: [part.startswith("{") for part in route.path.split("/")])


def bearer(connection: HTTPConnection) -> str | None:
    """The token of the Authorization header."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


async def authenticate(accounts: Accounts, token: str | None) -> Caller:
    """Raises `Unauthorized`."""
    if token is None:
        raise Unauthorized("no-token", "Sign in: this needs a bearer token.")
    caller = await accounts.caller(token)
    if caller is None:
        raise Unauthorized("bad-token", "This device is not signed in any more.")
    return caller


def _endpoint(operation: Operation, accounts: Accounts, watch: Watch) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        with watch.operation(operation) as seen:
            token = bearer(request)
            if operation.public and token is None:
                caller = NOBODY
            else:
                caller = await authenticate(accounts, token)
            response = await operation.handler(request, caller)
            response.headers.setdefault("Cache-Control", "no-store")
            seen.status = response.status_code
        return response

    return endpoint
