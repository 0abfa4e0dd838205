package dev.pileus.device;

import android.app.Notification;
import android.service.notification.StatusBarNotification;
import java.util.Map;
import org.json.JSONObject;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.shadows.ShadowNotificationManager;

/** Keeps the app's notifications as the framework build does, and tells the account's system. */
@Implements(className = "android.app.NotificationManager")
public class NotificationShadow extends ShadowNotificationManager {
  static final String SERVICE = "notification";
  static final int NOTIFY = 1;
  static final int CANCEL = 2;
  static volatile SystemLink system;

  @Implementation
  @Override
  protected void notify(String tag, int id, Notification notification) {
    super.notify(tag, id, notification);
    SystemLink link = system;
    if (link != null) {
      link.tell(
          SERVICE,
          NOTIFY,
          new JSONObject(
              Map.of(
                  "key", key(tag, id),
                  "title", text(notification, Notification.EXTRA_TITLE),
                  "text", text(notification, Notification.EXTRA_TEXT),
                  "when_ms", notification.when)));
    }
  }

  @Implementation
  @Override
  protected void cancel(String tag, int id) {
    super.cancel(tag, id);
    gone(key(tag, id));
  }

  @Implementation
  @Override
  protected void cancelAll() {
    for (StatusBarNotification one : getActiveNotifications()) {
      gone(key(one.getTag(), one.getId()));
    }
    super.cancelAll();
  }

  private static void gone(String key) {
    SystemLink link = system;
    if (link != null) {
      link.tell(SERVICE, CANCEL, new JSONObject(Map.of("key", key)));
    }
  }

  private static String key(String tag, int id) {
    return (tag == null ? "" : tag) + "/" + id;
  }

  private static String text(Notification notification, String name) {
    CharSequence text = notification.extras.getCharSequence(name);
    return text == null ? "" : text.toString();
  }
}
