package org.example.gaps;

import android.app.Activity;
import android.graphics.Color;
import android.os.Bundle;

/** Draws on its window's own surface. */
public final class Taken extends Activity {
  @Override
  protected void onCreate(Bundle state) {
    super.onCreate(state);
    getWindow().takeSurface(new Pen(Color.BLUE));
  }
}
