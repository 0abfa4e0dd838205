package dev.pileus.device;

import android.content.pm.ApplicationInfo;
import android.content.pm.PackageInfo;
import android.content.pm.PackageManager;
import android.os.Bundle;
import android.os.IRemoteCallback;
import java.util.Map;
import java.util.Set;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.shadows.ShadowApplicationPackageManager;
import org.robolectric.shadows.ShadowPackageManager;
import org.robolectric.util.ReflectionHelpers;

/**
 * Answers what an application is without copying all of its activities through a parcel for it: each label of
 * each activity asks, so that a list of all of them took a second and a hundred megabytes.
 */
@Implements(className = "android.app.ApplicationPackageManager")
public class PackagesShadow extends ShadowApplicationPackageManager {
  private static final Map<String, PackageInfo> PACKAGES = field("packageInfos");
  private static final Map<String, Integer> SWITCHED = field("applicationEnabledSettingMap");

  /** Packages come and go while no app runs; nobody has to be told. Share menus ask for it. */
  @Implementation
  protected void registerPackageMonitorCallback(IRemoteCallback callback, int user) {}

  @Implementation
  protected void unregisterPackageMonitorCallback(IRemoteCallback callback) {}

  @Implementation
  @Override
  protected String getPermissionControllerPackageName() {
    return "com.android.permissioncontroller";
  }

  @Implementation
  @Override
  protected ApplicationInfo getApplicationInfo(String name, int flags)
      throws PackageManager.NameNotFoundException {
    PackageInfo whole = PACKAGES.get(name);
    if (whole == null
        || whole.applicationInfo == null
        || (whole.applicationInfo.flags & ApplicationInfo.FLAG_INSTALLED) == 0
        || SWITCHED.getOrDefault(name, PackageManager.COMPONENT_ENABLED_STATE_DEFAULT)
            != PackageManager.COMPONENT_ENABLED_STATE_DEFAULT
        || deletedOrHidden(name)
        || (flags & PackageManager.MATCH_FACTORY_ONLY) != 0) {
      return super.getApplicationInfo(name, flags);
    }
    ApplicationInfo copy = new ApplicationInfo(whole.applicationInfo);
    copy.metaData = copy.metaData == null ? null : new Bundle(copy.metaData);
    return copy;
  }

  private static boolean deletedOrHidden(String name) {
    return PackagesShadow.<Set<String>>field("deletedPackages").contains(name)
        || PackagesShadow.<Set<String>>field("hiddenPackages").contains(name);
  }

  private static <T> T field(String name) {
    return ReflectionHelpers.getStaticField(ShadowPackageManager.class, name);
  }
}
