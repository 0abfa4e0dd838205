package dev.pileus.system;

import android.content.ComponentName;
import android.content.Context;
import android.content.IntentFilter;
import android.content.pm.ActivityInfo;
import android.content.pm.ApplicationInfo;
import android.content.pm.ComponentInfo;
import android.content.pm.PackageInfo;
import android.content.pm.ProviderInfo;
import android.content.pm.ServiceInfo;
import android.os.PatternMatcher;
import android.util.Log;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.json.JSONArray;
import org.json.JSONObject;
import org.robolectric.Shadows;
import org.robolectric.shadows.ShadowPackageManager;

/** The account's other apps, as far as this one may see them: made known to its package manager. */
final class Neighbours {
  private final Set<String> known = new HashSet<>();

  /** Asks the system, and replaces what was known. */
  synchronized void learn(Context context, SystemLink link) {
    ShadowPackageManager manager = Shadows.shadowOf(context.getPackageManager());
    List<JSONObject> packages = all(link);
    known.forEach(manager::removePackage);
    known.clear();
    for (JSONObject found : packages) {
      if (known.add(found.optString("name"))) {
        install(manager, found);
      }
    }
  }

  /** The system tells as many at once as fit a message. */
  private static List<JSONObject> all(SystemLink link) {
    List<JSONObject> found = new ArrayList<>();
    int after = 0;
    do {
      JSONObject page = link.call("packages", new Message().put("after", after)).fields;
      found.addAll(objects(page.optJSONArray("packages")));
      after = page.optInt("next");
    } while (after > 0);
    return found;
  }

  private static void install(ShadowPackageManager manager, JSONObject found) {
    PackageInfo info = new PackageInfo();
    info.packageName = found.optString("name");
    info.versionName = found.optString("version_name");
    info.setLongVersionCode(found.optLong("version_code"));
    info.requestedPermissions = texts(found.optJSONArray("requested"));
    info.requestedPermissionsFlags = new int[info.requestedPermissions.length];
    ApplicationInfo application = new ApplicationInfo();
    application.packageName = info.packageName;
    application.processName = info.packageName;
    application.uid = found.optInt("uid");
    application.targetSdkVersion = found.optInt("target_sdk");
    application.nonLocalizedLabel = found.optString("label");
    application.flags = ApplicationInfo.FLAG_INSTALLED | ApplicationInfo.FLAG_HAS_CODE;
    application.enabled = true;
    info.applicationInfo = application;
    List<JSONObject> components = objects(found.optJSONArray("components"));
    manager.installPackage(info);
    activities(components, application, "activity").forEach(manager::addOrUpdateActivity);
    activities(components, application, "receiver").forEach(manager::addOrUpdateReceiver);
    services(components, application).forEach(manager::addOrUpdateService);
    providers(components, application).forEach(manager::addOrUpdateProvider);
    for (JSONObject component : components) {
      filters(manager, new ComponentName(info.packageName, component.optString("name")), component);
    }
  }

  private static List<ActivityInfo> activities(List<JSONObject> all, ApplicationInfo application, String kind) {
    return all.stream()
        .filter(one -> one.optString("kind").equals(kind))
        .map(
            one -> {
              ActivityInfo info = fill(new ActivityInfo(), one, application);
              info.permission = one.isNull("permission") ? null : one.optString("permission");
              info.launchMode = one.optInt("launch_mode");
              return info;
            })
        .toList();
  }

  private static List<ServiceInfo> services(List<JSONObject> all, ApplicationInfo application) {
    return all.stream()
        .filter(one -> one.optString("kind").equals("service"))
        .map(
            one -> {
              ServiceInfo info = fill(new ServiceInfo(), one, application);
              info.permission = one.isNull("permission") ? null : one.optString("permission");
              return info;
            })
        .toList();
  }

  private static List<ProviderInfo> providers(List<JSONObject> all, ApplicationInfo application) {
    return all.stream()
        .filter(one -> one.optString("kind").equals("provider"))
        .map(
            one -> {
              ProviderInfo info = fill(new ProviderInfo(), one, application);
              info.authority = one.optString("authorities");
              return info;
            })
        .toList();
  }

  private static <T extends ComponentInfo> T fill(T info, JSONObject one, ApplicationInfo application) {
    info.packageName = application.packageName;
    info.processName = application.packageName;
    info.applicationInfo = application;
    info.name = one.optString("name");
    info.exported = one.optBoolean("exported");
    info.enabled = one.optBoolean("enabled");
    String label = one.optString("label");
    info.nonLocalizedLabel = label.isEmpty() ? null : label;
    return info;
  }

  private static void filters(ShadowPackageManager manager, ComponentName name, JSONObject component) {
    for (JSONObject fields : objects(component.optJSONArray("filters"))) {
      try {
        IntentFilter filter = filter(fields);
        switch (component.optString("kind")) {
          case "activity" -> manager.addIntentFilterForActivity(name, filter);
          case "service" -> manager.addIntentFilterForService(name, filter);
          case "receiver" -> manager.addIntentFilterForReceiver(name, filter);
          default -> manager.addIntentFilterForProvider(name, filter);
        }
      } catch (IntentFilter.MalformedMimeTypeException broken) {
        Log.w("Neighbours", "a filter of " + name + " is left out", broken);
      }
    }
  }

  private static IntentFilter filter(JSONObject fields) throws IntentFilter.MalformedMimeTypeException {
    IntentFilter filter = new IntentFilter();
    filter.setPriority(fields.optInt("priority"));
    for (String action : texts(fields.optJSONArray("actions"))) {
      filter.addAction(action);
    }
    for (String category : texts(fields.optJSONArray("categories"))) {
      filter.addCategory(category);
    }
    for (String scheme : texts(fields.optJSONArray("schemes"))) {
      filter.addDataScheme(scheme);
    }
    for (String host : texts(fields.optJSONArray("hosts"))) {
      int colon = host.lastIndexOf(':');
      filter.addDataAuthority(
          colon < 0 ? host : host.substring(0, colon), colon < 0 ? null : host.substring(colon + 1));
    }
    for (String type : texts(fields.optJSONArray("types"))) {
      filter.addDataType(type);
    }
    JSONArray paths = fields.optJSONArray("paths");
    for (int i = 0; paths != null && i < paths.length(); i++) {
      JSONArray path = paths.optJSONArray(i);
      filter.addDataPath(path.optString(1), Math.min(path.optInt(0), PatternMatcher.PATTERN_SIMPLE_GLOB));
    }
    return filter;
  }

  private static String[] texts(JSONArray array) {
    String[] texts = new String[array == null ? 0 : array.length()];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = array.optString(i);
    }
    return texts;
  }

  private static List<JSONObject> objects(JSONArray array) {
    List<JSONObject> found = new ArrayList<>();
    for (int i = 0; array != null && i < array.length(); i++) {
      found.add(array.optJSONObject(i));
    }
    return found;
  }
}
