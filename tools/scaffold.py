"""Write the skeleton of a service, a web app or a capability of the handset, with its mirrored test:
`make new-service NAME=x`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAME = re.compile(r"[a-z][a-z0-9]{1,30}")

SERVICE = {
    "src/pileus/cloud/services/{name}/__init__.py": '"""The {name} service."""\n',
    "src/pileus/cloud/services/{name}/service.toml": """name = "{name}"
description = "Say in one sentence what it keeps."
priority = 50

[collections."{name}.item"]
merge = "fields"
texts = []
check = "rules:check_item"
""",
    "src/pileus/cloud/services/{name}/rules.py": '''"""The rules of the {name} service: no framework, no I/O."""

from __future__ import annotations

from collections.abc import Mapping

from pileus.core.errors import Invalid

MAX_TITLE_BYTES = 1024


def check_item(fields: Mapping[str, object]) -> None:
    """Refuse what can't be kept: raises Invalid."""
    title = fields.get("title", "")
    if not isinstance(title, str) or len(title.encode()) > MAX_TITLE_BYTES:
        raise Invalid("{name}-title", f"A title is a text of at most {{MAX_TITLE_BYTES}} bytes.")
''',
    "src/pileus/cloud/services/{name}/routes.py": '''"""HTTP of the {name} service, below /api/v1."""

from __future__ import annotations

from pileus.cloud.kernel.service import Operation, ServiceContext


def operations(ctx: ServiceContext) -> list[Operation]:
    """None yet: its records travel by the journal."""
    return []
''',
    "src/pileus/cloud/services/{name}/README.md": "# {name}\n\nWhat it keeps, for whom, and its limits.\n",
    "tests/cloud/services/{name}/test_rules.py": '''"""Rules of the {name} service."""

from __future__ import annotations

import pytest

from pileus.cloud.services.{name}.rules import MAX_TITLE_BYTES, check_item
from pileus.core.errors import Invalid


def test_a_plain_title_is_kept() -> None:
    check_item({{"title": "Tea"}})


def test_a_title_over_the_bound_is_refused() -> None:
    with pytest.raises(Invalid):
        check_item({{"title": "x" * (MAX_TITLE_BYTES + 1)}})
''',
}

APP = {
    "web/apps/{name}/package.json": """{{
  "name": "@pileus/app-{name}",
  "version": "0.1.0",
  "private": true,
  "type": "module",
  "license": "Apache-2.0"
}}
""",
    "web/apps/{name}/manifest.webmanifest": """{{
  "name": "{title}",
  "short_name": "{title}",
  "start_url": "/",
  "display": "standalone",
  "background_color": "#F6F8FB",
  "theme_color": "#2F7BF6",
  "icons": [{{ "src": "icon.svg", "sizes": "any", "type": "image/svg+xml" }}],
  "pileus": {{
    "id": "{name}",
    "version": "0.1.0",
    "permissions": [],
    "collections": [],
    "names": {{ "en": "{title}", "zh": "{title}" }}
  }}
}}
""",
    "web/apps/{name}/index.html": """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
    <link rel="manifest" href="/manifest.webmanifest" />
    <title>{title}</title>
    <script type="module" src="/src/main.ts"></script>
  </head>
  <body></body>
</html>
""",
    "web/apps/{name}/public/icon.svg": """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">
  <rect width="96" height="96" fill="#2F7BF6" />
  <circle cx="48" cy="48" r="20" fill="#fff" />
</svg>
""",
    "web/apps/{name}/src/main.ts": """import {{ connect }} from '@pileus/sdk';

const heading = document.createElement('h1');
document.body.append(heading);

const phone = await connect();
heading.textContent = phone.env.locale.startsWith('zh') ? '{title}' : '{title}';
""",
    "web/apps/{name}/test/manifest.test.ts": """import {{ readFileSync }} from 'node:fs';
import {{ expect, test }} from 'vitest';

test('the manifest names the app by its folder and asks for nothing', () => {{
  const text = readFileSync(new URL('../manifest.webmanifest', import.meta.url), 'utf8');
  const manifest = JSON.parse(text);
  expect(manifest.pileus.id).toBe('{name}');
  expect(manifest.pileus.permissions).toEqual([]);
}});
""",
}


CAPABILITY = {
    "src/pileus/handset/capabilities/{name}/__init__.py": '"""The {name} of the handset."""\n',
    "src/pileus/handset/capabilities/{name}/capability.toml": """description = "Say in a sentence what it gives."
factory = "pileus.handset.capabilities.{name}.{name}:{title}"
""",
    "src/pileus/handset/capabilities/{name}/shape.py": '''"""The state of `{name}`, and what its methods take."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pileus.handset.shape import Shape

Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]


class State(Shape, frozen=True, kw_only=True):
    level: Percent = 0


class Level(msgspec.Struct):
    level: Percent
''',
    "src/pileus/handset/capabilities/{name}/rules.py": '''"""What the service's values mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pileus.handset.values import number, within


def level(said: Mapping[str, Any]) -> int:
    """Percent, whatever was said."""
    return int(within(number(said, "Level"), 0, 100))
''',
    "src/pileus/handset/capabilities/{name}/{name}.py": '''"""`{name}`: what its service knows and does."""

from __future__ import annotations

from typing import Any

from dbus_fast import Variant

from pileus.handset.capabilities.{name} import rules
from pileus.handset.capabilities.{name}.shape import Level, State
from pileus.handset.capability import Surroundings, absent, method
from pileus.handset.mirror import Mirror
from pileus.handset.shape import OnChange

SERVICE, PATH, FACE = "org.example.{title}", "/org/example/{title}", "org.example.{title}"


class {title}:
    def __init__(self, around: Surroundings) -> None:
        self._mirror = Mirror(around.system, SERVICE, changed=OnChange(self.state, around.changed))
        self._mirror.follow(PATH, FACE)

    async def start(self) -> None:
        await self._mirror.start()

    async def stop(self) -> None:
        await self._mirror.stop()

    def state(self) -> dict[str, Any]:
        if self._mirror.why:
            return absent(self._mirror.why)
        return State(level=rules.level(self._mirror.of(PATH, FACE))).plain()

    @method
    async def set(self, wish: Level) -> None:
        await self._mirror.set(PATH, FACE, "Level", Variant("u", wish.level))
''',
    "contracts/dbus/org.example.{title}.xml": """<!-- The address of the service's documentation -->
<node>
  <interface name="org.example.{title}">
    <property name="Level" type="u" access="readwrite"/>
  </interface>
</node>
""",
    "tests/handset/capabilities/{name}/test_{name}.py": '''"""By a service that dbusmock stands in for."""

from __future__ import annotations

from pathlib import Path

from dbus_fast import Variant

from pileus.handset.capabilities.{name}.{name} import FACE, PATH, SERVICE, {title}
from pileus.handset.capabilities.{name}.rules import level
from tests.handset.mocks import bare
from tests.handset.worlds import run, started, world


def test_a_level_is_shown_and_set(address: str, short: Path) -> None:
    async def story() -> None:
        with bare(address, SERVICE, PATH, FACE, "--system"):
            async with world(address, short) as here:
                mock = here.mock(SERVICE, PATH)
                await mock.there()
                await mock.do("AddProperty", "ssv", FACE, "Level", Variant("u", 40))
                capability = {title}(here.surroundings())
                async with started(capability) as call:
                    await here.until(lambda: capability.state().get("level") == 40)
                    await call("set", level=60)
                    await here.until(lambda: capability.state()["level"] == 60)

    run(story)


def test_odd_levels_are_within_bounds() -> None:
    assert [level({{"Level": said}}) for said in (7, -1, 2**32, "x", None)] == [7, 0, 100, 0, 0]
''',
}


def main() -> int:
    kinds = {"service": SERVICE, "app": APP, "capability": CAPABILITY}
    if len(sys.argv) != 3 or sys.argv[1] not in kinds or not NAME.fullmatch(sys.argv[2]):
        print(
            "usage: make new-service NAME=x | make new-app NAME=x | make new-capability NAME=x"
            " (x: lower-case letters and digits)",
            file=sys.stderr,
        )
        return 2
    written = write_skeleton(ROOT, kinds[sys.argv[1]], sys.argv[2])
    print("\n".join(str(path) for path in written))
    return 0


def write_skeleton(root: Path, templates: dict[str, str], name: str) -> list[Path]:
    """Write the files; refuses to touch a folder that is there."""
    values = {"name": name, "title": name.capitalize()}
    files = {root / path.format(**values): text.format(**values) for path, text in templates.items()}
    taken = [path for path in files if path.exists()]
    if taken:
        raise SystemExit(f"{taken[0].relative_to(root)} exists already; nothing was written.")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [path.relative_to(root) for path in files]


if __name__ == "__main__":
    sys.exit(main())
