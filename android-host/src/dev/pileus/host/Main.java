package dev.pileus.host;

import dev.pileus.device.Device;
import dev.pileus.device.Rehearsal;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Runs one Android app on this JVM: {@code Main --socket PATH [--rehearse]}. Ready before it knows the app; one
 * that rehearses has run another before.
 */
public final class Main {
  /** Of a display that an app has before its own is known. */
  public static final String QUALIFIERS = "w320dp-h533dp-port-notnight-hdpi";

  private static final String NAME = "main";
  /** As on a device: deep view trees and recursive layouts fit. */
  private static final long STACK_BYTES = 8 << 20;

  public static void main(String[] arguments) throws Exception {
    long began = System.nanoTime();
    Path socket = Path.of(arguments[1]);
    boolean rehearse = arguments.length > 2 && arguments[2].equals("--rehearse");
    Thread main = new Thread(new ThreadGroup(NAME), () -> run(socket, rehearse, began), NAME, STACK_BYTES);
    main.start();
    main.join();
    System.exit(1);
  }

  private static void run(Path socket, boolean rehearse, long began) {
    try {
      LateManifest manifest = new LateManifest();
      Boot boot = Boot.prepare(QUALIFIERS, manifest);
      if (rehearse) {
        Rehearsal.run(boot, manifest);
      }
      Device device = new Device(manifest);
      Link link = new Link(socket);
      link.send(
          0xC0,
          "{\"engine\":\"android\",\"version\":1,\"pid\":"
              + ProcessHandle.current().pid()
              + ",\"boot_ms\":"
              + (System.nanoTime() - began) / 1_000_000
              + ",\"offers\":[\"touch\",\"keys\",\"text\",\"clipboard\",\"resize\",\"scroll\",\"freeze\"]}");
      ByteBuffer first = link.read();
      if (first == null) {
        System.exit(0);
      }
      if ((first.get() & 0xFF) != 0x80) {
        throw new IllegalStateException("the first message has to be START");
      }
      Thread.currentThread().setContextClassLoader(AppClassLoader.instance());
      device.accept(Link.text(first), link);
      System.exit(0);
    } catch (Throwable broken) {
      // Halted, since other threads would keep a machine alive that nobody hears of any more.
      broken.printStackTrace();
      Runtime.getRuntime().halt(70);
    }
  }
}
