package dev.pileus.system;

import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import dev.pileus.binder.Connection;
import dev.pileus.binder.RemoteBinder;
import java.io.IOException;
import java.nio.file.Path;

/** The app's process and its account's system: calls to it by name; its own go to {@link AppThread}. */
public final class SystemLink {
  private static final int CALL = 1;
  private final Connection connection;
  private final RemoteBinder system;

  SystemLink(Path path, IBinder root) throws IOException {
    connection = new Connection(path, root);
    system = connection.system();
  }

  int uid() {
    return connection.uid;
  }

  int pid() {
    return connection.pid;
  }

  /** Asks and waits; a refusal is a SecurityException with the system's words. */
  Message call(String method, Message message) {
    Parcel data = Parcel.obtain();
    Parcel reply = Parcel.obtain(); // Not recycled: the answer's pieces are read from it later.
    try {
      message.put("m", method).writeTo(data);
      system.transact(CALL, data, reply, 0);
      Message answer = Message.of(reply);
      if (answer.has("refused")) {
        throw new SecurityException(answer.text("refused"));
      } else if (answer.has("illegal")) {
        throw new IllegalArgumentException(answer.text("illegal"));
      }
      return answer;
    } catch (RemoteException cause) {
      throw cause.rethrowFromSystemServer();
    } finally {
      data.recycle();
    }
  }

  /** Tells, without waiting for what comes of it. */
  void tell(String method, Message message) {
    Parcel data = Parcel.obtain();
    try {
      message.put("m", method).writeTo(data);
      system.transact(CALL, data, null, IBinder.FLAG_ONEWAY);
    } catch (RemoteException cause) {
      throw cause.rethrowFromSystemServer();
    } finally {
      data.recycle();
    }
  }
}
