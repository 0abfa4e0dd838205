package org.example.errands;

import android.content.Intent;
import android.graphics.Bitmap;
import android.graphics.Color;
import android.os.Bundle;
import java.util.ArrayList;
import java.util.List;

/** Has others do things. */
public final class Errands extends Screen {
  private final List<Bitmap> pictures = new ArrayList<>();

  @Override
  protected void onCreate(Bundle state) {
    super.onCreate(state);
    if (state == null) {
      setTitle(say("Errands", "跑腿"));
    }
    button("Pick a parcel", "选一个包裹", this::pick);
    button("Share the list", "分享清单", this::share);
    button("Paint without end", "不停地画", this::paint);
    button("Fall over", "摔倒", this::fall);
  }

  private void pick() {
    startActivityForResult(new Intent().setClassName("org.example.parcels", Pick.class.getName()), 1);
  }

  @Override
  protected void onActivityResult(int request, int result, Intent data) {
    if (result == RESULT_OK) {
      setTitle(say("On its way: ", "已寄出：") + data.getStringExtra("parcel"));
    } else {
      setTitle(say("Nothing was picked", "没有选择"));
    }
  }

  private void share() {
    startActivity(new Intent(Intent.ACTION_SEND).setType("text/plain").putExtra(Intent.EXTRA_TEXT, "tea, rice"));
  }

  private void fall() {
    throw new IllegalStateException("The basket is empty");
  }

  /** 64 MB at once, until it may have no more. */
  private void paint() {
    Bitmap picture = Bitmap.createBitmap(4096, 4096, Bitmap.Config.ARGB_8888);
    picture.eraseColor(Color.RED);
    pictures.add(picture);
    getWindow().getDecorView().post(this::paint);
  }
}
