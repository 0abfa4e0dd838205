package dev.pileus.talker;

import android.app.Service;
import android.content.Intent;
import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import java.io.File;
import java.io.FileWriter;
import java.io.IOException;

/** An interface as AIDL would make it: an echo, a callback, and ways to fall over. */
public class EchoService extends Service {
  static final int ECHO = 1;
  static final int CALL_BACK = 2;
  static final int WATCH = 3;
  static final int FALL_OVER = 4;
  static final int ADD = 5;
  static final int SUM = 6;
  static final int FAIL = 7;
  static final int BREAK = 8;
  static final int LIVE = 9;
  static final int CALL_BACK_ONE_WAY = 10;
  static final int MANY = 11;
  private final StringBuilder added = new StringBuilder();

  private final class Stub extends Binder {
    @Override
    protected boolean onTransact(int code, Parcel data, Parcel reply, int flags)
        throws RemoteException {
      if (code == INTERFACE_TRANSACTION) {
        reply.writeString("dev.pileus.talker.IEcho");
        return true;
      }
      if (code < ECHO || code > MANY) {
        return super.onTransact(code, data, reply, flags);
      }
      data.enforceInterface("dev.pileus.talker.IEcho");
      switch (code) {
        case ECHO -> {
          reply.writeNoException();
          reply.writeString(data.readString() + " from " + getCallingUid());
          reply.writeInt(getCallingPid());
          reply.writeString(Thread.currentThread().getName());
        }
        case CALL_BACK -> {
          IBinder back = data.readStrongBinder();
          reply.writeNoException();
          reply.writeString(call(back, data.readString()));
          reply.writeStrongBinder(back);
          reply.writeStrongBinder(this);
        }
        case WATCH -> {
          IBinder watched = data.readStrongBinder();
          watched.linkToDeath(() -> note("the client died"), 0);
          reply.writeNoException();
        }
        case FALL_OVER -> Runtime.getRuntime().halt(1);
        case ADD -> added.append(data.readInt()).append(' ');
        case SUM -> {
          reply.writeNoException();
          reply.writeString(added.toString());
        }
        case BREAK -> throw new AssertionError("as asked");
        case LIVE -> {
          Thread.setDefaultUncaughtExceptionHandler((thread, cause) -> note("lives after " + cause.getMessage()));
          reply.writeNoException();
        }
        case CALL_BACK_ONE_WAY -> {
          IBinder back = data.readStrongBinder();
          for (int i = 0; i < 100; i++) {
            Parcel number = Parcel.obtain();
            number.writeInt(i);
            back.transact(IBinder.FIRST_CALL_TRANSACTION + 1, number, null, IBinder.FLAG_ONEWAY);
            number.recycle();
          }
          reply.writeNoException();
        }
        case MANY -> {
          reply.writeNoException();
          for (int i = data.readInt(); i > 0; i--) {
            reply.writeStrongBinder(this);
          }
        }
        default -> throw new IllegalStateException("as asked");
      }
      return true;
    }
  }

  private static String call(IBinder back, String text) throws RemoteException {
    Parcel data = Parcel.obtain();
    Parcel reply = Parcel.obtain();
    try {
      data.writeString(text);
      back.transact(IBinder.FIRST_CALL_TRANSACTION, data, reply, 0);
      reply.readException();
      return "heard " + reply.readString();
    } finally {
      data.recycle();
      reply.recycle();
    }
  }

  private void note(String text) {
    try (FileWriter out = new FileWriter(new File(getFilesDir(), "notes.txt"), true)) {
      out.write(text + "\n");
    } catch (IOException cause) {
      throw new IllegalStateException(cause);
    }
  }

  @Override
  public void onCreate() {
    note("created");
  }

  @Override
  public int onStartCommand(Intent intent, int flags, int start) {
    note("start " + start + " " + (intent == null ? "again" : intent.getStringExtra("word")));
    if (intent != null && intent.getBooleanExtra("stop", false)) {
      stopSelf(start);
    }
    return START_STICKY;
  }

  @Override
  public IBinder onBind(Intent intent) {
    note("bound " + intent.getAction());
    return new Stub();
  }

  @Override
  public boolean onUnbind(Intent intent) {
    note("unbound");
    return false;
  }

  @Override
  public void onDestroy() {
    note("destroyed");
  }
}
