package dev.pileus.system;

import android.content.ClipData;
import android.content.ComponentName;
import android.content.Intent;
import android.content.IntentFilter;
import android.net.Uri;
import android.os.Bundle;
import android.os.Parcel;
import android.os.PatternMatcher;
import android.util.Log;
import dev.pileus.host.AppClassLoader;
import java.util.Iterator;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;

/** Intents and filters as the system reads them. Extras and clip data stay parcelled. */
final class Intents {
  private Intents() {}

  static JSONObject write(Message message, Intent intent, String resolvedType) {
    try {
      JSONObject json = new JSONObject();
      json.put("action", intent.getAction());
      json.put("data", intent.getDataString());
      json.put("type", resolvedType != null ? resolvedType : intent.getType());
      json.put("own_type", intent.getType());
      json.put("identifier", intent.getIdentifier());
      json.put("package", intent.getPackage());
      json.put("component", name(intent.getComponent()));
      json.put("flags", intent.getFlags());
      if (intent.getCategories() != null) {
        json.put("categories", new JSONArray(intent.getCategories()));
      }
      if (intent.getSelector() != null) {
        json.put("selector", write(message, intent.getSelector(), null));
      }
      ClipData clip = intent.getClipData();
      Bundle extras = intent.getExtras();
      if (extras != null || clip != null) {
        json.put(
            "extras",
            message.place(
                parcel -> {
                  parcel.writeBundle(extras);
                  parcel.writeTypedObject(clip, 0);
                }));
      }
      return json;
    } catch (JSONException cause) {
      throw new IllegalArgumentException(cause);
    }
  }

  static Intent read(Message message, String name) {
    return read(message, message.fields.optJSONObject(name));
  }

  static Intent read(Message message, JSONObject json) {
    if (json == null) {
      return null;
    }
    Intent intent = new Intent(text(json, "action"));
    String data = text(json, "data");
    intent.setDataAndType(data == null ? null : Uri.parse(data), text(json, "own_type"));
    intent.setIdentifier(text(json, "identifier"));
    intent.setPackage(text(json, "package"));
    intent.setComponent(component(text(json, "component")));
    intent.setFlags(json.optInt("flags"));
    JSONArray categories = json.optJSONArray("categories");
    for (int i = 0; categories != null && i < categories.length(); i++) {
      intent.addCategory(categories.optString(i));
    }
    try {
      message.piece(json.optJSONObject("extras"), parcel -> fill(intent, parcel));
    } catch (RuntimeException | StackOverflowError broken) {
      // Another app wrote them: that must not fall on whoever gets the intent.
      Log.w("Intents", "extras that cannot be read are left out of " + intent, broken);
    }
    JSONArray more = json.optJSONArray("more");
    for (int i = 0; more != null && i < more.length(); i++) {
      message.piece(more.optJSONObject(i), parcel -> add(intent, parcel));
    }
    JSONObject selector = json.optJSONObject("selector");
    if (selector != null) {
      intent.setPackage(null);
      intent.setSelector(read(message, selector));
    }
    return intent;
  }

  private static Intent fill(Intent intent, Parcel parcel) {
    ClassLoader loader = AppClassLoader.instance();
    Bundle extras = parcel.readBundle(loader);
    ClipData clip = parcel.readTypedObject(ClipData.CREATOR);
    if (extras != null) {
      intent.replaceExtras(extras);
      intent.setExtrasClassLoader(loader);
    }
    intent.setClipData(clip);
    return intent;
  }

  /** Extras of whoever sent a PendingIntent, beside those of its maker. */
  private static Intent add(Intent intent, Parcel parcel) {
    Bundle extras = parcel.readBundle(AppClassLoader.instance());
    if (extras != null) {
      Bundle own = intent.getExtras();
      Bundle all = new Bundle(extras);
      if (own != null) {
        all.putAll(own);
      }
      intent.replaceExtras(all);
    }
    return intent;
  }

  static JSONObject write(IntentFilter filter) {
    try {
      JSONObject json = new JSONObject();
      json.put("actions", array(filter.actionsIterator()));
      json.put("categories", array(filter.categoriesIterator()));
      json.put("schemes", array(filter.schemesIterator()));
      json.put("types", array(filter.typesIterator()));
      json.put("priority", filter.getPriority());
      JSONArray hosts = new JSONArray();
      for (int i = 0; i < filter.countDataAuthorities(); i++) {
        IntentFilter.AuthorityEntry entry = filter.getDataAuthority(i);
        String port = entry.getPort() < 0 ? "" : ":" + entry.getPort();
        hosts.put(entry.getHost() + port);
      }
      json.put("hosts", hosts);
      JSONArray paths = new JSONArray();
      for (int i = 0; i < filter.countDataPaths(); i++) {
        PatternMatcher path = filter.getDataPath(i);
        paths.put(new JSONArray().put(path.getType()).put(path.getPath()));
      }
      json.put("paths", paths);
      return json;
    } catch (JSONException cause) {
      throw new IllegalArgumentException(cause);
    }
  }

  static String name(ComponentName component) {
    return component == null ? null : component.getPackageName() + "/" + component.getClassName();
  }

  static ComponentName component(String name) {
    int slash = name == null ? -1 : name.indexOf('/');
    return slash < 0 ? null : new ComponentName(name.substring(0, slash), name.substring(slash + 1));
  }

  private static JSONArray array(Iterator<String> values) {
    JSONArray array = new JSONArray();
    while (values != null && values.hasNext()) {
      array.put(values.next());
    }
    return array;
  }

  private static String text(JSONObject json, String name) {
    return json.isNull(name) ? null : json.optString(name);
  }
}
