package dev.pileus.translate;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.eclipse.jdt.core.compiler.batch.BatchCompiler;

/**
 * Seeds bugs into the translator and looks whether the programs notice:
 * {@code Bugs SOURCES BUGS.txt FOLDER SAID.txt PATH DEX...}. Each bug is three paragraphs of BUGS.txt, "file:
 * name", what stands there and what is put in its place; it is compiled in front of the translator's own
 * classes. A bug of what cuts methods into parts is looked for in methods that are. Prints {@code caught NAME: by what} or {@code survived NAME}.
 */
public final class Bugs {
  private static final long PATIENCE = 10_000;
  private static final Pattern CUTS = Pattern.compile("code/(Cuts|Part|Parts)[.]java");

  /** Instructions of a part: of one, so that no block is reached but from another part, and of some. */
  private static final int[] PORTIONS = {1, 12};

  private final Path sources;
  private final Path folder;
  private final Map<String, String> expected = new HashMap<>();
  private final List<byte[]> files = new ArrayList<>();
  private final String path;

  private Bugs(String[] arguments) throws IOException {
    sources = Path.of(arguments[0]);
    folder = Path.of(arguments[2]);
    for (String part : Files.readString(Path.of(arguments[3])).split("(?m)^== ")) {
      int end = part.indexOf('\n');
      if (end > 0) {
        expected.put(part.substring(0, end), part.substring(end + 1).strip());
      }
    }
    path = arguments[4];
    for (int i = 5; i < arguments.length; i++) {
      files.add(Files.readAllBytes(Path.of(arguments[i])));
    }
  }

  public static void main(String[] arguments) throws Exception {
    Bugs bugs = new Bugs(arguments);
    String sound = bugs.noticed(null, 0);
    for (int portion : PORTIONS) {
      sound = sound == null ? bugs.noticed(null, portion) : sound;
    }
    if (sound != null) {
      throw new IllegalStateException("the translator without a bug: " + sound);
    }
    int number = 0;
    for (String bug : Files.readString(Path.of(arguments[1])).split("(?m)^----\n")) {
      String[] parts = bug.split("(?m)^==>\n", 2);
      String[] head = parts[0].split("\n", 2);
      String file = head[0].substring(0, head[0].indexOf(':'));
      String name = head[0].substring(head[0].indexOf(':') + 1).strip();
      Path made = bugs.seeded(number++, file, head[1].strip(), parts[1].strip());
      String by = null;
      for (int portion : CUTS.matcher(file).matches() ? PORTIONS : new int[1]) {
        by = by == null ? bugs.noticed(made, portion) : by;
      }
      System.out.println(by == null ? "survived " + name : "caught " + name + ": " + by);
    }
    System.exit(0);
  }

  private Path seeded(int number, String file, String old, String put) throws IOException {
    Path original = sources.resolve(file);
    String text = Files.readString(original);
    int at = text.indexOf(old);
    if (at < 0 || text.indexOf(old, at + 1) >= 0) {
      throw new IllegalStateException("not exactly once in " + file + ": " + old);
    }
    Path place = folder.resolve("bug" + number);
    Path changed = place.resolve("src").resolve(original.getFileName());
    Files.createDirectories(changed.getParent());
    Files.writeString(changed, text.substring(0, at) + put + text.substring(at + old.length()));
    Path classes = place.resolve("classes");
    StringWriter said = new StringWriter();
    PrintWriter out = new PrintWriter(said);
    String[] command = {"-25", "-nowarn", "-proc:none", "-cp", path, "-d", classes.toString(), changed.toString()};
    if (!BatchCompiler.compile(command, out, out, null)) {
      throw new IllegalStateException("does not compile: " + said);
    }
    return classes;
  }

  /** How the programs notice, or null. */
  private String noticed(Path seeded, int portion) throws Exception {
    List<URL> urls = new ArrayList<>();
    if (seeded != null) {
      urls.add(seeded.toUri().toURL());
    }
    for (String one : path.split(java.io.File.pathSeparator)) {
      urls.add(Path.of(one).toUri().toURL());
    }
    try (URLClassLoader loader =
        new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      var back = loader.loadClass("dev.pileus.translate.Back").getMethod("translate", byte[].class, int.class);
      for (byte[] dex : files) {
        @SuppressWarnings("unchecked")
        Map<String, byte[]> made = (Map<String, byte[]>) back.invoke(null, dex, portion);
        String by = differs(made);
        if (by != null) {
          return by;
        }
      }
      return null;
    } catch (java.lang.reflect.InvocationTargetException cause) {
      return cause.getCause().toString();
    }
  }

  private String differs(Map<String, byte[]> made) throws InterruptedException {
    ClassLoader loader =
        new ClassLoader(ClassLoader.getPlatformClassLoader()) {
          @Override
          protected Class<?> findClass(String name) throws ClassNotFoundException {
            byte[] file = made.get(name.replace('.', '/'));
            if (file == null) {
              throw new ClassNotFoundException(name);
            }
            return defineClass(name, file, 0, file.length);
          }
        };
    for (Map.Entry<String, String> one : expected.entrySet()) {
      if (made.containsKey(one.getKey())) {
        String said = RunAll.said(loader, one.getKey(), PATIENCE).strip();
        if (!said.equals(one.getValue())) {
          int broken = Math.max(said.lastIndexOf("\nfailed "), said.lastIndexOf("\nthrew "));
          String how = broken < 0 ? "another result" : said.substring(broken).strip();
          return one.getKey() + ": " + how.lines().findFirst().orElse("");
        }
      }
    }
    return null;
  }
}
