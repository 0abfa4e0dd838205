"""All scenes, by the campaign in whose name their kills count."""

from __future__ import annotations

from .act import Scene
from .keeping import apps, backups, beginning, upkeep
from .people import people
from .sharing import sharing, vault
from .talk import calls, messages, persons, push

SCENES: dict[str, Scene] = {
    "people": people,
    "apps": apps,
    "beginning": beginning,
    "calls": calls,
    "messages": messages,
    "persons": persons,
    "phones": backups,
    "push": push,
    "sharing": sharing,
    "upkeep": upkeep,
    "vault": vault,
}
