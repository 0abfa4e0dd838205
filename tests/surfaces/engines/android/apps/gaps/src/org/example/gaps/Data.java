package org.example.gaps;

import android.app.Activity;
import android.content.ContentValues;
import android.database.Cursor;
import android.media.MediaPlayer;
import android.media.audiofx.Equalizer;
import android.media.audiofx.Visualizer;
import android.net.Uri;
import android.os.Bundle;
import android.provider.CalendarContract;
import android.provider.CallLog;
import android.provider.ContactsContract;
import android.provider.MediaStore;
import android.widget.EditText;
import org.json.JSONException;
import org.json.JSONObject;

/** Writes what the phone's own data hold into a text field, as JSON, and plays a sound. */
public final class Data extends Activity {
  @Override
  protected void onCreate(Bundle state) {
    super.onCreate(state);
    EditText field = new EditText(this);
    setContentView(field);
    field.requestFocus();
    try {
      JSONObject told = new JSONObject();
      told.put("contacts", rows(ContactsContract.Contacts.CONTENT_URI, ContactsContract.Contacts.DISPLAY_NAME));
      told.put("calls", rows(CallLog.Calls.CONTENT_URI, CallLog.Calls.NUMBER));
      told.put("calendars", rows(CalendarContract.Calendars.CONTENT_URI, CalendarContract.Calendars.NAME));
      told.put("images", rows(MediaStore.Images.Media.EXTERNAL_CONTENT_URI, null));
      told.put("kept", getContentResolver().insert(MediaStore.Images.Media.EXTERNAL_CONTENT_URI, new ContentValues()));
      told.put("unknown", getContentResolver().acquireContentProviderClient("org.example.nobody") != null);
      told.put("plays", plays());
      told.put("bands", bands());
      told.put("capture", Visualizer.getCaptureSizeRange()[1]);
      field.setText(told.toString());
    } catch (JSONException | java.io.IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private String rows(Uri uri, String column) {
    try (Cursor found = getContentResolver().query(uri, column == null ? null : new String[] {column}, null, null, null)) {
      return found.getCount() + " of " + String.join(" ", found.getColumnNames());
    } catch (SecurityException refused) {
      return "refused";
    }
  }

  /** The levels of an equalizer's bands, the third of which is raised. */
  private static String bands() {
    Equalizer equalizer = new Equalizer(0, 1);
    equalizer.setBandLevel((short) 2, equalizer.getBandLevelRange()[1]);
    StringBuilder levels = new StringBuilder();
    for (short band = 0; band < equalizer.getNumberOfBands(); band++) {
      levels.append(equalizer.getCenterFreq(band) / 1000).append(':').append(equalizer.getBandLevel(band)).append(' ');
    }
    return levels.toString().trim();
  }

  private boolean plays() throws java.io.IOException {
    MediaPlayer player = new MediaPlayer();
    player.setDataSource(this, Uri.parse("https://example.org/a.mp3"));
    player.prepare();
    player.start();
    return player.isPlaying() && player.getDuration() == -1;
  }
}
