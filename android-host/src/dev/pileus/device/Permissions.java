package dev.pileus.device;

import android.app.Activity;
import android.content.Context;
import android.content.Intent;
import android.content.pm.PackageManager;

/**
 * Activity.requestPermissions, which starts an activity of the system's. Nobody is asked: an app has what its
 * manifest asks for from its installation on, and nothing else, so that the answer is there already.
 */
final class Permissions {
  private Permissions() {}

  static boolean asks(Intent intent) {
    return PackageManager.ACTION_REQUEST_PERMISSIONS.equals(intent.getAction());
  }

  /** What the app is told when it goes on. */
  static Entry.Result answer(Context context, String who, Intent intent, int request) {
    String[] names = intent.getStringArrayExtra(PackageManager.EXTRA_REQUEST_PERMISSIONS_NAMES);
    int[] held = new int[names == null ? 0 : names.length];
    for (int i = 0; i < held.length; i++) {
      held[i] = context.checkSelfPermission(names[i]);
    }
    Intent answer = new Intent(PackageManager.ACTION_REQUEST_PERMISSIONS);
    answer.putExtra(PackageManager.EXTRA_REQUEST_PERMISSIONS_NAMES, names);
    answer.putExtra(PackageManager.EXTRA_REQUEST_PERMISSIONS_RESULTS, held);
    return new Entry.Result(who, request, Activity.RESULT_OK, answer);
  }
}
