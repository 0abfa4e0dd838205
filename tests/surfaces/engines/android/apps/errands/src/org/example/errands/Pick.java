package org.example.errands;

import android.content.Intent;
import android.os.Bundle;

/** Gives back which parcel was picked. */
public final class Pick extends Screen {
  @Override
  protected void onCreate(Bundle state) {
    super.onCreate(state);
    setTitle(say("Parcels", "包裹"));
    button("Tea", "茶叶", () -> give(say("tea", "茶叶")));
    button("Rice", "大米", () -> give(say("rice", "大米")));
  }

  private void give(String parcel) {
    setResult(RESULT_OK, new Intent().putExtra("parcel", parcel));
    finish();
  }
}
