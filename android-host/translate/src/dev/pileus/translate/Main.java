package dev.pileus.translate;

import dev.pileus.translate.dex.BadDex;
import dev.pileus.translate.dex.Dex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Translates a package's DEX code to JVM classes: {@code Main IN.apk OUT.jar [FRAMEWORK.jar]}; IN may be a
 * DEX file too. Prints lines {@code progress 0.42} and, for each member that has no translation,
 * {@code failed {json}}; such a method throws when it is called. Exits with 1 and a sentence on a package
 * that cannot be read.
 */
public final class Main {
  public static void main(String[] arguments) throws Exception {
    try {
      Path framework = arguments.length > 2 ? Path.of(arguments[2]) : null;
      translate(Path.of(arguments[0]), Path.of(arguments[1]), framework, 0);
    } catch (BadDex | IOException cause) {
      System.err.println("The code of the package cannot be read: " + cause.getMessage());
      System.exit(1);
    }
  }

  /** {@code portion}: how many instructions are written as one method; 0 for as many as it has room for. */
  static void translate(Path in, Path out, Path framework, int portion)
      throws IOException, InterruptedException {
    List<Dex> files = read(in);
    try (Framework library = new Framework(framework)) {
      Translation translation = new Translation(files, library, portion);
      double[] told = {0};
      Map<String, byte[]> made =
          translation.run(
              Runtime.getRuntime().availableProcessors(),
              part -> {
                if (part - told[0] >= 0.01) {
                  told[0] = part;
                  System.out.println(String.format(Locale.ROOT, "progress %.3f", part * 0.95));
                }
              });
      write(made, out);
      for (String[] failure : translation.failures()) {
        System.out.println(
            "failed {\"member\": " + Json.text(failure[0]) + ", \"why\": " + Json.text(failure[1]) + "}");
      }
    }
    System.out.println("progress 1.0");
  }

  /** The DEX files: classes.dex, classes2.dex and so on, up to the first that is not there. */
  private static List<Dex> read(Path in) throws IOException {
    List<Dex> found = new ArrayList<>();
    byte[] head = new byte[4];
    try (var stream = Files.newInputStream(in)) {
      stream.readNBytes(head, 0, 4);
    }
    if (head[0] == 'd' && head[1] == 'e' && head[2] == 'x' && head[3] == '\n') {
      found.addAll(Dex.read(Files.readAllBytes(in)));
      return found;
    }
    try (ZipFile apk = new ZipFile(in.toFile())) {
      for (int i = 1; ; i++) {
        ZipEntry entry = apk.getEntry(i == 1 ? "classes.dex" : "classes" + i + ".dex");
        if (entry == null) {
          return found;
        }
        try (var stream = apk.getInputStream(entry)) {
          found.addAll(Dex.read(stream.readAllBytes()));
        }
      }
    }
  }

  private static void write(Map<String, byte[]> made, Path out) throws IOException {
    try (ZipOutputStream jar =
        new ZipOutputStream(new java.io.BufferedOutputStream(Files.newOutputStream(out), 1 << 16))) {
      jar.setMethod(ZipOutputStream.STORED);
      CRC32 sum = new CRC32();
      for (Map.Entry<String, byte[]> one : made.entrySet()) {
        ZipEntry entry = new ZipEntry(one.getKey() + ".class");
        sum.reset();
        sum.update(one.getValue());
        entry.setSize(one.getValue().length);
        entry.setCrc(sum.getValue());
        entry.setTime(0);
        jar.putNextEntry(entry);
        jar.write(one.getValue());
        jar.closeEntry();
      }
    }
  }
}
