package dev.pileus.host;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.robolectric.internal.AndroidSandbox;

/** Runs one Android app on this JVM: {@code Main --socket PATH}. Ready before it knows the app. */
public final class Main {
  public static void main(String[] arguments) {
    try {
      run(arguments);
    } catch (Throwable cause) {
      // The sandbox's own threads would keep a machine alive that nobody hears of any more.
      cause.printStackTrace();
      Runtime.getRuntime().halt(70);
    }
    System.exit(0);
  }

  private static void run(String[] arguments) throws Exception {
    long began = System.nanoTime();
    Path socket = Path.of(arguments[1]);
    Boot boot = new Boot();
    boot.prepare("w320dp-h533dp-port-notnight-hdpi");
    AndroidSandbox sandbox = boot.sandbox;
    Class<?> type =
        sandbox.getRobolectricClassLoader().loadClass("dev.pileus.device.Device");
    @SuppressWarnings("unchecked")
    java.util.function.BiConsumer<String, Link> device =
        (java.util.function.BiConsumer<String, Link>)
            sandbox.runOnMainThread(
                () ->
                    type.getConstructor(LateManifest.class)
                        .newInstance(boot.manifest));
    Link link = new Link(socket);
    link.send(
        0xC0,
        "{\"engine\":\"android\",\"version\":1,\"pid\":"
            + ProcessHandle.current().pid()
            + ",\"boot_ms\":"
            + (System.nanoTime() - began) / 1_000_000
            + ",\"offers\":[\"touch\",\"keys\",\"text\",\"clipboard\",\"resize\",\"scroll\"]}");
    ByteBuffer first = link.read();
    if (first == null) {
      return;
    }
    if ((first.get() & 0xFF) != 0x80) {
      throw new IllegalStateException("the first message has to be START");
    }
    String start = Link.text(first);
    sandbox.runOnMainThreadWithClassLoader(() -> device.accept(start, link));
  }
}
