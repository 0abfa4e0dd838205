package org.example.errands;

import android.app.Activity;
import android.os.Bundle;
import android.view.ViewGroup.LayoutParams;
import android.widget.Button;
import android.widget.LinearLayout;

/** A title, which is what it has come to, and a column of buttons, each 64 dp high. */
abstract class Screen extends Activity {
  private LinearLayout column;

  @Override
  protected void onCreate(Bundle state) {
    setTheme(android.R.style.Theme_DeviceDefault_Light);
    super.onCreate(state);
    column = new LinearLayout(this);
    column.setOrientation(LinearLayout.VERTICAL);
    setContentView(column);
    if (state != null) {
      setTitle(state.getString("title"));
    }
  }

  @Override
  protected void onSaveInstanceState(Bundle state) {
    super.onSaveInstanceState(state);
    state.putString("title", getTitle().toString());
  }

  final void button(String english, String chinese, Runnable act) {
    Button button = new Button(this);
    button.setText(say(english, chinese));
    button.setAllCaps(false);
    button.setOnClickListener(view -> act.run());
    int height = Math.round(64 * getResources().getDisplayMetrics().density);
    column.addView(button, new LinearLayout.LayoutParams(LayoutParams.MATCH_PARENT, height));
  }

  final String say(String english, String chinese) {
    String language = getResources().getConfiguration().getLocales().get(0).getLanguage();
    return "zh".equals(language) ? chinese : english;
  }
}
