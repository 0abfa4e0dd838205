package dev.pileus.binder;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.Process;
import android.os.RemoteException;
import android.os.UserHandle;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.annotation.RealObject;
import org.robolectric.shadows.ShadowBinder;
import org.robolectric.shadows.ShadowBinderBridge;

/** Binder with the caller of each transaction, as its thread sees it. */
@Implements(className = "android.os.Binder")
public class BinderShadow extends ShadowBinder {
  /** Whose call a thread serves. */
  record Caller(int uid, int pid) {}

  private static final ThreadLocal<Caller> CALLER = new ThreadLocal<>();
  @RealObject private Binder self;

  /** The thread serves a call from now on; gives what it served before. */
  static Caller enter(int uid, int pid) {
    Caller before = CALLER.get();
    CALLER.set(new Caller(uid, pid));
    return before;
  }

  static void leave(Caller before) {
    if (before == null) {
      CALLER.remove();
    } else {
      CALLER.set(before);
    }
  }

  @Implementation
  @Override
  protected boolean transact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
    if (data != null) {
      data.setDataPosition(0);
    }
    boolean known = new ShadowBinderBridge(self).onTransact(code, data, reply, flags);
    if (reply != null) {
      reply.setDataPosition(0);
    }
    return known;
  }

  @Implementation
  protected static int getCallingUid() {
    Caller caller = CALLER.get();
    return caller == null ? Process.myUid() : caller.uid;
  }

  @Implementation
  protected static int getCallingPid() {
    Caller caller = CALLER.get();
    return caller == null ? Process.myPid() : caller.pid;
  }

  @Implementation
  protected static int getCallingUidOrThrow() {
    if (CALLER.get() == null) {
      throw new IllegalStateException("Thread is not in a binder transaction");
    }
    return getCallingUid();
  }

  @Implementation
  protected static boolean isDirectlyHandlingTransaction() {
    return CALLER.get() != null;
  }

  @Implementation
  protected static UserHandle getCallingUserHandle() {
    return Process.myUserHandle();
  }

  @Implementation
  protected static long clearCallingIdentity() {
    Caller caller = CALLER.get();
    CALLER.remove();
    return caller == null ? -1 : (long) caller.uid << 32 | caller.pid & 0xFFFFFFFFL;
  }

  @Implementation
  protected static void restoreCallingIdentity(long token) {
    leave(token == -1 ? null : new Caller((int) (token >> 32), (int) token));
  }

  /** A local object lives as long as its process: nobody here is ever told of its death. */
  @Implementation
  @Override
  protected void linkToDeath(IBinder.DeathRecipient recipient, int flags) {}

  @Implementation
  @Override
  protected boolean unlinkToDeath(IBinder.DeathRecipient recipient, int flags) {
    return true;
  }
}
