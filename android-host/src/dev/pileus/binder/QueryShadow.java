package dev.pileus.binder;

import android.database.CursorWindow;
import android.database.sqlite.SQLiteProgram;
import android.database.sqlite.SQLiteQuery;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.annotation.RealObject;
import org.robolectric.util.ReflectionHelpers;
import org.robolectric.util.reflector.Direct;
import org.robolectric.util.reflector.ForType;
import org.robolectric.util.reflector.Reflector;

/** Notes how many columns SQLite filled a window with, see {@link WindowShadow}. */
@Implements(className = "android.database.sqlite.SQLiteQuery")
public class QueryShadow {
  @RealObject private SQLiteQuery self;

  @Implementation
  protected int fillWindow(CursorWindow window, int start, int required, boolean countAll) {
    Real real = Reflector.reflector(Real.class, self);
    int rows = real.fillWindow(window, start, required, countAll);
    String[] names =
        ReflectionHelpers.callInstanceMethod(SQLiteProgram.class, self, "getColumnNames");
    WindowShadow.columns(window, names.length);
    return rows;
  }

  @ForType(SQLiteQuery.class)
  interface Real {
    @Direct
    int fillWindow(CursorWindow window, int start, int required, boolean countAll);
  }
}
