package org.example.errands;

import android.content.Intent;
import android.os.Bundle;

/** Takes a text. */
public final class Share extends Screen {
  @Override
  protected void onCreate(Bundle state) {
    super.onCreate(state);
    setTitle(say("Got: ", "收到：") + getIntent().getStringExtra(Intent.EXTRA_TEXT));
    button("Done", "完成", this::finish);
  }
}
