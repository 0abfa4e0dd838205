package dev.pileus.translate;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipFile;

/**
 * Links every class of a jar, so that the JVM's verifier reads each: {@code VerifyAll IN.jar [LIBRARY.jar...]}.
 * Prints what it refused, and the counts. A class that names others that are nowhere is counted apart.
 */
public final class VerifyAll {
  public static void main(String[] arguments) throws Exception {
    List<String> names = new ArrayList<>();
    try (ZipFile jar = new ZipFile(arguments[0])) {
      jar.stream().filter(entry -> entry.getName().endsWith(".class")).forEach(
          entry -> names.add(entry.getName().replace(".class", "").replace('/', '.')));
    }
    URL[] urls = new URL[arguments.length];
    for (int i = 0; i < urls.length; i++) {
      urls[i] = Path.of(arguments[i]).toUri().toURL();
    }
    int linked = 0;
    int lacking = 0;
    int refused = 0;
    try (URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
      for (String name : names) {
        try {
          // Asking for its methods links a class and does not run its initializer.
          Class.forName(name, false, loader).getDeclaredMethods();
          linked++;
        } catch (NoClassDefFoundError | TypeNotPresentException absent) {
          System.out.println("lacking " + name + ": " + absent.getMessage());
          lacking++;
        } catch (Throwable cause) {
          refused++;
          System.out.println("refused " + name + ": " + cause);
        }
      }
    }
    System.out.println("linked " + linked + " lacking " + lacking + " refused " + refused);
  }
}
