package dev.pileus.host;

import android.graphics.Typeface;
import android.text.Hyphenator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import org.robolectric.nativeruntime.DefaultNativeRuntimeLoader;
import org.robolectric.pluginapi.NativeRuntimeLoader;
import org.robolectric.util.ReflectionHelpers;

/**
 * The framework's native half, from a folder that was unpacked once for all hosts: fonts and Unicode data are
 * mapped from there, where the one for tests copies some 250 MB for each process.
 */
final class NativeRuntime extends DefaultNativeRuntimeLoader {
  /** The resources' native half, which is in the library but which Robolectric leaves to a Java one. */
  private static final List<String> RESOURCES =
      List.of(
          "android.content.res.ApkAssets",
          "android.content.res.AssetManager",
          "android.content.res.StringBlock",
          "android.content.res.XmlBlock");

  private final Path folder;

  private NativeRuntime(Path folder) {
    this.folder = folder;
  }

  /** Makes this the one that the framework loads; before it does. */
  static void use(Path folder) {
    AtomicReference<NativeRuntimeLoader> place =
        ReflectionHelpers.getStaticField(DefaultNativeRuntimeLoader.class, "nativeRuntimeLoader");
    place.set(new NativeRuntime(folder));
  }

  @Override
  public synchronized void ensureLoaded() {
    if (!loaded.compareAndSet(false, true)) {
      return;
    }
    System.setProperty("robolectric.nativeruntime.fontdir", folder.resolve("fonts") + "/");
    System.setProperty("icu.data.path", icu().toString());
    System.setProperty("icu.locale.default", Locale.getDefault().toLanguageTag());
    System.setProperty("use_base_native_hostruntime", "true");
    List<String> core = new ArrayList<>(getCoreClassNatives());
    core.addAll(RESOURCES);
    System.setProperty("core_native_classes", String.join(",", core));
    System.setProperty("graphics_native_classes", String.join(",", getGraphicsNatives()));
    System.setProperty("method_binding_format", METHOD_BINDING_FORMAT);
    System.load(folder.resolve(libraryName()).toString());
    invokeDeferredStaticInitializers();
    setNativeSystemProperty("ro.hyphen.data.dir", folder.resolve("hyphen-data").toString());
    Typeface.loadPreinstalledSystemFontMap();
    Hyphenator.init();
  }

  private Path icu() {
    try (var files = Files.newDirectoryStream(folder.resolve("icu"), "icudt*.dat")) {
      return files.iterator().next();
    } catch (java.io.IOException cause) {
      throw new java.io.UncheckedIOException(cause);
    }
  }
}
