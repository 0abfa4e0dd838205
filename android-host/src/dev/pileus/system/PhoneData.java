package dev.pileus.system;

import android.Manifest;
import android.app.ContentProviderHolder;
import android.content.Context;
import android.content.IContentProvider;
import android.content.OperationApplicationException;
import android.content.pm.ApplicationInfo;
import android.content.pm.PackageManager;
import android.content.pm.ProviderInfo;
import android.database.MatrixCursor;
import android.os.Bundle;
import android.os.Process;
import android.os.RemoteCallback;
import android.provider.BaseColumns;
import java.io.FileNotFoundException;
import java.util.HashMap;
import java.util.Map;

/**
 * The providers that every phone has – contacts, calls, calendars, media, messages – and that hold nothing yet: they
 * answer, and are empty. What an app would keep there is not taken, and gets no address.
 */
final class PhoneData extends Calls {
  /** What an app needs to read and to write; null for what needs nothing. */
  private record Guard(String read, String write) {}

  private static final Map<String, Guard> KNOWN = new HashMap<>();

  static {
    Guard contacts = new Guard(Manifest.permission.READ_CONTACTS, Manifest.permission.WRITE_CONTACTS);
    KNOWN.put("com.android.contacts", contacts);
    KNOWN.put("contacts", contacts);
    KNOWN.put("call_log", new Guard(Manifest.permission.READ_CALL_LOG, Manifest.permission.WRITE_CALL_LOG));
    KNOWN.put("com.android.calendar", new Guard(Manifest.permission.READ_CALENDAR, Manifest.permission.WRITE_CALENDAR));
    for (String messages : new String[] {"sms", "mms", "mms-sms"}) {
      KNOWN.put(messages, new Guard(Manifest.permission.READ_SMS, null));
    }
    for (String open : new String[] {"media", "downloads", "user_dictionary"}) {
      KNOWN.put(open, new Guard(null, null));
    }
  }

  private final Guard guard;

  private PhoneData(Guard guard) {
    this.guard = guard;
  }

  /** The provider of the phone's own data with this authority; null where a phone has none. */
  static ContentProviderHolder holder(String authority) {
    Guard guard = KNOWN.get(authority);
    if (guard == null) {
      return null;
    }
    ContentProviderHolder holder = new ContentProviderHolder(info(authority));
    holder.provider = new PhoneData(guard).as(IContentProvider.class);
    holder.connection = holder.provider.asBinder();
    holder.noReleaseNeeded = true;
    return holder;
  }

  private static ProviderInfo info(String authority) {
    ProviderInfo info = new ProviderInfo();
    info.packageName = "android";
    info.name = PhoneData.class.getName();
    info.authority = authority;
    info.processName = "android";
    info.exported = true;
    info.enabled = true;
    info.applicationInfo = new ApplicationInfo();
    info.applicationInfo.packageName = "android";
    info.applicationInfo.processName = "android";
    info.applicationInfo.uid = Process.SYSTEM_UID;
    return info;
  }

  @Override
  Object answer(String method, Object[] a) throws Exception {
    switch (method) {
      case "query" -> {
        need(guard.read);
        return new MatrixCursor(names((String[]) a[2]), 0);
      }
      case "insert", "bulkInsert", "update", "delete" -> need(guard.write);
      case "applyBatch" -> {
        need(guard.write);
        throw new OperationApplicationException("nothing can be kept in the phone's data yet");
      }
      case "openFile", "openAssetFile", "openTypedAssetFile" -> throw new FileNotFoundException(String.valueOf(a[1]));
      case "getTypeAsync", "canonicalizeAsync", "uncanonicalizeAsync" -> ((RemoteCallback) a[2]).sendResult(new Bundle());
      case "getTypeAnonymousAsync" -> ((RemoteCallback) a[1]).sendResult(new Bundle());
      default -> {
        return NOTHING;
      }
    }
    return NOTHING;
  }

  /** The columns that are asked for; SQL may be asked for, whose column is called what comes after its `as`. */
  private static String[] names(String[] columns) {
    if (columns == null || columns.length == 0) {
      return new String[] {BaseColumns._ID};
    }
    String[] names = new String[columns.length];
    for (int i = 0; i < names.length; i++) {
      String[] words = columns[i].trim().split("(?i)\\s+as\\s+");
      names[i] = words[words.length - 1];
    }
    return names;
  }

  private static void need(String permission) {
    Context app = AppThread.context();
    if (permission != null && app.checkSelfPermission(permission) != PackageManager.PERMISSION_GRANTED) {
      throw new SecurityException("Permission Denial: " + app.getPackageName() + " has no " + permission);
    }
  }
}
