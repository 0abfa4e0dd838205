"""Which classes an app sees: the framework's, then its own, and none of the host's."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from pileus.core.settings import Settings
from pileus.surfaces.engines.android import java
from pileus.surfaces.engines.android.java import Runtime

pytestmark = [pytest.mark.android]

SOURCES = {
    # An app brings a Guava of its own, a class with a framework class's name, and one in android.*.
    "app/com/google/common/base/Joiner.java": "package com.google.common.base; public class Joiner {}",
    "app/org/json/JSONObject.java": "package org.json; public class JSONObject {}",
    "app/android/support/v4/app/Own.java": "package android.support.v4.app; public class Own {}",
    "app/app/Look.java": """package app;
        public class Look implements java.util.function.Function<String, String> {
          public String apply(String name) {
            try {
              ClassLoader from = Class.forName(name).getClassLoader();
              return from == Look.class.getClassLoader() ? "own" : "given";
            } catch (ClassNotFoundException none) {
              return "none";
            }
          }
        }""",
    "host/Ask.java": """import dev.pileus.host.AppClassLoader;
        public class Ask {
          public static void main(String[] names) throws Exception {
            AppClassLoader.instance().addApp(java.util.List.of(java.nio.file.Path.of(names[0])));
            var look = (java.util.function.Function<String, String>)
                AppClassLoader.forName("app.Look").getConstructor().newInstance();
            for (int i = 1; i < names.length; i++) {
              System.out.println(names[i] + " " + look.apply(names[i]));
            }
            var resources = AppClassLoader.instance().getResources("META-INF/services/java.security.Provider");
            System.out.println("services " + java.util.Collections.list(resources).size());
          }
        }""",
}
EXPECTED = {
    "app.Look": "own",
    "com.google.common.base.Joiner": "own",
    "android.support.v4.app.Own": "own",
    "android.app.Activity": "given",
    "android.widget.TextView$BufferType": "given",
    "org.json.JSONObject": "given",
    "org.xmlpull.v1.XmlPullParser": "given",
    "javax.microedition.khronos.opengles.GL10": "given",
    "java.util.List": "given",
    "com.google.common.collect.ImmutableList": "none",
    "org.robolectric.RuntimeEnvironment": "none",
    "org.robolectric.shadows.ShadowView": "none",
    "org.objectweb.asm.ClassReader": "none",
    "org.bouncycastle.jce.provider.BouncyCastleProvider": "none",
    "dev.pileus.host.Link": "none",
    "dev.pileus.device.Device": "none",
}


@pytest.fixture(scope="module")
def runtime() -> Runtime:
    return java.runtime(Settings.from_env())


def test_an_app_sees_the_framework_and_itself_and_nothing_of_the_host(runtime: Runtime, tmp_path: Path) -> None:
    for name, source in SOURCES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source)
    command = runtime.host("/nowhere", str(tmp_path))
    path = command[command.index("-cp") + 1]
    (compiler,) = runtime.store.paths("build")
    for part, libraries in (("app", str(tmp_path)), ("host", str(runtime.host_jar))):
        out = ["-d", str(tmp_path / f"{part}-classes"), "-cp", libraries, str(tmp_path / part)]
        subprocess.run([runtime.java, "-jar", str(compiler), "-25", "-nowarn", "-proc:none", *out], check=True)
    jar = _jar(tmp_path / "app-classes", tmp_path / "app.jar")
    asked = [runtime.java, "-cp", f"{path}:{tmp_path / 'host-classes'}", "Ask", str(jar), *EXPECTED]
    done = subprocess.run(asked, check=True, capture_output=True, text=True)
    said = dict(line.split() for line in done.stdout.splitlines())
    assert said == {**EXPECTED, "services": "0"}


def _jar(classes: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as made:
        for file in classes.rglob("*.class"):
            made.write(file, file.relative_to(classes).as_posix())
    return target
