"""Hosts, origins, headers and files over real HTTP."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx
import pytest

from pileus.cloud.kernel.http.origins import Origins, assign_ports
from pileus.core.settings import Settings


@pytest.fixture
def web(tmp_path: Path) -> Path:
    root = tmp_path / "web"
    for place in ("shell", "apps/notes", "apps/files"):
        (root / place / "assets").mkdir(parents=True)
        (root / place / "index.html").write_text(f"<title>{place}</title>")
        (root / place / "sw.js").write_text("//")
        (root / place / "assets/main-DiwrgTda.js").write_text("1")
    (root / "secret.txt").write_text("secret")
    return root


def test_each_host_serves_its_own_files(serve, settings, web):
    with serve(settings.changed(web_dir=web)) as server:
        base = f"pileus.localhost:{settings.port}"

        def get(host, path="/", **headers):
            return httpx.get(server.url + path, headers={"Host": host, **headers}, trust_env=False)

        assert "shell" in get(base).text
        assert "shell" in get(base, "/settings/devices").text
        assert "apps/notes" in get(f"notes.apps.{base}").text
        assert get(f"none.apps.{base}").status_code == 404
        assert get(f"a.b.apps.{base}").status_code == 421
        assert get("evil.example").status_code == 421
        assert get(f"notes.apps.{base}", "/api/v1/server").status_code == 404 or (
            "setup_needed" not in get(f"notes.apps.{base}", "/api/v1/server").text
        )
        assert get(base, "/missing.js").status_code == 404
        for path in ("/../secret.txt", "/..%2fsecret.txt", "/assets/%2e%2e/%2e%2e/secret.txt", "/%00"):
            assert "secret" not in get(base, path).text
        worker = get(base, "/sw.js")
        assert worker.headers["cache-control"] == "no-cache"
        assert worker.headers["service-worker-allowed"] == "/"
        assert "immutable" in get(base, "/assets/main-DiwrgTda.js").headers["cache-control"]
        page = get(base)
        assert page.headers["cache-control"] == "no-cache"
        again = get(base, "/", **{"If-None-Match": page.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        policy = page.headers["content-security-policy"]
        assert f"frame-src http://*.apps.{base}" in policy
        assert f"connect-src 'self' ws://pileus.localhost:{settings.surface_port} ws://127.0.0.1:*;" in policy
        app = get(f"notes.apps.{base}").headers
        assert f"frame-ancestors http://{base}" in app["content-security-policy"]
        assert "connect-src 'self';" in app["content-security-policy"]
        assert app["origin-agent-cluster"] == "?1"
        assert server.client().get("/server").json()["app_origins"] == {
            "files": f"http://files.apps.{base}",
            "notes": f"http://notes.apps.{base}",
        }


def test_pages_of_other_origins_change_nothing(server):
    wish = {"name": "anna", "password": "correct horse"}
    port = server.cloud.settings.port
    with server.client() as client:
        for origin in ("http://evil.example", f"http://notes.apps.pileus.localhost:{port}", "null"):
            refused = client.post("/accounts", json=wish, headers={"Origin": origin})
            assert (refused.status_code, refused.json()["code"]) == (403, "foreign-origin")
        own = client.post("/accounts", json=wish, headers={"Origin": server.url})
        assert own.status_code == 201


def test_problems_are_problem_documents(server):
    with server.client() as client:
        for answer in (client.get("/no-such"), client.put("/server"), client.get("/account")):
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["status"] == answer.status_code
        assert client.get("/no-such").status_code == 404
        assert client.put("/server").status_code == 405
        assert client.get("/server").headers["cache-control"] == "no-store"


def test_a_port_for_each_app_with_tls(serve, settings, web):
    chosen = settings.changed(web_dir=web, origins="port", domain="127.0.0.1")
    with serve(chosen) as server:
        ports = server.cloud.origins.app_ports
        assert ports == {"files": settings.port + 10, "notes": settings.port + 11}
        handout = f"http://127.0.0.1:{settings.port + 2}"
        authority = httpx.get(f"{handout}/ca.crt", trust_env=False).text
        assert f"https://127.0.0.1:{settings.port}" in httpx.get(handout, trust_env=False).text
        trust = ssl.create_default_context(cadata=authority)
        with httpx.Client(verify=trust, trust_env=False) as client:
            assert "shell" in client.get(f"https://127.0.0.1:{settings.port}/").text
            notes = client.get(f"https://127.0.0.1:{ports['notes']}/")
            assert "apps/notes" in notes.text
            assert "setup_needed" not in client.get(f"https://127.0.0.1:{ports['notes']}/api/v1/server").text
            info = client.get(f"https://127.0.0.1:{settings.port}/api/v1/server").json()
            assert info["app_origin_template"] is None
            assert info["app_origins"]["notes"] == f"https://127.0.0.1:{ports['notes']}"
    key = chosen.data_dir / "tls" / "ca.key"
    assert key.stat().st_mode & 0o077 == 0


def test_an_app_keeps_its_port():
    first = assign_ports({}, ["notes", "files"], 8080)
    assert first == {"files": 8090, "notes": 8091}
    assert assign_ports(first, ["a", "notes"], 8080) == {"a": 8092, "notes": 8091}


def test_the_wildcard_form():
    place = Path("/nowhere")
    settings = Settings(place, place, place, origins="wildcard", domain="cloud.example")
    origins = Origins(settings)
    assert origins.shell == "https://cloud.example"
    assert origins.app("notes") == "https://notes.apps.cloud.example"
    found = origins.place("notes.apps.cloud.example", 8080)
    assert found is not None
    assert found.app == "notes"
    assert origins.place("cloud.example:443", 8080) is not None
    assert origins.place("example", 8080) is None
