"""What index, keys and the store's list say of one another, told without reading data. Blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from pileus.cloud.kernel.objects.pack import pack_blob
from pileus.cloud.kernel.objects.packs import pack_name
from pileus.core.errors import NotFound

if TYPE_CHECKING:
    from pileus.cloud.kernel.objects.store import PackedObjects

SIZES = text(
    "SELECT o.id, o.area, o.size, COALESCE(t.bytes, 0), COALESCE(t.manifests, 0) FROM object AS o LEFT JOIN ("
    " SELECT p.account_id, p.area, p.object_id,"
    " SUM(CASE WHEN p.number >= 0 THEN c.plain ELSE 0 END) AS bytes,"
    " SUM(CASE WHEN p.number < 0 THEN 1 ELSE 0 END) AS manifests"
    " FROM object_part AS p JOIN object_chunk AS c ON c.id = p.chunk_id"
    " GROUP BY p.account_id, p.area, p.object_id"
    ") AS t ON t.account_id = o.account_id AND t.area = o.area AND t.object_id = o.id"
    " WHERE COALESCE(t.bytes, 0) <> o.size OR COALESCE(t.manifests, 0) <> 1"
)
OUTSIDE = text(
    "SELECT DISTINCT p.name FROM object_chunk AS c JOIN object_pack AS p ON p.id = c.pack_id"
    " WHERE c.start + c.stored > p.size"
)


def structure(objects: PackedObjects) -> list[str]:
    """The index in itself, and the keys beside the packs; a sentence for each problem."""
    problems = objects.db.read(_index)
    kept = {blob.name.rpartition("/")[2] for blob in objects.blobs.list("keys")}
    for key in missing_keys(objects, kept):
        problems.append(f"Key {key}: it does not lie beside the packs; `pileus objects repair` puts it there.")
    return problems


def stock_problems(objects: PackedObjects) -> dict[str, str]:
    """Packs that the store lacks, or has in another length: a sentence of each by its name."""
    listed = {pack_name(blob): blob.size for blob in objects.blobs.list("packs")}
    query = text("SELECT name, size FROM object_pack")
    problems = {}
    for name, size in objects.db.read(lambda conn: conn.execute(query).all()):
        found = listed.get(name)
        if found is None and _gone(objects, name):
            problems[str(name)] = "it is not in the store."
        elif found is not None and found != size:
            problems[str(name)] = f"it has {found} bytes in the store, not {size}."
    return problems


def missing_keys(objects: PackedObjects, kept: set[str]) -> list[str]:
    """Ids of areas' keys that the database has and the store lacks."""
    ids = objects.db.read(lambda conn: list(conn.execute(text("SELECT id FROM object_key")).scalars()))
    return [key.hex() for key in map(bytes, ids) if key.hex() not in kept]


def _index(conn: Connection) -> list[str]:
    sizes = conn.execute(SIZES).all()
    outside = conn.execute(OUTSIDE).scalars()
    return [
        *(
            f"Object {name} of {area}: its parts have {found} of {size} bytes, and {manifests} manifests."
            for name, area, size, found, manifests in sizes
        ),
        *(f"Pack {name}: the index names bytes behind its end." for name in outside),
    ]


def _gone(objects: PackedObjects, name: str) -> bool:
    """Asked again: the pack may have come after the list was made, or been dropped meanwhile."""
    try:
        objects.blobs.read(pack_blob(name), 0, 1)
    except NotFound:
        query = text("SELECT 1 FROM object_pack WHERE name = :name")
        return objects.db.read(lambda conn: conn.execute(query, {"name": name}).first()) is not None
    return False
