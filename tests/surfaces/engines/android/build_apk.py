"""Builds the sample apps of `apps/NAME` (AndroidManifest.xml and src; no resources).

Java is compiled by ecj, translated to DEX by D8, the manifest written as binary XML, and the whole signed with
a throw-away key. What was built is kept below the cache folder by the content that it was built from.
"""

from __future__ import annotations

import base64
import hashlib
import os
import struct
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as Tree

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from pileus.core.settings import Settings
from pileus.surfaces.engines.android import axml, chunks, jars, java

APPS = Path(__file__).parent / "apps"
MIN_API = "30"

_ANDROID = "{http://schemas.android.com/apk/res/android}"
_IDS = {name: number for number, name in axml.ATTRIBUTES.items()}


def build(name: str, code: str | None = None, **extra: bytes) -> Path:
    """The signed package of a sample, with the code of another one where it has none (`code`); `extra` are further
    entries (`__` in a name stands for `/`)."""
    folders = dict.fromkeys((name, code or name))
    sources = [path for one in folders for path in sorted((APPS / one).rglob("*")) if path.is_file()]
    parts = [Path(__file__).read_bytes(), *(path.read_bytes() for path in sources), *extra.values()]
    mark = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:20]
    target = kept(f"{name}-{mark}.apk")
    if target.exists():
        return target
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        classes = compiled(code or name, Path(folder) / "classes")
        entries = {"AndroidManifest.xml": manifest((APPS / name / "AndroidManifest.xml").read_text())}
        entries |= _dex(classes, Path(folder))
        entries |= {key.replace("__", "/"): content for key, content in extra.items()}
        package = Path(folder) / "app.apk"
        pack(entries, package)
        package.replace(target)
    return target


def pack(entries: dict[str, bytes], package: Path) -> None:
    """Writes a signed package of these files."""
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, content in (_signed(entries) | entries).items():
            # The framework maps the table of resources, and refuses one that is compressed.
            stored = zipfile.ZIP_STORED if key == "resources.arsc" else zipfile.ZIP_DEFLATED
            archive.writestr(key, content, stored)


def compiled(name: str, target: Path) -> Path:
    """The sample's classes as the JVM has them."""
    ecj(APPS / name / "src", target, [marks(target.with_name("marks")), framework()])
    return target


def ecj(sources: Path, target: Path, path: Sequence[Path]) -> None:
    """Compiles Java against these jars and folders of classes."""
    command = [java_command(), "-jar", str(jar("ecj-")), "-17", "-nowarn", "-proc:none"]
    command += ["-cp", os.pathsep.join(map(str, path))] if path else []
    subprocess.run([*command, "-d", str(target), str(sources)], check=True)


def marks(folder: Path) -> Path:
    """What the framework's classes are marked with, without what the marks ask of their bearers."""
    name = "org.robolectric.internal.bytecode"
    folder.mkdir(parents=True, exist_ok=True)
    for mark in ("ShadowedObject", "InstrumentedInterface"):
        (folder / f"{mark}.java").write_text(f"package {name}; public interface {mark} {{}}")
    ecj(folder, folder / "classes", [])
    return folder / "classes"


def manifest(text: str) -> bytes:
    """Binary XML of a manifest whose values are texts, whole numbers and true or false."""
    root = Tree.fromstring(text)
    known = sorted({key.removeprefix(_ANDROID) for item in root.iter() for key in item.attrib if _ANDROID in key})
    strings = list(known)

    def index(text: str) -> int:
        if text not in strings[len(known) :]:
            strings.append(text)
        return strings.index(text, len(known))

    space = index(_ANDROID.strip("{}"))
    body = b"".join(_nodes(root, known, space, index))
    ids = struct.pack(f"<{len(known)}I", *(_IDS[name] for name in known))
    content = _pool(strings) + struct.pack("<HHI", chunks.XML_MAP, 8, 8 + len(ids)) + ids + body
    return struct.pack("<HHI", chunks.XML, 8, 8 + len(content)) + content


def _nodes(item: Tree.Element, known: list[str], space: int, index) -> list[bytes]:  # type: ignore[no-untyped-def]
    attributes = b""
    # Attributes that have an id come first, by id, as the framework's search wants them.
    for key, text in sorted(
        item.attrib.items(), key=lambda pair: _IDS.get(pair[0].removeprefix(_ANDROID), 1 << 32)
    ):
        own = key.startswith(_ANDROID)
        name = known.index(key.removeprefix(_ANDROID)) if own else index(key)
        kind, data = _value(text, index)
        raw = data if kind == chunks.STRING else chunks.NONE
        attributes += struct.pack("<IIIHBBI", space if own else chunks.NONE, name, raw, 8, 0, kind, data)
    head = struct.pack("<II", 1, chunks.NONE)
    start = struct.pack("<IIHHHHHH", chunks.NONE, index(item.tag), 20, 20, len(item.attrib), 0, 0, 0)
    found = [_node(chunks.XML_START, head + start + attributes)]
    for child in item:
        found += _nodes(child, known, space, index)
    return [*found, _node(chunks.XML_END, head + struct.pack("<II", chunks.NONE, index(item.tag)))]


def _node(kind: int, content: bytes) -> bytes:
    return struct.pack("<HHI", kind, 16, 8 + len(content)) + content


def _value(text: str, index) -> tuple[int, int]:  # type: ignore[no-untyped-def]
    if text in ("true", "false"):
        return chunks.BOOLEAN, 0xFFFFFFFF if text == "true" else 0
    if text.isdigit():
        return chunks.FIRST_INT, int(text)
    return chunks.STRING, index(text)


def _pool(strings: list[str]) -> bytes:
    texts, places = b"", []
    for text in strings:
        places.append(len(texts))
        texts += struct.pack("<H", len(text)) + text.encode("utf-16-le") + b"\0\0"
    texts += bytes(-len(texts) % 4)
    start = 28 + 4 * len(strings)
    head = struct.pack("<HHIIIIII", chunks.STRING_POOL, 28, start + len(texts), len(strings), 0, 0, start, 0)
    return head + struct.pack(f"<{len(places)}I", *places) + texts


def _dex(classes: Path, folder: Path) -> dict[str, bytes]:
    files = [str(path) for path in sorted(classes.rglob("*.class"))]
    command = [
        java_command(),
        "-cp",
        str(jar("r8-")),
        "com.android.tools.r8.D8",
        "--min-api",
        MIN_API,
        "--release",
    ]
    out = folder / "dex.zip"
    libraries = ["--lib", str(java.find_java()), "--lib", str(framework())]
    libraries += ["--classpath", str(classes.with_name("marks") / "classes")]
    subprocess.run([*command, *libraries, "--output", str(out), *files], check=True)
    with zipfile.ZipFile(out) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _signed(entries: dict[str, bytes]) -> dict[str, bytes]:
    """The files of a JAR signature (scheme v1)."""
    whole = b"Manifest-Version: 1.0\r\n\r\n"
    for name, content in entries.items():
        whole += f"Name: {name}\r\nSHA-256-Digest: {_digest(content)}\r\n\r\n".encode()
    signed = f"Signature-Version: 1.0\r\nSHA-256-Digest-Manifest: {_digest(whole)}\r\n\r\n".encode()
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sample")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2060, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.NoAttributes, pkcs7.PKCS7Options.Binary]
    block = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(signed)
        .add_signer(certificate, key, hashes.SHA256())
        .sign(serialization.Encoding.DER, options)
    )
    return {"META-INF/MANIFEST.MF": whole, "META-INF/CERT.SF": signed, "META-INF/CERT.EC": block}


def _digest(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def kept(name: str) -> Path:
    """Where what was built is kept."""
    folder = _settings().cache_dir / "samples"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def framework() -> Path:
    """The framework without java.*: the compiler refuses a package that two modules have. Without its copies
    of other libraries too: some of their classes are marked twice as not to be mocked, which R8 refuses."""
    source = jar("android-all-")
    target = kept(f"{source.stem}-for-apps.jar")
    if not target.exists():
        half = Path(tempfile.mkstemp(dir=target.parent)[1])
        wanted = ("android/", "com/android/internal/", "javax/microedition/", "org/json/")
        copies = ("android/media/internal/", "android/net/connectivity/")
        with zipfile.ZipFile(source) as whole, zipfile.ZipFile(half, "w", zipfile.ZIP_STORED) as part:
            for name in whole.namelist():
                if name.startswith(wanted) and name.endswith(".class") and not name.startswith(copies):
                    part.writestr(name, whole.read(name))
        half.replace(target)
    return target


def jar(beginning: str) -> Path:
    """A jar of the Android host or its tools by how its name begins."""
    store = jars.jar_store(_settings())
    return next(store.path(item) for item in store.manifest.jars if item.name.startswith(beginning))


def libraries() -> Path:
    """The folder of the jars that only samples use."""
    return jars.library_folder(_settings())


def java_command() -> str:
    return str(java.find_java() / "bin" / "java")


def _settings() -> Settings:
    cache = Path(os.environ.get("PILEUS_CACHE_DIR") or Path.home() / ".cache/pileus")
    return Settings(data_dir=cache / "probe", runtime_dir=cache, cache_dir=cache)
