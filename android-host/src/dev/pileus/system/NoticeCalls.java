package dev.pileus.system;

import android.app.Notification;
import android.app.NotificationChannel;
import android.app.NotificationManager;
import android.app.PendingIntent;
import android.content.pm.ParceledListSlice;
import android.os.Process;
import android.service.notification.StatusBarNotification;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;

/** INotificationManager: what the app says goes to the account's shade; channels stay with the app. */
final class NoticeCalls extends Calls {
  /** More than the system has of one package; those that it took away by itself go by and by. */
  private static final int MOST = 100;

  private final SystemLink link;
  private final Map<String, NotificationChannel> channels = Collections.synchronizedMap(new LinkedHashMap<>());
  private final Map<String, StatusBarNotification> shown = new LinkedHashMap<>();

  NoticeCalls(SystemLink link) {
    this.link = link;
  }

  @Override
  Object answer(String method, Object[] a) throws Exception {
    return switch (method) {
      case "enqueueNotificationWithTag" -> notify((String) a[2], (Integer) a[3], (Notification) a[4]);
      case "cancelNotificationWithTag" -> cancel(new Message().put("tag", a[2]).put("id", a[3]));
      case "cancelAllNotifications" -> cancel(new Message().put("all", true));
      case "getActiveNotifications", "getAppActiveNotifications" -> active(method);
      case "createNotificationChannels" -> create((ParceledListSlice<?>) a[1]);
      case "getNotificationChannel" -> channels.get((String) a[3]);
      case "getNotificationChannels" -> {
        synchronized (channels) {
          yield new ParceledListSlice<>(new ArrayList<>(channels.values()));
        }
      }
      case "deleteNotificationChannel" -> {
        channels.remove((String) a[1]);
        yield null;
      }
      case "areNotificationsEnabled", "areNotificationsEnabledForPackage", "canShowBadge" -> true;
      case "getPackageImportance" -> NotificationManager.IMPORTANCE_DEFAULT;
      default -> NOTHING;
    };
  }

  private Object create(ParceledListSlice<?> made) {
    for (Object each : made.getList()) {
      NotificationChannel channel = (NotificationChannel) each;
      channels.putIfAbsent(channel.getId(), channel);
    }
    return null;
  }

  private Object notify(String tag, int id, Notification notice) throws JSONException {
    Message message = new Message().put("tag", tag).put("id", id);
    message.put("title", text(notice, Notification.EXTRA_TITLE));
    message.put("text", text(notice, Notification.EXTRA_TEXT));
    message.put("when_ms", Math.max(0, notice.when)).put("flags", notice.flags);
    message.put("channel", notice.getChannelId()).put("group", notice.getGroup());
    NotificationChannel channel = channels.get(notice.getChannelId());
    if (channel != null) {
      message.put("channel_name", String.valueOf(channel.getName())).put("importance", channel.getImportance());
    }
    int most = notice.extras.getInt(Notification.EXTRA_PROGRESS_MAX);
    if (most > 0) {
      double part = (double) notice.extras.getInt(Notification.EXTRA_PROGRESS) / most;
      message.put("progress", Math.max(0, Math.min(1, part)));
    }
    message.binder("opens", sender(notice.contentIntent));
    message.binder("deleted", sender(notice.deleteIntent));
    JSONArray actions = new JSONArray();
    for (Notification.Action action : notice.actions == null ? new Notification.Action[0] : notice.actions) {
      JSONObject one = new JSONObject().put("title", String.valueOf(action.title));
      if (action.actionIntent != null) {
        one.put("sender", message.place(parcel -> parcel.writeStrongBinder(sender(action.actionIntent))));
      }
      actions.put(one);
    }
    link.call("notify", message.put("actions", actions));
    synchronized (shown) {
      shown.remove(key(tag, id));
      shown.put(key(tag, id), posted(tag, id, notice));
      if (shown.size() > MOST) {
        shown.remove(shown.keySet().iterator().next());
      }
    }
    return null;
  }

  /** What a service in the foreground shows; the system takes it away with the service. */
  void steady(int id, Notification notice) throws JSONException {
    Notification own = notice.clone();
    own.flags |= Notification.FLAG_FOREGROUND_SERVICE;
    notify(null, id, own);
  }

  private Object cancel(Message message) {
    String key = key(message.text("tag"), message.fields.optInt("id"));
    synchronized (shown) {
      shown.entrySet().removeIf(
          one -> !steady(one.getValue()) && (message.has("all") || one.getKey().equals(key)));
    }
    link.call("cancelNotice", message);
    return null;
  }

  private static boolean steady(StatusBarNotification one) {
    return (one.getNotification().flags & Notification.FLAG_FOREGROUND_SERVICE) != 0;
  }

  private static String key(String tag, int id) {
    return (tag == null ? "" : tag) + "/" + id;
  }

  /** Those that are in the shade still: the system leaves some out, and the owner wipes some away. */
  private Object active(String method) {
    JSONArray keys = link.call("notices", new Message()).fields.optJSONArray("keys");
    Set<String> there = new HashSet<>();
    for (int i = 0; i < keys.length(); i++) {
      there.add(keys.optString(i));
    }
    synchronized (shown) {
      shown.keySet().retainAll(there);
      List<StatusBarNotification> all = new ArrayList<>(shown.values());
      return method.startsWith("getApp") ? new ParceledListSlice<>(all) : all.toArray(new StatusBarNotification[0]);
    }
  }

  private static StatusBarNotification posted(String tag, int id, Notification notice) {
    String name = AppThread.context().getPackageName();
    return new StatusBarNotification(
        name, name, id, tag, Process.myUid(), Process.myPid(), notice, Process.myUserHandle(), null,
        System.currentTimeMillis());
  }

  private static android.os.IBinder sender(PendingIntent intent) {
    return intent == null ? null : intent.getTarget().asBinder();
  }

  private static String text(Notification notice, String name) {
    CharSequence text = notice.extras.getCharSequence(name);
    return text == null ? "" : text.toString();
  }
}
