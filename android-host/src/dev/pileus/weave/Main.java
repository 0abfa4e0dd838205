package dev.pileus.weave;

import dev.pileus.clock.WallClock;
import dev.pileus.host.Boot;
import dev.pileus.host.Fakes;
import dev.pileus.host.Framework;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.objectweb.asm.ClassReader;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.config.ConfigurationRegistry;
import org.robolectric.internal.bytecode.Interceptors;
import org.robolectric.util.ReflectionHelpers;

/**
 * Writes the framework anew with each call of its bound to what it ends in: {@code Main TARGET FRAMEWORK JAR...},
 * where JAR are those with classes that replace parts of it. It takes the place of the framework's own jar and of
 * Bouncy Castle's on the host's class path: each process holds the directory of every jar there in its heap. Prints
 * {@code progress 0.5} and, last, what it did.
 */
public final class Main {
  /** Java's own, of no use in an app's process, or read from where it was unpacked. */
  private static final List<String> LEFT_OUT =
      List.of(
          "META-INF/", "java/", "org/w3c/", "org/xml/sax/", "res/", "javax/xml/", "assets/", "fonts/", "hyphen-data/",
          "icu/", "native/");

  private static final List<String> NOTES = List.of("/", ".uau", ".xml", ".arsc", ".md", ".kotlin_builtins");

  /** Of the system server there is what the framework's classes name, and what that names beside itself. */
  private static final Pattern SERVER = Pattern.compile("com/android/server/[\\w/$]+");

  private final Path target;
  private final Path framework;
  private final List<Path> replacing;

  private Main(String[] arguments) {
    target = Path.of(arguments[0]);
    framework = Path.of(arguments[1]);
    replacing = new ArrayList<>();
    for (int i = 2; i < arguments.length; i++) {
      replacing.add(Path.of(arguments[i]));
    }
  }

  public static void main(String[] arguments) throws Exception {
    new Main(arguments).run();
  }

  private void run() throws Exception {
    Boot.connect();
    ReflectionHelpers.setStaticField(
        ConfigurationRegistry.class, "instance", new ConfigurationRegistry(Boot.modes("")));
    ReflectionHelpers.setStaticField(RuntimeEnvironment.class, "apiLevel", Framework.RELEASE);
    Map<String, String> supers = new HashMap<>();
    try (ZipFile whole = new ZipFile(framework.toFile());
        OutputStream file = new BufferedOutputStream(Files.newOutputStream(target), 1 << 20);
        ZipOutputStream out = new ZipOutputStream(file)) {
      out.setLevel(Deflater.BEST_SPEED);
      List<ZipEntry> wanted = new ArrayList<>(entries(whole));
      Set<String> server = server(whole, wanted);
      wanted.removeIf(
          entry -> SERVER.matcher(entry.getName()).lookingAt() && !server.contains(entry.getName()));
      for (ZipEntry entry : wanted) {
        if (entry.getName().endsWith(".class")) {
          ClassReader reader = new ClassReader(read(whole, entry));
          supers.put(reader.getClassName(), reader.getSuperName());
        }
      }
      Interceptors interceptors = new Interceptors(WallClock.interceptors());
      Bindings bindings =
          new Bindings(
              Fakes.map(), Fakes.matcher(Framework.RELEASE), interceptors, Fakes.names(), supers);
      FrameworkWeaver weaver = new FrameworkWeaver(bindings, new Intrinsics(interceptors));
      Set<String> companions = new HashSet<>();
      for (String name : supers.keySet()) {
        Bindings.Pair pair = bindings.pair(name);
        if (pair != null) {
          companions.add(pair.shadow().getName().replace('.', '/') + ".class");
        }
      }
      for (Path jar : replacing) {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
          for (ZipEntry entry : entries(zip)) {
            String name = entry.getName();
            if (name.startsWith("org/bouncycastle/")) {
              // Copied: a signed jar is verified at each start, and an archive takes no class of it.
              write(out, name, read(zip, entry));
            } else if (name.endsWith(".class")
                && (name.startsWith("org/robolectric/") || companions.contains(name))) {
              write(out, name, ShadowWeaver.weave(read(zip, entry), companions.contains(name)));
            }
          }
        }
      }
      int done = 0;
      for (ZipEntry entry : wanted) {
        byte[] bytes = read(whole, entry);
        boolean code = entry.getName().endsWith(".class");
        write(out, entry.getName(), code ? weaver.weave(bytes) : bytes);
        if (++done % 1000 == 0) {
          System.out.println("progress " + (float) done / wanted.size());
        }
      }
      System.out.println("bound " + weaver.bound + ", left " + weaver.left);
    }
  }

  private static List<ZipEntry> entries(ZipFile zip) {
    List<ZipEntry> found = new ArrayList<>();
    for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
      ZipEntry entry = all.nextElement();
      String name = entry.getName();
      if (LEFT_OUT.stream().noneMatch(name::startsWith) && NOTES.stream().noneMatch(name::endsWith)) {
        found.add(entry);
      }
    }
    return found;
  }

  private static Set<String> server(ZipFile whole, List<ZipEntry> wanted) throws IOException {
    Set<String> found = new HashSet<>();
    ArrayDeque<String> left = new ArrayDeque<>();
    for (ZipEntry entry : wanted) {
      if (entry.getName().endsWith(".class") && !SERVER.matcher(entry.getName()).lookingAt()) {
        left.addAll(named(whole, entry));
      }
    }
    while (!left.isEmpty()) {
      String name = left.pop();
      ZipEntry entry = whole.getEntry(name);
      if (entry != null && found.add(name)) {
        String beside = name.substring(0, name.lastIndexOf('/') + 1);
        for (String other : named(whole, entry)) {
          if (other.lastIndexOf('/') < beside.length() && other.startsWith(beside)) {
            left.add(other);
          }
        }
      }
    }
    return found;
  }

  /** The entries of the server's classes that a class names. */
  private static Set<String> named(ZipFile whole, ZipEntry entry) throws IOException {
    Set<String> names = new HashSet<>();
    Matcher matcher = SERVER.matcher(new String(read(whole, entry), StandardCharsets.ISO_8859_1));
    while (matcher.find()) {
      names.add(matcher.group() + ".class");
    }
    return names;
  }

  private static byte[] read(ZipFile zip, ZipEntry entry) throws IOException {
    try (InputStream stream = zip.getInputStream(entry)) {
      return stream.readAllBytes();
    }
  }

  private static void write(ZipOutputStream out, String name, byte[] bytes) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTime(0);
    out.putNextEntry(entry);
    out.write(bytes);
    out.closeEntry();
  }
}
