package dev.pileus.binder;

import android.os.DeadObjectException;
import android.os.IBinder;
import android.os.IInterface;
import android.os.Parcel;
import android.os.RemoteException;
import android.util.Log;
import java.io.FileDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;

/** An object in another process. Equal handles are one object as long as someone holds it. */
public final class RemoteBinder implements IBinder {
  /** How often the system has sent the handle: what is given back when the object is let go. */
  static final class Count {
    final int handle;
    int received;

    Count(int handle) {
      this.handle = handle;
    }
  }

  private final Connection connection;
  final Count count;
  private final List<DeathRecipient> recipients = new ArrayList<>();
  private boolean dead;
  private String descriptor;

  RemoteBinder(Connection connection, Count count) {
    this.connection = connection;
    this.count = count;
  }

  @Override
  public boolean transact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
    if (dead) {
      throw new DeadObjectException();
    }
    connection.transact(this, code, data, reply, flags);
    return true;
  }

  @Override
  public String getInterfaceDescriptor() throws RemoteException {
    if (descriptor == null) {
      Parcel data = Parcel.obtain();
      Parcel reply = Parcel.obtain();
      try {
        transact(INTERFACE_TRANSACTION, data, reply, 0);
        descriptor = reply.readString();
      } finally {
        data.recycle();
        reply.recycle();
      }
    }
    return descriptor;
  }

  @Override
  public boolean pingBinder() {
    Parcel data = Parcel.obtain();
    try {
      return transact(PING_TRANSACTION, data, null, 0);
    } catch (RemoteException gone) {
      return false;
    } finally {
      data.recycle();
    }
  }

  @Override
  public synchronized boolean isBinderAlive() {
    return !dead;
  }

  @Override
  public IInterface queryLocalInterface(String name) {
    return null;
  }

  @Override
  public void dump(FileDescriptor out, String[] arguments) {}

  @Override
  public void dumpAsync(FileDescriptor out, String[] arguments) {}

  public void shellCommand(
      FileDescriptor in, FileDescriptor out, FileDescriptor err, String[] arguments,
      android.os.ShellCallback callback, android.os.ResultReceiver result) {}

  @Override
  public synchronized void linkToDeath(DeathRecipient recipient, int flags) throws RemoteException {
    if (dead) {
      throw new DeadObjectException();
    }
    recipients.add(recipient);
  }

  @Override
  public boolean unlinkToDeath(DeathRecipient recipient, int flags) {
    synchronized (this) {
      if (dead) {
        return false;
      }
      if (recipients.remove(recipient)) {
        return true;
      }
    }
    throw new NoSuchElementException("Death link does not exist");
  }

  /** The process behind it has ended; tells each recipient once. */
  void died() {
    List<DeathRecipient> told;
    synchronized (this) {
      if (dead) {
        return;
      }
      dead = true;
      told = new ArrayList<>(recipients);
      recipients.clear();
    }
    for (DeathRecipient recipient : told) {
      try {
        recipient.binderDied(this);
      } catch (RuntimeException cause) {
        Log.w("BinderNative", "Uncaught exception from death notification", cause);
      }
    }
  }
}
