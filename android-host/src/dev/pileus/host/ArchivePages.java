package dev.pileus.host;

import dev.pileus.binder.Posix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The pages of the archive of classes. The kernel maps those around each that is read, so that a process soon has all
 * of them; at rest it needs few.
 */
final class ArchivePages {
  private static final Path MAPPINGS = Path.of("/proc/self/smaps");
  private static final Pattern READ_ONLY =
      Pattern.compile("(?<from>[0-9a-f]+)-(?<to>[0-9a-f]+) r--p .*\\.aot");

  private ArchivePages() {}

  /** Lets go of the read-only ones; they stay in the machine's page cache, and other processes keep theirs. */
  static void release() {
    try {
      Matcher mapping = null;
      for (String line : Files.readAllLines(MAPPINGS)) {
        if (line.endsWith(".aot")) {
          mapping = READ_ONLY.matcher(line);
        } else if (mapping != null && line.startsWith("Anonymous:")) {
          // Had the archive been moved, its pages would be copies that exist nowhere else.
          if (mapping.matches() && line.replaceAll("\\D", "").equals("0")) {
            Posix.unmap(
                Long.parseLong(mapping.group("from"), 16), Long.parseLong(mapping.group("to"), 16));
          }
          mapping = null;
        }
      }
    } catch (IOException unreadable) {
      unreadable.printStackTrace();
    }
  }
}
