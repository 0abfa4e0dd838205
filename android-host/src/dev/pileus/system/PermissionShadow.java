package dev.pileus.system;

import android.content.AttributionSource;
import android.content.Context;
import android.content.PermissionChecker;
import android.content.pm.PackageManager;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;

/** PermissionChecker without app ops: a permission is held or it is not. */
@Implements(className = "android.content.PermissionChecker")
public class PermissionShadow {
  @Implementation
  protected static int checkPermissionForDataDelivery(
      Context context, String permission, int pid, int uid, String name, String tag, String message) {
    return result(context.checkPermission(permission, pid, uid));
  }

  @Implementation
  protected static int checkPermissionForDataDelivery(
      Context context, String permission, int pid, AttributionSource source, String message) {
    return chain(context, permission, pid, source);
  }

  @Implementation
  protected static int checkPermissionForDataDeliveryFromDataSource(
      Context context, String permission, int pid, AttributionSource source, String message) {
    // The first is the provider itself: what counts is whom it hands the data to.
    return chain(context, permission, pid, source.getNext());
  }

  @Implementation
  protected static int checkPermissionForPreflight(
      Context context, String permission, int pid, int uid, String name) {
    return result(context.checkPermission(permission, pid, uid));
  }

  @Implementation
  protected static int checkPermissionForPreflight(
      Context context, String permission, AttributionSource source) {
    return chain(context, permission, -1, source);
  }

  @Implementation
  protected static int checkOpForDataDelivery(
      Context context, String op, AttributionSource source, String message) {
    return PermissionChecker.PERMISSION_GRANTED;
  }

  @Implementation
  protected static int checkOpForPreflight(
      Context context, String op, AttributionSource source, String message) {
    return PermissionChecker.PERMISSION_GRANTED;
  }

  private static int chain(Context context, String permission, int pid, AttributionSource source) {
    for (AttributionSource each = source; each != null; each = each.getNext()) {
      int found = result(context.checkPermission(permission, pid, each.getUid()));
      if (found != PermissionChecker.PERMISSION_GRANTED) {
        return found;
      }
    }
    return PermissionChecker.PERMISSION_GRANTED;
  }

  private static int result(int held) {
    return held == PackageManager.PERMISSION_GRANTED
        ? PermissionChecker.PERMISSION_GRANTED
        : PermissionChecker.PERMISSION_HARD_DENIED;
  }
}
