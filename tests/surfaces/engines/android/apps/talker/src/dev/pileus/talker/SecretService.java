package dev.pileus.talker;

import android.app.Service;
import android.content.Intent;
import android.os.Binder;
import android.os.IBinder;

/** Not for others. */
public class SecretService extends Service {
  @Override
  public IBinder onBind(Intent intent) {
    return new Binder();
  }
}
