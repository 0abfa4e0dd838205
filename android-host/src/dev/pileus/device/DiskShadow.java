package dev.pileus.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;

/**
 * How much room there is, whatever the path: the app's own disk, as its sandbox bounds it, and no more than the
 * machine has left.
 */
@Implements(className = "android.os.StatFs")
public class DiskShadow {
  private static final long BLOCK = 4096;
  private static final long MEASURED_FOR = 5_000_000_000L;

  private static Path folder = Path.of("/");
  private static long bound = Long.MAX_VALUE;
  private static long used;
  private static long measured;

  private long total;
  private long free;

  /** The app's folder, and the most that it may hold in bytes. */
  static synchronized void bind(Path place, long most) {
    folder = place;
    bound = most;
    measured = 0;
  }

  @Implementation
  protected void __constructor__(String path) {
    restat(path);
  }

  @Implementation
  protected void restat(String path) {
    if (!Files.exists(Path.of(path))) {
      throw new IllegalArgumentException("Invalid path: " + path);
    }
    measure();
  }

  @Implementation
  protected int getBlockSize() {
    return (int) BLOCK;
  }

  @Implementation
  protected long getBlockSizeLong() {
    return BLOCK;
  }

  @Implementation
  protected int getBlockCount() {
    return (int) getBlockCountLong();
  }

  @Implementation
  protected long getBlockCountLong() {
    return total / BLOCK;
  }

  @Implementation
  protected int getFreeBlocks() {
    return (int) getAvailableBlocksLong();
  }

  @Implementation
  protected long getFreeBlocksLong() {
    return getAvailableBlocksLong();
  }

  @Implementation
  protected int getAvailableBlocks() {
    return (int) getAvailableBlocksLong();
  }

  @Implementation
  protected long getAvailableBlocksLong() {
    return free / BLOCK;
  }

  @Implementation
  protected long getFreeBytes() {
    return free;
  }

  @Implementation
  protected long getAvailableBytes() {
    return free;
  }

  @Implementation
  protected long getTotalBytes() {
    return total;
  }

  private void measure() {
    synchronized (DiskShadow.class) {
      try {
        if (measured == 0 || System.nanoTime() - measured > MEASURED_FOR) {
          used = size(folder);
          measured = System.nanoTime();
        }
        FileStore store = Files.getFileStore(folder);
        total = Math.min(bound, store.getTotalSpace());
        free = Math.max(0, Math.min(total - used, store.getUsableSpace()));
      } catch (IOException gone) {
        throw new UncheckedIOException(gone);
      }
    }
  }

  private static long size(Path top) throws IOException {
    long[] sum = new long[1];
    Files.walkFileTree(
        top,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes about) {
            sum[0] += about.size();
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
          }
        });
    return sum[0];
  }
}
