package dev.pileus.talker;

import android.content.ContentProvider;
import android.content.ContentValues;
import android.database.Cursor;
import android.database.sqlite.SQLiteDatabase;
import android.net.Uri;
import android.os.Bundle;
import android.os.ParcelFileDescriptor;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.FileWriter;
import java.io.IOException;

/** A table of notes in SQLite, and a file for each. */
public class Notes extends ContentProvider {
  private SQLiteDatabase database;

  @Override
  public boolean onCreate() {
    File file = new File(getContext().getFilesDir(), "notes.db");
    database = SQLiteDatabase.openOrCreateDatabase(file, null);
    database.execSQL(
        "CREATE TABLE IF NOT EXISTS note (_id INTEGER PRIMARY KEY, text TEXT, weight REAL, seal BLOB)");
    if (database.compileStatement("SELECT COUNT(*) FROM note").simpleQueryForLong() == 0) {
      database.execSQL("INSERT INTO note VALUES (1, '西湖', 1.5, x'00ff10'), (2, NULL, -2, NULL)");
    }
    return true;
  }

  @Override
  public Cursor query(Uri uri, String[] columns, String where, String[] values, String order) {
    if ("many".equals(uri.getLastPathSegment())) {
      return database.rawQuery(
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
              + " SELECT i AS _id, printf('%0200d', i) AS text FROM n",
          null);
    }
    Cursor cursor = database.query("note", columns, where, values, null, null, order);
    cursor.setNotificationUri(getContext().getContentResolver(), uri);
    return cursor;
  }

  @Override
  public Uri insert(Uri uri, ContentValues values) {
    long id = database.insert("note", null, values);
    Uri made = Uri.withAppendedPath(uri, Long.toString(id));
    getContext().getContentResolver().notifyChange(made, null);
    return made;
  }

  @Override
  public int update(Uri uri, ContentValues values, String where, String[] arguments) {
    int changed = database.update("note", values, where, arguments);
    getContext().getContentResolver().notifyChange(uri, null);
    return changed;
  }

  @Override
  public int delete(Uri uri, String where, String[] arguments) {
    return database.delete("note", where, arguments);
  }

  @Override
  public String getType(Uri uri) {
    return "vnd.android.cursor.dir/vnd.pileus.note";
  }

  @Override
  public Bundle call(String method, String argument, Bundle extras) {
    Bundle answer = new Bundle();
    answer.putString("answer", method + " " + argument + " " + extras.getInt("number"));
    return answer;
  }

  @Override
  public ParcelFileDescriptor openFile(Uri uri, String mode) throws FileNotFoundException {
    File file = new File(getContext().getFilesDir(), "note-" + uri.getLastPathSegment() + ".txt");
    if (!file.exists()) {
      try (FileWriter out = new FileWriter(file)) {
        out.write("the file of note " + uri.getLastPathSegment());
      } catch (IOException cause) {
        throw new FileNotFoundException(cause.getMessage());
      }
    }
    return ParcelFileDescriptor.open(file, ParcelFileDescriptor.parseMode(mode));
  }
}
