package dev.pileus.steps;

import android.app.Activity;
import android.content.Intent;
import android.graphics.Canvas;
import android.graphics.Color;
import android.os.Bundle;
import android.os.SystemClock;
import android.view.SurfaceHolder;
import android.widget.EditText;
import android.widget.LinearLayout;
import android.widget.TextView;
import java.io.File;
import java.io.FileWriter;
import java.io.IOException;

/** Activities that write down what happens to them. What they have to do comes through {@link Hand}. */
public class Steps extends Activity {
  static Steps front;
  int count;
  byte[] ballast;

  public static class Main extends Steps {}

  public static class Second extends Steps {}

  public static class Third extends Steps {}

  public static class Top extends Steps {}

  public static class Task extends Steps {}

  public static class Alone extends Steps {}

  public static class Other extends Steps {}

  public static class Brief extends Steps {}

  public static class Pick extends Steps {}

  /** Draws its window by itself. */
  public static class Taker extends Steps implements SurfaceHolder.Callback2 {
    @Override
    protected void onCreate(Bundle state) {
      super.onCreate(state);
      getWindow().takeSurface(this);
    }

    @Override
    public void surfaceCreated(SurfaceHolder holder) {}

    @Override
    public void surfaceChanged(SurfaceHolder holder, int format, int width, int height) {
      Canvas canvas = holder.lockCanvas();
      canvas.drawColor(Color.RED);
      holder.unlockCanvasAndPost(canvas);
    }

    @Override
    public void surfaceDestroyed(SurfaceHolder holder) {}

    @Override
    public void surfaceRedrawNeeded(SurfaceHolder holder) {}
  }

  public static class Share extends Steps {}

  @Override
  protected void onCreate(Bundle state) {
    super.onCreate(state);
    count = state == null ? 0 : state.getInt("count");
    setTitle(name());
    LinearLayout column = new LinearLayout(this);
    column.setOrientation(LinearLayout.VERTICAL);
    column.setBackgroundColor(0xff000000 | name().hashCode());
    TextView text = new TextView(this);
    text.setText(name());
    text.setTextColor(Color.WHITE);
    column.addView(text);
    EditText field = new EditText(this);
    field.setId(1);
    field.setText(count == 0 ? "" : "kept");
    column.addView(field);
    setContentView(column);
    String by = getCallingActivity() == null ? "" : " for " + getCallingActivity().getShortClassName();
    tell((state == null ? "created" : "restored " + count) + by);
  }

  @Override
  protected void onNewIntent(Intent intent) {
    super.onNewIntent(intent);
    tell("new");
  }

  @Override
  protected void onResume() {
    super.onResume();
    front = this;
    tell("resumed");
  }

  @Override
  protected void onPause() {
    super.onPause();
    linger("pausing");
  }

  @Override
  protected void onStop() {
    super.onStop();
    tell("stopped");
  }

  @Override
  protected void onDestroy() {
    super.onDestroy();
    tell("destroyed");
    linger("destroying");
  }

  @Override
  protected void onSaveInstanceState(Bundle state) {
    super.onSaveInstanceState(state);
    state.putInt("count", count);
    state.putByteArray("ballast", ballast);
  }

  @Override
  protected void onActivityResult(int request, int code, Intent data) {
    super.onActivityResult(request, code, data);
    tell("result " + request + " " + code + " " + (data == null ? null : data.getStringExtra("text")));
  }

  /** Holds the main thread as long as there is a file of this name. */
  private void linger(String name) {
    File file = new File(getFilesDir(), name);
    if (file.exists()) {
      tell(name);
    }
    while (file.exists()) {
      SystemClock.sleep(10);
    }
  }

  String name() {
    return getClass().getSimpleName();
  }

  void tell(String what) {
    try (FileWriter file = new FileWriter(getFilesDir() + "/told.txt", true)) {
      file.write(name() + " " + what + "\n");
    } catch (IOException cause) {
      throw new IllegalStateException(cause);
    }
  }
}
