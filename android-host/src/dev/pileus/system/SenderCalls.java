package dev.pileus.system;

import android.app.ActivityManager;
import android.content.IIntentReceiver;
import android.content.IIntentSender;
import android.content.Intent;
import android.os.Bundle;
import android.os.IBinder;
import org.json.JSONArray;

/** PendingIntents: kept by the system, known here by their binder. */
final class SenderCalls extends Calls {
  private final SystemLink link;

  SenderCalls(SystemLink link) {
    this.link = link;
  }

  @Override
  Object answer(String method, Object[] a) throws Exception {
    return switch (method) {
      case "getIntentSenderWithFeature" ->
          make(
              (Integer) a[0], OtherApps.entry((IBinder) a[3]), (String) a[4], (Integer) a[5], (Intent[]) a[6],
              (String[]) a[7], (Integer) a[8]);
      case "sendIntentSender" -> send(a);
      case "cancelIntentSender" -> {
        link.call("cancelSender", new Message().binder("sender", binder(a[0])));
        yield null;
      }
      case "getInfoForIntentSender" -> info((IIntentSender) a[0]);
      default -> NOTHING;
    };
  }

  private IIntentSender make(
      int type, String entry, String who, int request, Intent[] intents, String[] types, int flags) {
    Message message = new Message().put("type", type).put("entry", entry).put("who", who).put("request", request);
    JSONArray all = new JSONArray();
    for (int i = 0; i < intents.length; i++) {
      all.put(Intents.write(message, intents[i], types == null ? null : types[i]));
    }
    Message answer = link.call("makeSender", message.put("intents", all).put("flags", flags));
    IBinder sender = answer.binder("sender");
    return sender == null ? null : IIntentSender.Stub.asInterface(sender);
  }

  /** (caller, target, token, code, intent, type, finishedReceiver, permission, options). */
  private int send(Object[] a) {
    Message message = new Message().binder("sender", binder(a[1])).put("code", a[3]);
    if (a[4] instanceof Intent fill) {
      message.put("intent", Intents.write(message, fill, (String) a[5]));
    }
    message.binder("result_to", a[6] instanceof IIntentReceiver ? binder(a[6]) : null);
    message.put("permission", a[7]);
    if (a[8] instanceof Bundle options) {
      message.part("options", parcel -> parcel.writeBundle(options));
    }
    return link.call("sendSender", message).fields.optInt("result", 0);
  }

  private ActivityManager.PendingIntentInfo info(IIntentSender sender) {
    Message answer = link.call("senderInfo", new Message().binder("sender", binder(sender)));
    return new ActivityManager.PendingIntentInfo(
        answer.text("package"), answer.fields.optInt("uid"), answer.fields.optBoolean("immutable"),
        answer.fields.optInt("type"));
  }
}
