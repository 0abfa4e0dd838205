package dev.pileus.device;

import android.app.Activity;
import android.app.AlertDialog;
import android.graphics.Color;
import android.os.Bundle;
import android.os.Looper;
import android.text.InputType;
import android.view.Menu;
import android.view.MotionEvent;
import android.view.View;
import android.view.animation.AlphaAnimation;
import android.widget.ArrayAdapter;
import android.widget.Button;
import android.widget.CheckBox;
import android.widget.EditText;
import android.widget.ImageView;
import android.widget.LinearLayout;
import android.widget.ListView;
import android.widget.PopupWindow;
import android.widget.ProgressBar;
import android.widget.RadioButton;
import android.widget.ScrollView;
import android.widget.SeekBar;
import android.widget.Spinner;
import android.widget.Switch;
import android.widget.TextView;
import dev.pileus.host.Boot;
import dev.pileus.host.LateManifest;
import dev.pileus.system.Framework;
import java.time.Duration;
import java.util.Collections;
import org.robolectric.Robolectric;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.android.controller.ActivityController;
import org.robolectric.shadow.api.Shadow;
import org.robolectric.shadows.ShadowPausedLooper;
import org.robolectric.shadows.ShadowSystemClock;

/** An app of the host's own that uses what most apps use, so that it is loaded before one comes. */
public final class Rehearsal {
  private static final int WIDTH = 480;
  private static final int HEIGHT = 800;
  private static final int FRAMES = 6;

  /** What it shows. */
  public static final class Stage extends Activity {
    ListView list;
    EditText field;

    @Override
    protected void onCreate(Bundle state) {
      super.onCreate(state);
      setTitle("Rehearsal");
      LinearLayout column = new LinearLayout(this);
      column.setOrientation(LinearLayout.VERTICAL);
      TextView text = new TextView(this);
      text.setText(android.text.Html.fromHtml("<b>Some</b> <i>text</i> 文字", 0));
      field = new EditText(this);
      field.setInputType(InputType.TYPE_CLASS_TEXT | InputType.TYPE_TEXT_FLAG_MULTI_LINE);
      field.setText("typed");
      Spinner choice = new Spinner(this);
      choice.setAdapter(adapter(android.R.layout.simple_spinner_item));
      ImageView picture = new ImageView(this);
      picture.setImageResource(android.R.drawable.ic_dialog_info);
      ProgressBar bar = new ProgressBar(this, null, android.R.attr.progressBarStyleHorizontal);
      View[] parts = {
        text, field, new Button(this), new CheckBox(this), new RadioButton(this), new Switch(this), choice,
        picture, bar, new SeekBar(this),
      };
      for (View part : parts) {
        column.addView(part);
      }
      ScrollView scroll = new ScrollView(this);
      scroll.addView(column);
      list = new ListView(this);
      list.setAdapter(adapter(android.R.layout.simple_list_item_1));
      LinearLayout whole = new LinearLayout(this);
      whole.setOrientation(LinearLayout.VERTICAL);
      whole.addView(scroll, new LinearLayout.LayoutParams(-1, HEIGHT / 2));
      whole.addView(list, new LinearLayout.LayoutParams(-1, -1));
      setContentView(whole);
      AlphaAnimation fade = new AlphaAnimation(0, 1);
      fade.setDuration(50);
      text.startAnimation(fade);
      picture.animate().translationX(5).setDuration(50);
      picture.setBackgroundColor(Color.GRAY);
    }

    @Override
    public boolean onCreateOptionsMenu(Menu menu) {
      menu.add("One").setIcon(android.R.drawable.ic_menu_add);
      return true;
    }

    private ArrayAdapter<String> adapter(int layout) {
      return new ArrayAdapter<>(this, layout, Collections.nCopies(40, "A line of text"));
    }
  }

  private final ActivityStack none = new ActivityStack(RuntimeEnvironment.getApplication());
  private final Screen screen = new Screen(WIDTH, HEIGHT, () -> none);
  private final ShadowPausedLooper looper = Shadow.extract(Looper.getMainLooper());

  private Rehearsal() {}

  /** Shows, touches and leaves it, and has all forgotten; on the main thread, the framework being set up. */
  public static void run(Boot boot, LateManifest manifest) {
    new Device(manifest);
    Framework.alone();
    new Rehearsal().play();
    boot.again(manifest);
    // What it left behind is garbage, and no app runs yet that would notice the pause.
    System.gc();
  }

  private void play() {
    ActivityController<Stage> controller = Robolectric.buildActivity(Stage.class);
    controller.create().start().postCreate(null).resume().visible().topActivityResumed(true);
    frames();
    controller.windowFocusChanged(true);
    Stage stage = controller.get();
    frames();
    touch(MotionEvent.ACTION_DOWN, HEIGHT * 3 / 4);
    touch(MotionEvent.ACTION_MOVE, HEIGHT * 5 / 8);
    touch(MotionEvent.ACTION_UP, HEIGHT / 2);
    frames();
    AlertDialog dialog =
        new AlertDialog.Builder(stage)
            .setTitle("Title")
            .setMessage("Message")
            .setPositiveButton(android.R.string.ok, null)
            .show();
    frames();
    dialog.dismiss();
    PopupWindow popup = new PopupWindow(new TextView(stage), 50, 50);
    popup.showAtLocation(stage.list, 0, 10, 10);
    frames();
    popup.dismiss();
    stage.finish();
    controller.pause().stop().destroy();
    frames();
  }

  private void frames() {
    for (int i = 0; i < FRAMES; i++) {
      looper.idle();
      screen.draw(screen.places());
      ShadowSystemClock.advanceBy(Duration.ofMillis(16));
    }
  }

  private void touch(int action, float y) {
    long now = android.os.SystemClock.uptimeMillis();
    screen.touch(MotionEvent.obtain(now, now, action, WIDTH / 2f, y, 0));
    frames();
  }
}
