package dev.pileus.system;

import android.app.ActivityThread;
import android.app.IServiceConnection;
import android.content.ComponentName;
import android.content.Context;
import android.content.IIntentReceiver;
import android.content.Intent;
import android.content.pm.ActivityInfo;
import android.content.pm.ApplicationInfo;
import android.content.pm.PackageManager;
import android.content.pm.ProviderInfo;
import android.content.pm.ServiceInfo;
import android.database.IContentObserver;
import android.net.Uri;
import android.os.Binder;
import android.os.Bundle;
import android.os.Handler;
import android.os.IBinder;
import android.os.Looper;
import android.os.Parcel;
import android.os.RemoteException;
import dev.pileus.host.AppClassLoader;
import java.util.HashMap;
import java.util.Map;
import org.json.JSONArray;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.util.ReflectionHelpers;
import org.robolectric.util.ReflectionHelpers.ClassParameter;

/**
 * What the system may ask of this process (node 0): the part of IApplicationThread. Components run on the main
 * thread, by the framework's own ActivityThread.
 */
final class AppThread extends Binder {
  /** Stands for a running service towards the framework. */
  private static final class Token extends Binder {
    final int record;

    Token(int record) {
      this.record = record;
    }
  }

  /** A binding of a running service, and the intent that stands for it towards the framework. */
  private record Bound(Token token, Intent intent) {}

  private final Handler main = new Handler(Looper.getMainLooper());
  private final Map<Integer, Token> tokens = new HashMap<>();
  private final Map<Integer, Bound> bindings = new HashMap<>();
  private final Jobs jobs = new Jobs(this);
  private SystemLink link;

  void link(SystemLink link) {
    this.link = link;
  }

  SystemLink link() {
    return link;
  }

  int record(IBinder token) {
    return token instanceof Token known ? known.record : -1;
  }

  synchronized int binding(IBinder token, Intent intent) {
    for (Map.Entry<Integer, Bound> entry : bindings.entrySet()) {
      if (entry.getValue().intent == intent) {
        return entry.getKey();
      }
    }
    return 0;
  }

  @Override
  protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
    if (code != 1) {
      return super.onTransact(code, data, reply, flags);
    }
    Message message = Message.of(data);
    String method = message.text("m");
    switch (method) {
      case "createService" -> createService(message);
      case "bindService" -> bindService(message);
      case "unbindService" -> unbindService(message);
      case "serviceArgs" -> serviceArgs(message);
      case "stopService" -> stopService(message);
      case "connected" ->
          IServiceConnection.Stub.asInterface(message.binder("connection"))
              .connected(
                  Intents.component(message.text("component")),
                  message.binder("service"),
                  message.fields.optBoolean("dead"));
      case "receive" -> receive(message);
      case "deliver" -> deliver(message);
      case "changed" -> changed(message);
      case "alarm" ->
          android.app.IAlarmListener.Stub.asInterface(message.binder("listener"))
              .doAlarm(new Silent().as(android.app.IAlarmCompleteListener.class));
      case "openActivity" -> {
        OtherApps.Start start = OtherApps.start(message, message.fields);
        post(() -> OtherApps.open(start, message.fields.optInt("number")));
      }
      case "activityResult" -> {
        OtherApps.Outcome outcome = OtherApps.outcome(message, message.fields);
        post(() -> OtherApps.hear(outcome, message.fields.optInt("number")));
      }
      case "packagesChanged" -> post(() -> Framework.learnPackages(context()));
      case "startJob", "stopJob" -> jobs.take(method, message);
      case "clipChanged" ->
          android.content.IOnPrimaryClipChangedListener.Stub.asInterface(message.binder("listener"))
              .dispatchPrimaryClipChanged();
      default -> throw new IllegalArgumentException("unknown: " + method);
    }
    return true;
  }

  void post(Runnable work) {
    main.post(work);
  }

  static ActivityThread activityThread() {
    return (ActivityThread) RuntimeEnvironment.getActivityThread();
  }

  static Context context() {
    return RuntimeEnvironment.getApplication();
  }

  private Token token(Message message) {
    int record = message.fields.optInt("record");
    synchronized (this) {
      return tokens.computeIfAbsent(record, Token::new);
    }
  }

  private void createService(Message message) {
    Token token = token(message);
    ComponentName name = Intents.component(message.text("component"));
    post(
        () -> {
          Object data = data("CreateServiceData");
          ReflectionHelpers.setField(data, "token", token);
          ReflectionHelpers.setField(data, "info", service(name));
          ReflectionHelpers.setField(data, "intent", new Intent().setComponent(name));
          handle("handleCreateService", "CreateServiceData", data);
        });
  }

  private void bindService(Message message) {
    Token token = token(message);
    Intent intent = Intents.read(message, "intent");
    boolean rebind = message.fields.optBoolean("rebind");
    synchronized (this) {
      bindings.put(message.fields.optInt("binding"), new Bound(token, intent));
    }
    post(() -> handle("handleBindService", "BindServiceData", binding(token, intent, rebind)));
  }

  private void unbindService(Message message) {
    Token token = token(message);
    int binding = message.fields.optInt("binding");
    post(
        () -> {
          Bound bound;
          synchronized (this) {
            bound = bindings.get(binding);
          }
          if (bound != null) {
            handle("handleUnbindService", "BindServiceData", binding(token, bound.intent, false));
          }
        });
  }

  private Object binding(Token token, Intent intent, boolean rebind) {
    Object data = data("BindServiceData");
    ReflectionHelpers.setField(data, "token", token);
    ReflectionHelpers.setField(data, "intent", intent);
    ReflectionHelpers.setField(data, "rebind", rebind);
    return data;
  }

  private void serviceArgs(Message message) {
    Token token = token(message);
    Intent intent = Intents.read(message, "intent");
    int startId = message.fields.optInt("start");
    int flags = message.fields.optInt("flags");
    boolean removed = message.fields.optBoolean("task_removed");
    post(
        () -> {
          Object data = data("ServiceArgsData");
          ReflectionHelpers.setField(data, "token", token);
          ReflectionHelpers.setField(data, "startId", startId);
          ReflectionHelpers.setField(data, "flags", flags);
          ReflectionHelpers.setField(data, "taskRemoved", removed);
          ReflectionHelpers.setField(data, "args", intent);
          handle("handleServiceArgs", "ServiceArgsData", data);
        });
  }

  private void stopService(Message message) {
    Token token = token(message);
    post(
        () -> {
          ReflectionHelpers.callInstanceMethod(
              ActivityThread.class, activityThread(), "handleStopService",
              ClassParameter.from(IBinder.class, token));
          synchronized (this) {
            tokens.remove(token.record);
            bindings.values().removeIf(bound -> bound.token == token);
          }
        });
  }

  /** A broadcast for a receiver that the manifest names. */
  private void receive(Message message) {
    Intent intent = Intents.read(message, "intent");
    ComponentName name = Intents.component(message.text("component"));
    intent.setComponent(name);
    Bundle extras = extras(message);
    post(
        () -> {
          Class<?> type = type("ReceiverData");
          Object data =
              ReflectionHelpers.callConstructor(
                  type,
                  ClassParameter.from(Intent.class, intent),
                  ClassParameter.from(int.class, message.fields.optInt("code")),
                  ClassParameter.from(String.class, message.text("data")),
                  ClassParameter.from(Bundle.class, extras),
                  ClassParameter.from(boolean.class, message.fields.optBoolean("ordered")),
                  ClassParameter.from(boolean.class, false),
                  ClassParameter.from(boolean.class, false),
                  ClassParameter.from(IBinder.class, (IBinder) activityThread().getApplicationThread()),
                  ClassParameter.from(int.class, 0),
                  ClassParameter.from(int.class, message.fields.optInt("uid")),
                  ClassParameter.from(String.class, message.text("package")));
          ReflectionHelpers.setField(data, "info", receiver(name));
          handle("handleReceiver", "ReceiverData", data);
        });
  }

  /** A broadcast for a receiver that the app registered, or the answer to one it sent. */
  private void deliver(Message message) throws RemoteException {
    IIntentReceiver.Stub.asInterface(message.binder("receiver"))
        .performReceive(
            Intents.read(message, "intent"),
            message.fields.optInt("code"),
            message.text("data"),
            extras(message),
            message.fields.optBoolean("ordered"),
            message.fields.optBoolean("sticky"),
            0);
  }

  private static Bundle extras(Message message) {
    return message.piece("extras", parcel -> parcel.readBundle(AppClassLoader.instance()));
  }

  private static void changed(Message message) throws RemoteException {
    JSONArray uris = message.fields.optJSONArray("uris");
    Uri[] all = new Uri[uris.length()];
    for (int i = 0; i < all.length; i++) {
      all[i] = Uri.parse(uris.optString(i));
    }
    IContentObserver.Stub.asInterface(message.binder("observer"))
        .onChangeEtc(message.fields.optBoolean("self"), all, message.fields.optInt("flags"), 0);
  }

  ProviderInfo providerInfo(Message answer) {
    String owner = answer.text("package");
    ComponentName name = new ComponentName(owner, answer.text("name"));
    if (owner.equals(context().getPackageName())) {
      try {
        return context().getPackageManager().getProviderInfo(name, 0);
      } catch (PackageManager.NameNotFoundException cause) {
        throw new IllegalStateException(cause);
      }
    }
    ProviderInfo info = new ProviderInfo();
    info.packageName = owner;
    info.name = name.getClassName();
    info.authority = answer.text("authorities");
    info.exported = true;
    info.enabled = true;
    info.processName = owner;
    info.applicationInfo = new ApplicationInfo();
    info.applicationInfo.packageName = owner;
    info.applicationInfo.processName = owner;
    info.applicationInfo.uid = answer.fields.optInt("uid");
    return info;
  }

  private static ServiceInfo service(ComponentName name) {
    try {
      return own(context().getPackageManager().getServiceInfo(name, 0));
    } catch (PackageManager.NameNotFoundException cause) {
      throw new IllegalStateException(cause);
    }
  }

  private static ActivityInfo receiver(ComponentName name) {
    try {
      return own(context().getPackageManager().getReceiverInfo(name, 0));
    } catch (PackageManager.NameNotFoundException cause) {
      throw new IllegalStateException(cause);
    }
  }

  private static <T extends android.content.pm.ComponentInfo> T own(T info) {
    info.applicationInfo = context().getApplicationInfo();
    return info;
  }

  private static Class<?> type(String name) {
    return ReflectionHelpers.loadClass(
        AppThread.class.getClassLoader(), "android.app.ActivityThread$" + name);
  }

  private static Object data(String name) {
    return ReflectionHelpers.callConstructor(type(name));
  }

  private static void handle(String method, String type, Object data) {
    ReflectionHelpers.callInstanceMethod(
        ActivityThread.class, activityThread(), method, new ClassParameter<>(cast(type(type)), data));
  }

  @SuppressWarnings("unchecked")
  private static Class<Object> cast(Class<?> type) {
    return (Class<Object>) type;
  }
}
