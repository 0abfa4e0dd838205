package dev.pileus.device;

import android.content.Context;
import android.os.Build;
import android.provider.Settings;
import java.util.Map;
import org.robolectric.shadows.ShadowBuild;
import org.robolectric.shadows.ShadowSystemProperties;
import org.robolectric.util.ReflectionHelpers;

/** What the device says it is. */
final class Identity {
  static final String NAME = "Pileus";

  /**
   * What Android's runtime says of itself (libcore's AndroidHardcodedSystemProperties). Libraries tell by it that
   * they are on Android, and that their further DEX files are found without their doing (2.1 and above).
   */
  private static final Map<String, String> RUNTIME =
      Map.of(
          "java.vm.name", "Dalvik",
          "java.vm.version", "2.1.0",
          "java.vm.vendor", "The Android Project",
          "java.vendor", "The Android Project",
          "java.vendor.url", "http://www.android.com/",
          "java.runtime.name", "Android Runtime",
          "java.runtime.version", "0.9",
          "java.specification.version", "0.9",
          "java.version", "0");

  private Identity() {}

  static void apply() {
    String release = Build.VERSION.RELEASE;
    ShadowBuild.setManufacturer(NAME);
    ShadowBuild.setBrand(NAME);
    ShadowBuild.setModel(NAME);
    ShadowBuild.setDevice("pileus");
    ShadowBuild.setProduct("pileus");
    ShadowBuild.setBoard("pileus");
    ShadowBuild.setHardware("pileus");
    ShadowBuild.setId("PILEUS");
    ShadowBuild.setSerial(Build.UNKNOWN);
    ShadowBuild.setTags("release-keys");
    ShadowBuild.setType("user");
    ShadowBuild.setFingerprint(
        "Pileus/pileus/pileus:" + release + "/PILEUS/1:user/release-keys");
    ReflectionHelpers.setStaticField(Build.class, "DISPLAY", "Pileus 1");
    ReflectionHelpers.setStaticField(Build.class, "HOST", "pileus");
    ReflectionHelpers.setStaticField(Build.class, "USER", "pileus");
    ReflectionHelpers.setStaticField(Build.class, "BOOTLOADER", Build.UNKNOWN);
    // The same, as apps read it past Build.
    for (String name : new String[] {"name", "device", "board"}) {
      ShadowSystemProperties.override("ro.product." + name, "pileus");
    }
    for (String name : new String[] {"manufacturer", "brand", "model"}) {
      ShadowSystemProperties.override("ro.product." + name, NAME);
    }
    ShadowSystemProperties.override("ro.hardware", "pileus");
    ShadowSystemProperties.override("ro.build.id", "PILEUS");
    ShadowSystemProperties.override("ro.build.display.id", Build.DISPLAY);
    ShadowSystemProperties.override("ro.build.tags", Build.TAGS);
    ShadowSystemProperties.override("ro.build.type", Build.TYPE);
    ShadowSystemProperties.override("ro.build.fingerprint", Build.FINGERPRINT);
    ShadowSystemProperties.override("ro.build.characteristics", "default");
    RUNTIME.forEach(System::setProperty);
    String agent = "Dalvik/2.1.0 (Linux; U; Android " + release + "; " + NAME + " Build/PILEUS)";
    System.setProperty("http.agent", agent);
    ShadowBuild.setSupportedAbis(new String[0]);
    ShadowBuild.setSupported32BitAbis(new String[0]);
    ShadowBuild.setSupported64BitAbis(new String[0]);
  }

  /** A number of sixteen hexadecimal digits that stays the same for this account and app. */
  static void name(Context context, String account) {
    long mark = 0xcbf29ce484222325L;
    for (char one : (account + "/" + context.getPackageName()).toCharArray()) {
      mark = (mark ^ one) * 0x100000001b3L;
    }
    Settings.Secure.putString(
        context.getContentResolver(), Settings.Secure.ANDROID_ID, String.format("%016x", mark));
  }
}
