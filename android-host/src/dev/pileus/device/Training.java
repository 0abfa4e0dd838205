package dev.pileus.device;

import dev.pileus.host.Boot;
import dev.pileus.host.LateManifest;
import dev.pileus.host.Main;
import java.util.Enumeration;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** What is run once at setup, so that the classes of an app's start and of most apps go into the archive. */
public final class Training {
  /** All of these packages, but what is below them; an app may want any class of them. */
  private static final List<String> PACKAGES =
      List.of(
          "android/accounts/", "android/animation/", "android/app/", "android/app/job/", "android/content/",
          "android/content/pm/", "android/content/res/", "android/database/", "android/database/sqlite/",
          "android/graphics/", "android/graphics/drawable/", "android/graphics/text/", "android/icu/text/",
          "android/location/", "android/media/", "android/net/", "android/os/", "android/preference/",
          "android/provider/", "android/text/", "android/text/format/", "android/text/method/",
          "android/text/style/", "android/text/util/", "android/transition/", "android/util/", "android/view/",
          "android/view/accessibility/", "android/view/animation/", "android/view/autofill/",
          "android/view/inputmethod/", "android/webkit/", "android/widget/", "android/window/",
          "com/android/internal/app/", "com/android/internal/policy/", "com/android/internal/util/",
          "com/android/internal/view/", "com/android/internal/view/menu/", "com/android/internal/widget/",
          "org/json/", "org/xmlpull/v1/");

  private Training() {}

  public static void main(String[] arguments) throws Exception {
    Thread main = new Thread(null, () -> run(arguments[0]), "main", 8 << 20);
    main.start();
    main.join();
  }

  private static void run(String jar) {
    try {
      LateManifest manifest = new LateManifest();
      Rehearsal.run(Boot.prepare(Main.QUALIFIERS, manifest), manifest);
      new Device(manifest);
      System.out.println("loaded " + load(jar));
      System.exit(0);
    } catch (Throwable broken) {
      broken.printStackTrace();
      System.exit(1);
    }
  }

  private static int load(String jar) throws java.io.IOException {
    int count = 0;
    try (ZipFile zip = new ZipFile(jar)) {
      for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
        String name = all.nextElement().getName();
        if (name.endsWith(".class") && PACKAGES.contains(name.substring(0, name.lastIndexOf('/') + 1))) {
          try {
            Class.forName(
                name.substring(0, name.length() - 6).replace('/', '.'), false, Training.class.getClassLoader());
            count++;
          } catch (ClassNotFoundException | LinkageError unloadable) {
            // It names a class that this release lacks; no app can use it either.
          }
        }
      }
    }
    return count;
  }
}
