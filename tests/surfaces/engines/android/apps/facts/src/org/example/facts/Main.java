package org.example.facts;

import static android.Manifest.permission.CAMERA;
import static android.Manifest.permission.READ_CONTACTS;

import android.app.Activity;
import android.content.SharedPreferences;
import android.os.Build;
import android.os.Bundle;
import android.os.StatFs;
import android.provider.Settings;
import android.view.MotionEvent;
import android.widget.EditText;
import java.io.File;
import java.util.TimeZone;
import java.util.TreeSet;
import org.json.JSONException;
import org.json.JSONObject;

/** Writes what it sees of its device into a text field, as JSON; every touch makes it look again. */
public final class Main extends Activity {
  private final TreeSet<String> fingers = new TreeSet<>();
  private final TreeSet<String> answers = new TreeSet<>();
  private EditText field;
  private int starts;

  @Override
  protected void onCreate(Bundle state) {
    super.onCreate(state);
    SharedPreferences kept = getSharedPreferences("kept", MODE_PRIVATE);
    starts = kept.getInt("starts", 0) + 1;
    kept.edit().putInt("starts", starts).commit();
    field = new EditText(this);
    setContentView(field);
    field.requestFocus();
    if (state == null) {
      requestPermissions(new String[] {CAMERA, READ_CONTACTS}, 7);
    }
    tell();
  }

  @Override
  public void onRequestPermissionsResult(int request, String[] names, int[] held) {
    for (int i = 0; i < names.length; i++) {
      answers.add(request + ":" + names[i] + ":" + held[i]);
    }
    tell();
  }

  @Override
  public boolean dispatchTouchEvent(MotionEvent event) {
    if (event.getPointerCount() == 2) {
      fingers.add(event.getActionMasked() + ":" + (int) event.getX(0) + "," + (int) event.getX(1));
    }
    if (event.getActionMasked() == MotionEvent.ACTION_UP) {
      tell();
    }
    return true;
  }

  private static String property(String name) {
    try {
      return (String) Class.forName("android.os.SystemProperties").getMethod("get", String.class).invoke(null, name);
    } catch (ReflectiveOperationException hidden) {
      return String.valueOf(hidden);
    }
  }

  private void tell() {
    try {
      JSONObject facts = new JSONObject();
      facts.put("now_ms", System.currentTimeMillis());
      facts.put("zone", TimeZone.getDefault().getID());
      facts.put("starts", starts);
      facts.put("files", new File(getFilesDir(), "x").getParent());
      facts.put("android_id", Settings.Secure.getString(getContentResolver(), "android_id"));
      facts.put("answers", String.join(" ", answers));
      StatFs disk = new StatFs(getFilesDir().getPath());
      facts.put("disk", disk.getTotalBytes()).put("free", disk.getAvailableBytes());
      for (String name : new String[] {"ro.product.model", "ro.build.fingerprint", "ro.build.display.id"}) {
        facts.put(name, property(name));
      }
      for (String name : new String[] {"java.vm.name", "java.vm.version", "http.agent"}) {
        facts.put(name, System.getProperty(name));
      }
      facts.put("fingers", String.join(" ", fingers));
      facts.put(
          "build",
          String.join(
              " ", Build.MODEL, Build.MANUFACTURER, Build.BRAND, Build.DEVICE, Build.PRODUCT, Build.BOARD,
              Build.HARDWARE, Build.HOST, Build.USER, Build.TAGS, Build.TYPE, Build.DISPLAY,
              Build.FINGERPRINT, Build.BOOTLOADER, Build.ID));
      field.setText(facts.toString());
    } catch (JSONException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
