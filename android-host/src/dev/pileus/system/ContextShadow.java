package dev.pileus.system;

import android.content.Context;
import android.content.Intent;
import android.content.IntentSender;
import android.content.pm.PackageManager;
import android.os.Binder;
import android.os.Bundle;
import android.os.Environment;
import android.os.Process;
import android.os.UserHandle;
import java.io.File;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.annotation.RealObject;

/** ContextImpl as it is, but for what a process of one app has to answer in another way. */
@Implements(className = "android.app.ContextImpl")
public class ContextShadow {
  @RealObject private Context self;

  @Implementation
  protected int checkPermission(String permission, int pid, int uid) {
    if (permission == null) {
      throw new IllegalArgumentException("permission is null");
    }
    if (uid == Process.myUid()) {
      return self.getPackageManager().checkPermission(permission, self.getPackageName());
    }
    try {
      return android.app.ActivityManager.getService().checkPermission(permission, pid, uid);
    } catch (android.os.RemoteException cause) {
      throw cause.rethrowFromSystemServer();
    }
  }

  @Implementation
  protected int checkCallingPermission(String permission) {
    int pid = Binder.getCallingPid();
    return pid == Process.myPid()
        ? PackageManager.PERMISSION_DENIED
        : checkPermission(permission, pid, Binder.getCallingUid());
  }

  @Implementation
  protected int checkCallingOrSelfPermission(String permission) {
    return checkPermission(permission, Binder.getCallingPid(), Binder.getCallingUid());
  }

  @Implementation
  protected void startActivityAsUser(Intent intent, Bundle options, UserHandle user) {
    self.startActivity(intent, options);
  }

  /** From no activity: nobody waits for a result. */
  @Implementation
  protected void startIntentSender(
      IntentSender sender, Intent fill, int mask, int values, int extra, Bundle options)
      throws IntentSender.SendIntentException {
    OtherApps.send(sender, null, null, null, -1, fill, mask, values);
  }

  @Implementation
  protected File getExternalFilesDir(String type) {
    File shared = Environment.getExternalStoragePublicDirectory(null);
    if (shared == null) {
      return null;
    }
    File own = new File(shared, "Android/data/" + self.getPackageName());
    File folder = type == null ? own : new File(own, type);
    folder.mkdirs();
    return folder;
  }

  @Implementation
  protected File[] getExternalFilesDirs(String type) {
    return new File[] {getExternalFilesDir(type)};
  }
}
