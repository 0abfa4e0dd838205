package dev.pileus.host;

import java.nio.file.Path;
import java.util.List;
import org.robolectric.manifest.AndroidManifest;

/** The manifest of an app that is not known yet: the sandbox is set up first, the app comes later. */
public final class LateManifest extends AndroidManifest {
  private volatile Path apk;
  private volatile String packageName = "dev.pileus.spare";
  private volatile int targetSdk = 36;

  public LateManifest() {
    super(null, null, null, List.of(), "dev.pileus.spare", null);
  }

  public void choose(Path apk, String packageName, int targetSdk) {
    this.apk = apk;
    this.packageName = packageName;
    this.targetSdk = targetSdk;
  }

  @Override
  public Path getApkFile() {
    return apk;
  }

  @Override
  public String getPackageName() {
    return packageName;
  }

  @Override
  public int getTargetSdkVersion() {
    return targetSdk;
  }

  @Override
  public String getAppComponentFactory() {
    return null;
  }

  @Override
  public String getApplicationName() {
    return null;
  }
}
