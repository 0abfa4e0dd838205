package dev.pileus.host;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.zip.ZipFile;

/**
 * The app's classes, above the framework's and shut off from the host's. The framework and the host share the
 * system's loader (so that an archive can hold them); an app sees of it what a device has.
 */
public final class AppClassLoader extends URLClassLoader {
  /** Where the framework's own class comes before one of the app with its name. */
  private static final String[] FRAMEWORK = {
    "android.", "com.android.internal.", "dalvik.", "java.", "javax.", "libcore.", "org.apache.http.",
    "org.json.", "org.w3c.dom.", "org.xml.sax.", "org.xmlpull.v1.",
  };

  /** Parts of the host, and libraries of its own, that an app has to bring itself. */
  private static final String[] HOST = {
    "androidx.", "com.almworks.", "com.google.", "com.ibm.icu.", "dev.pileus.", "javax.inject.", "org.bouncycastle.",
    "org.conscrypt.", "org.jspecify.", "org.junit.", "org.objectweb.asm.", "org.robolectric.", "org.yaml.",
  };

  private static final AppClassLoader INSTANCE = new AppClassLoader();
  private final List<ZipFile> jars = Collections.synchronizedList(new ArrayList<>());

  static {
    registerAsParallelCapable();
  }

  private AppClassLoader() {
    super("app", new URL[0], AppClassLoader.class.getClassLoader());
  }

  /** The one of this process. */
  public static AppClassLoader instance() {
    return INSTANCE;
  }

  /** Adds the app's translated classes; before its first class is asked for. */
  public void addApp(List<Path> paths) throws IOException {
    for (Path path : paths) {
      jars.add(new ZipFile(path.toFile(), ZipFile.OPEN_READ));
      addURL(path.toUri().toURL());
    }
  }

  /** What {@code Class.forName} is for the framework build's own code: the app's classes count as its own. */
  public static Class<?> forName(String name) throws ClassNotFoundException {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException missing) {
      return Class.forName(name, true, INSTANCE);
    }
  }

  /** The loader that framework code means when it asks for that of one of its classes. */
  public static ClassLoader of(Class<?> type) {
    ClassLoader own = type.getClassLoader();
    return own == AppClassLoader.class.getClassLoader() ? INSTANCE : own;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      Class<?> found = findLoadedClass(name);
      if (found != null) {
        return found;
      }
      if (!has(name)) {
        if (starts(name, HOST)) {
          throw new ClassNotFoundException(name);
        }
        return getParent().loadClass(name);
      }
      if (starts(name, FRAMEWORK)) {
        try {
          return getParent().loadClass(name);
        } catch (ClassNotFoundException own) {
          return findClass(name);
        }
      }
      return findClass(name);
    }
  }

  @Override
  public URL getResource(String name) {
    URL own = findResource(name);
    return own != null ? own : getPlatformClassLoader().getResource(name);
  }

  @Override
  public Enumeration<URL> getResources(String name) throws IOException {
    List<URL> all = Collections.list(findResources(name));
    all.addAll(Collections.list(getPlatformClassLoader().getResources(name)));
    return Collections.enumeration(all);
  }

  private boolean has(String name) {
    String entry = name.replace('.', '/').concat(".class");
    for (ZipFile jar : jars) {
      if (jar.getEntry(entry) != null) {
        return true;
      }
    }
    return false;
  }

  private static boolean starts(String name, String[] prefixes) {
    for (String prefix : prefixes) {
      if (name.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }
}
