package dev.pileus.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.robolectric.util.TempDirectory;

/** Puts the app's files, databases and preferences into its kept folder, under steady names. */
final class DataFolder extends TempDirectory {
  private final Path folder;

  DataFolder(Path folder) {
    super("spare");
    this.folder = folder;
  }

  @Override
  public Path create(String name) {
    return createIfNotExists(name);
  }

  @Override
  public Path createIfNotExists(String name) {
    try {
      return Files.createDirectories(folder.resolve(name));
    } catch (IOException cause) {
      throw new UncheckedIOException(cause);
    }
  }
}
