package dev.pileus.teller;

import static dev.pileus.teller.Teller.tell;

import android.content.ComponentName;
import android.content.Context;
import android.content.Intent;
import android.content.ServiceConnection;
import android.os.Binder;
import android.os.DeadObjectException;
import android.os.IBinder;
import android.os.Parcel;
import android.os.ParcelFileDescriptor;
import android.os.RemoteException;
import android.os.TransactionTooLargeException;
import java.io.FileDescriptor;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/** Binds the other app's service and talks with it. */
final class Binding implements ServiceConnection {
  private static final String NAME = "dev.pileus.talker.IEcho";
  private final Context context;
  private volatile IBinder echo;
  private volatile CountDownLatch connected = new CountDownLatch(1);
  private final StringBuffer heard = new StringBuffer();
  private final Set<String> threads = ConcurrentHashMap.newKeySet();
  private final Binder ear =
      new Binder() {
        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) {
          if (code != FIRST_CALL_TRANSACTION) {
            // A call out of a one-way call: its answer has to come while the caller waits for another.
            heard.append(echo.pingBinder() ? data.readInt() : -1).append(' ');
            threads.add(Thread.currentThread().getName());
            return true;
          }
          reply.writeNoException();
          reply.writeString(
              data.readString().toUpperCase() + " on " + Thread.currentThread().getName());
          return true;
        }
      };

  Binding(Context context) {
    this.context = context;
  }

  void bind() throws InterruptedException {
    Intent intent = new Intent("dev.pileus.talker.ECHO").setPackage("dev.pileus.talker");
    tell("bindService " + context.bindService(intent, this, Context.BIND_AUTO_CREATE));
    connected.await();
    tell("nothing there " + context.bindService(new Intent("no.such").setPackage("no"), this, 1));
    Intent secret = new Intent().setClassName("dev.pileus.talker", "dev.pileus.talker.SecretService");
    try {
      context.bindService(secret, this, Context.BIND_AUTO_CREATE);
    } catch (SecurityException refused) {
      tell("secret refused");
    }
  }

  void talk() throws RemoteException {
    Thread.currentThread().setName("talker");
    tell("alive " + echo.isBinderAlive() + " ping " + echo.pingBinder());
    tell("descriptor " + echo.getInterfaceDescriptor());
    Parcel reply = call(1, data -> data.writeString("西湖 \u0000 \uD83D\uDE00"));
    tell("echo " + reply.readString() + " by " + (reply.readInt() > 0) + " on " + reply.readString());
    reply =
        call(
            2,
            data -> {
              data.writeStrongBinder(ear);
              data.writeString("psst");
            });
    tell(reply.readString());
    tell("mine " + (reply.readStrongBinder() == ear) + " theirs " + (reply.readStrongBinder() == echo));
    call(3, data -> data.writeStrongBinder(ear));
    try {
      call(7, data -> {});
    } catch (IllegalStateException asked) {
      tell("exception " + asked.getMessage());
    }
    try {
      call(1, data -> data.writeByteArray(new byte[1 << 20]));
    } catch (TransactionTooLargeException large) {
      tell("too large");
    }
  }

  void order() throws RemoteException {
    for (int i = 0; i < 200; i++) {
      send(5, i);
    }
    String all = "";
    for (int i = 0; i < 200 && !all.endsWith("199 "); i++) {
      all = call(6, data -> {}).readString();
    }
    StringBuilder wanted = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      wanted.append(i).append(' ');
    }
    tell("in order " + all.contentEquals(wanted));
  }

  /** One-way calls that come back while a call waits: in their order, on threads that do not wait. */
  void back() throws RemoteException, InterruptedException {
    Thread.currentThread().setName("waits");
    call(10, data -> data.writeStrongBinder(ear));
    StringBuilder wanted = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      wanted.append(i).append(' ');
    }
    while (heard.length() < wanted.length()) {
      Thread.sleep(10);
    }
    tell("back in order " + heard.toString().contentEquals(wanted) + " on " + threads);
  }

  /** What a parcel may carry beside its bytes, and one more. */
  void many() throws RemoteException, IOException {
    for (int count : new int[] {1024, 1025}) {
      tell(count + " objects " + passes(6, data -> repeat(count, () -> data.writeStrongBinder(ear))));
      tell(count + " objects back " + passes(11, data -> data.writeInt(count)));
    }
    ParcelFileDescriptor[] pipe = ParcelFileDescriptor.createPipe();
    for (int count : new int[] {64, 65}) {
      FileDescriptor file = pipe[0].getFileDescriptor();
      tell(count + " files " + passes(6, data -> repeat(count, () -> data.writeFileDescriptor(file))));
    }
    pipe[0].close();
    pipe[1].close();
    tell("alive " + echo.pingBinder());
  }

  private static void repeat(int count, Runnable work) {
    for (int i = 0; i < count; i++) {
      work.run();
    }
  }

  private boolean passes(int code, Filler filler) throws RemoteException {
    try {
      call(code, filler).recycle();
      return true;
    } catch (TransactionTooLargeException large) {
      return false;
    }
  }

  /** Binds and lets go again and again; each time the service is made and ends. */
  void cycle() throws InterruptedException {
    Intent intent = new Intent("dev.pileus.talker.ECHO").setPackage("dev.pileus.talker");
    for (int i = 0; i < 40; i++) {
      connected = new CountDownLatch(1);
      context.bindService(intent, this, Context.BIND_AUTO_CREATE);
      connected.await();
      context.unbindService(this);
    }
  }

  /** An Error in a one-way call ends the process; where a handler lets it live, the next call is served. */
  void errors() throws RemoteException, InterruptedException {
    connected = new CountDownLatch(1);
    send(8, 0);
    connected.await();
    call(9, data -> {});
    send(8, 0);
    send(5, 7);
    String all = "";
    while (!all.endsWith("7 ")) {
      all = call(6, data -> {}).readString();
    }
    tell("goes on " + all);
  }

  private void send(int code, int number) throws RemoteException {
    Parcel data = Parcel.obtain();
    data.writeInterfaceToken(NAME);
    data.writeInt(number);
    echo.transact(code, data, null, IBinder.FLAG_ONEWAY);
    data.recycle();
  }

  void fall() throws RemoteException, InterruptedException {
    echo.linkToDeath(
        () -> {
          throw new IllegalStateException("as asked");
        },
        0);
    echo.linkToDeath(() -> tell("binderDied"), 0);
    connected = new CountDownLatch(1);
    IBinder before = echo;
    try {
      call(4, data -> {});
    } catch (DeadObjectException gone) {
      tell("DeadObjectException");
    }
    connected.await();
    tell("again " + (before != echo) + " old alive " + before.isBinderAlive());
  }

  void unbind() {
    context.unbindService(this);
  }

  private interface Filler {
    void fill(Parcel data);
  }

  private Parcel call(int code, Filler filler) throws RemoteException {
    Parcel data = Parcel.obtain();
    Parcel reply = Parcel.obtain();
    data.writeInterfaceToken(NAME);
    filler.fill(data);
    echo.transact(code, data, reply, 0);
    reply.readException();
    data.recycle();
    return reply;
  }

  @Override
  public void onServiceConnected(ComponentName name, IBinder service) {
    tell("connected " + name.flattenToShortString());
    echo = service;
    connected.countDown();
  }

  @Override
  public void onServiceDisconnected(ComponentName name) {
    tell("disconnected " + name.flattenToShortString());
  }
}
