package dev.pileus.translate;

import dev.pileus.translate.dex.BadDex;
import dev.pileus.translate.dex.Dex;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.objectweb.asm.ClassReader;

/**
 * Translates files that make no sense, each within some seconds: {@code Judge FILE...} prints a line for each,
 * {@code bad SENTENCE}, {@code made CLASSES FAILURES}, or what must not be, {@code crash} and {@code endless}.
 */
public final class Judge {
  private static final long PATIENCE = 30_000;

  public static void main(String[] arguments) throws Exception {
    for (String file : arguments) {
      String[] said = {"endless"};
      Thread thread = new Thread(null, () -> said[0] = judge(Path.of(file)), file, 1 << 20);
      thread.setDaemon(true);
      thread.start();
      thread.join(PATIENCE);
      System.out.println(Path.of(file).getFileName() + " " + said[0].replace('\n', ' '));
    }
    System.exit(0);
  }

  private static String judge(Path file) {
    try (Framework library = new Framework(null)) {
      Translation translation = new Translation(Dex.read(Files.readAllBytes(file)), library);
      Map<String, byte[]> made = translation.run(1, part -> {});
      for (byte[] one : made.values()) {
        new ClassReader(one);
      }
      return "made " + made.size() + " " + translation.failures().size();
    } catch (BadDex cause) {
      return "bad " + cause.getMessage();
    } catch (Throwable cause) {
      return "crash " + cause + " at " + (cause.getStackTrace().length > 0 ? cause.getStackTrace()[0] : "");
    }
  }
}
