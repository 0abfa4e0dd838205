package dev.pileus.host;

import java.nio.file.Files;
import java.nio.file.Path;
import org.robolectric.pluginapi.Sdk;

/** The one Android release that is here: its classes on the class path, its resources in the jar. */
public final class Framework extends Sdk {
  public static final int RELEASE = 36;
  private final Path jar;

  public Framework(Path jar) {
    super(RELEASE);
    this.jar = jar;
  }

  /** The one that {@code -Dpileus.framework} names. */
  public static Framework given() {
    return new Framework(Path.of(System.getProperty("pileus.framework")));
  }

  @Override
  public Path getJarPath() {
    return jar;
  }

  @Override
  public String getAndroidVersion() {
    return "16";
  }

  @Override
  public String getAndroidCodeName() {
    return "REL";
  }

  @Override
  public boolean isSupported() {
    return Files.exists(jar);
  }

  @Override
  public String getUnsupportedMessage() {
    return jar + " is missing";
  }

  @Override
  public void verifySupportedSdk(String user) {}
}
