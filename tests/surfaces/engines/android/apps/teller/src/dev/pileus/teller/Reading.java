package dev.pileus.teller;

import static dev.pileus.teller.Teller.tell;

import android.content.ContentResolver;
import android.content.ContentValues;
import android.content.Context;
import android.database.ContentObserver;
import android.database.Cursor;
import android.net.Uri;
import android.os.Bundle;
import android.os.Handler;
import android.os.Looper;
import android.os.ParcelFileDescriptor;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.util.Arrays;

/** Reads the other app's provider. */
final class Reading {
  private static final Uri NOTES = Uri.parse("content://dev.pileus.talker.notes/note");
  private final ContentResolver resolver;

  Reading(Context context) {
    resolver = context.getContentResolver();
  }

  void run() throws Exception {
    tell("type " + resolver.getType(NOTES));
    try (Cursor cursor = resolver.query(NOTES, null, "_id < ?", new String[] {"3"}, "_id")) {
      tell("columns " + Arrays.toString(cursor.getColumnNames()) + " rows " + cursor.getCount());
      while (cursor.moveToNext()) {
        tell(
            cursor.getLong(0) + " " + cursor.getString(1) + " " + cursor.getDouble(2) + " "
                + Arrays.toString(cursor.getBlob(3)));
      }
    }
    Uri many = Uri.parse("content://dev.pileus.talker.notes/many");
    try (Cursor cursor = resolver.query(many, null, null, null, null)) {
      long sum = 0;
      while (cursor.moveToNext()) {
        sum += cursor.getLong(0) + cursor.getString(1).length();
      }
      tell("many " + cursor.getCount() + " " + sum);
    }
    Uri first = Uri.withAppendedPath(NOTES, "1");
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(resolver.openInputStream(first)))) {
      tell(in.readLine());
    }
    try (ParcelFileDescriptor file = resolver.openFileDescriptor(first, "r")) {
      tell("size " + file.getStatSize());
    }
    Bundle extras = new Bundle();
    extras.putInt("number", 42);
    tell("call " + resolver.call(NOTES, "ask", "me", extras).getString("answer"));
    ContentValues values = new ContentValues();
    values.put("text", "three");
    try {
      resolver.insert(NOTES, values);
    } catch (SecurityException refused) {
      tell("insert refused");
    }
    try (OutputStream out = resolver.openOutputStream(first)) {
      out.write(1);
    } catch (SecurityException refused) {
      tell("writing refused");
    }
    try {
      resolver.query(Uri.parse("content://no.such"), null, null, null, null);
      tell("no provider null");
    } catch (IllegalArgumentException missing) {
      tell("no provider");
    }
  }

  void observe() {
    resolver.registerContentObserver(
        NOTES,
        true,
        new ContentObserver(new Handler(Looper.getMainLooper())) {
          @Override
          public void onChange(boolean self, Uri uri) {
            tell("changed " + uri);
          }
        });
  }
}
