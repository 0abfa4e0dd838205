package dev.pileus.system;

import android.app.ContentProviderHolder;
import android.app.IServiceConnection;
import android.app.Notification;
import android.content.ComponentName;
import android.content.ContentProviderClient;
import android.content.ContentResolver;
import android.content.IContentProvider;
import android.content.IIntentReceiver;
import android.content.Intent;
import android.content.IntentFilter;
import android.content.pm.PackageManager;
import android.content.pm.ProviderInfo;
import android.net.Uri;
import android.os.Bundle;
import android.os.IBinder;
import android.os.RemoteCallback;
import android.os.RemoteException;
import android.util.Log;
import java.util.List;
import org.json.JSONArray;
import org.json.JSONException;

/** IActivityManager: services, broadcasts and providers, as the framework's own classes ask for them. */
final class ActivityCalls extends Calls {
  private final SystemLink link;
  private final AppThread thread;
  private final NoticeCalls notices;
  private final SenderCalls senders;

  ActivityCalls(SystemLink link, AppThread thread, NoticeCalls notices) {
    this.link = link;
    this.thread = thread;
    this.notices = notices;
    senders = new SenderCalls(link);
  }

  @Override
  Object answer(String method, Object[] a) throws Exception {
    return switch (method) {
      case "startService" -> startService((Intent) a[1], (String) a[2], (Boolean) a[3]);
      case "stopService" -> link.call("stopService", intent((Intent) a[1], (String) a[2])).fields.optInt("stopped");
      case "stopServiceToken" -> stopToken((ComponentName) a[0], (IBinder) a[1], (Integer) a[2]);
      case "setServiceForeground" -> foreground((IBinder) a[1], (Integer) a[2], (Notification) a[3], (Integer) a[4]);
      case "bindServiceInstance" ->
          bind((Intent) a[2], (String) a[3], (IServiceConnection) a[4], (Long) a[5]);
      case "unbindService" ->
          link.call("unbindService", new Message().binder("connection", binder(a[0])))
              .fields.optBoolean("unbound");
      case "publishService" -> publish((IBinder) a[0], (Intent) a[1], (IBinder) a[2]);
      case "unbindFinished" -> done("unbindFinished", (IBinder) a[0], (Intent) a[1]);
      case "serviceDoneExecuting" -> serviceDone((IBinder) a[0], (Integer) a[1], (Integer) a[2], (Integer) a[3]);
      case "registerReceiverWithFeature" ->
          register((IIntentReceiver) a[4], (IntentFilter) a[5], (String) a[6], (Integer) a[8]);
      case "unregisterReceiver" ->
          link.call("unregisterReceiver", new Message().binder("receiver", binder(a[0])));
      case "broadcastIntentWithFeature" -> broadcast(a);
      case "finishReceiver" -> finish((Integer) a[1], (String) a[2], (Bundle) a[3], (Boolean) a[4]);
      case "getContentProvider" -> provider((String) a[2]);
      case "publishContentProviders" -> publishProviders((List<?>) a[1]);
      case "refContentProvider" -> true;
      case "getMimeTypeFilterAsync" -> type((Uri) a[0], (RemoteCallback) a[2]);
      case "checkPermission", "checkPermissionForDevice" -> check((String) a[0], (Integer) a[2]);
      case "checkUriPermission", "checkContentUriPermissionFull" -> PackageManager.PERMISSION_DENIED;
      case "isUserRunning" -> true;
      case "getCurrentUserId" -> 0;
      default -> senders.answer(method, a);
    };
  }

  private static Message intent(Intent intent, String type) {
    Message message = new Message();
    return message.put("intent", Intents.write(message, intent, type));
  }

  private ComponentName startService(Intent intent, String type, boolean foreground) {
    Message answer = link.call("startService", intent(intent, type).put("foreground", foreground));
    return Intents.component(answer.text("component"));
  }

  private boolean stopToken(ComponentName name, IBinder token, int startId) {
    Message message = new Message().put("record", thread.record(token)).put("start", startId);
    return link.call("stopServiceToken", message).fields.optBoolean("stopped");
  }

  private Object foreground(IBinder token, int id, Notification notice, int flags) throws JSONException {
    boolean on = id != 0;
    if (on && notice == null) {
      throw new IllegalArgumentException("null notification");
    }
    Message message = new Message().put("record", thread.record(token)).put("id", id);
    Message answer = link.call("setServiceForeground", message.put("on", on).put("flags", flags));
    // A service that has ended meanwhile shows nothing.
    if (answer.fields.optBoolean("held")) {
      notices.steady(id, notice);
    }
    return null;
  }

  private int bind(Intent intent, String type, IServiceConnection connection, long flags) {
    Message message = intent(intent, type).put("flags", flags);
    return link.call("bindService", message.binder("connection", connection.asBinder()))
        .fields.optInt("bound");
  }

  private Object publish(IBinder token, Intent intent, IBinder service) {
    Message message = intent(intent, null).put("record", thread.record(token));
    link.tell("publishService", message.put("binding", thread.binding(token, intent)).binder("service", service));
    return null;
  }

  private Object done(String method, IBinder token, Intent intent) {
    link.tell(method, new Message().put("record", thread.record(token)).put("binding", thread.binding(token, intent)));
    return null;
  }

  private Object serviceDone(IBinder token, int type, int startId, int result) {
    Message message = new Message().put("record", thread.record(token)).put("type", type);
    link.tell("serviceDone", message.put("start", startId).put("result", result));
    return null;
  }

  private Intent register(IIntentReceiver receiver, IntentFilter filter, String permission, int flags) {
    Message message = new Message().put("filter", Intents.write(filter));
    message.put("permission", permission).put("flags", flags).binder("receiver", binder(receiver));
    Message answer = link.call("registerReceiver", message);
    return Intents.read(answer, "sticky");
  }

  /** (caller, feature, intent, type, resultTo, code, data, extras, permissions, …, ordered, sticky, user). */
  private int broadcast(Object[] a) {
    Message message = intent((Intent) a[2], (String) a[3]).binder("result_to", binder(a[4]));
    message.put("code", a[5]).put("data", a[6]);
    Bundle extras = (Bundle) a[7];
    if (extras != null) {
      message.part("extras", parcel -> parcel.writeBundle(extras));
    }
    if (a[8] instanceof String[] permissions) {
      message.put("permissions", new JSONArray(List.of(permissions)));
    }
    message.put("ordered", a[13]).put("sticky", a[14]);
    link.call("broadcast", message);
    return 0;
  }

  private Object finish(int code, String data, Bundle extras, boolean abort) {
    Message message = new Message().put("code", code).put("data", data).put("abort", abort);
    if (extras != null) {
      message.part("extras", parcel -> parcel.writeBundle(extras));
    }
    link.tell("finishReceiver", message);
    return null;
  }

  private ContentProviderHolder provider(String authority) {
    Message answer = link.call("getProvider", new Message().put("authority", authority));
    if (!answer.has("name")) {
      return PhoneData.holder(authority);
    }
    ContentProviderHolder holder = new ContentProviderHolder(thread.providerInfo(answer));
    holder.mLocal = answer.fields.optBoolean("local");
    if (!holder.mLocal) {
      holder.provider = android.content.ContentProviderNative.asInterface(answer.binder("provider"));
      holder.connection = answer.binder("provider");
      holder.noReleaseNeeded = true;
    }
    return holder;
  }

  /** Asks the provider itself, which is what Android's system does for the app. */
  private static Object type(Uri uri, RemoteCallback callback) {
    Thread asking =
        new Thread(
            () -> {
              Bundle answer = new Bundle();
              try (ContentProviderClient client = client(uri)) {
                String type = client == null ? null : client.getType(uri);
                answer.putString(ContentResolver.REMOTE_CALLBACK_RESULT, type);
              } catch (RemoteException | RuntimeException gone) {
                Log.w("ActivityCalls", "no type for " + uri, gone);
              }
              callback.sendResult(answer);
            },
            "type");
    asking.start();
    return null;
  }

  private static ContentProviderClient client(Uri uri) {
    return AppThread.context().getContentResolver().acquireUnstableContentProviderClient(uri);
  }

  private Object publishProviders(List<?> holders) {
    for (Object each : holders) {
      ContentProviderHolder holder = (ContentProviderHolder) each;
      ProviderInfo info = holder.info;
      IContentProvider provider = holder.provider;
      link.call(
          "publishProvider",
          new Message().put("authority", info.authority).binder("provider", provider.asBinder()));
    }
    return null;
  }

  private int check(String permission, int uid) {
    Message message = new Message().put("permission", permission).put("uid", uid);
    boolean granted = link.call("checkPermission", message).fields.optBoolean("granted");
    return granted ? PackageManager.PERMISSION_GRANTED : PackageManager.PERMISSION_DENIED;
  }
}
