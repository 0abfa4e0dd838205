package dev.pileus.binder;

import android.database.Cursor;
import android.database.CursorWindow;
import android.os.Parcel;
import java.util.concurrent.ConcurrentHashMap;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.shadows.ShadowNativeCursorWindow;
import org.robolectric.util.ReflectionHelpers;
import org.robolectric.util.ReflectionHelpers.ClassParameter;
import org.robolectric.util.reflector.Direct;
import org.robolectric.util.reflector.ForType;
import org.robolectric.util.reflector.Reflector;
import org.robolectric.util.reflector.Static;

/** A window of a cursor on its way to another process: its rows, in a file in memory. */
@Implements(className = "android.database.CursorWindow", callNativeMethodsByDefault = true)
public class WindowShadow extends ShadowNativeCursorWindow {
  /** The native side cannot be asked how many columns a window has. */
  private static final ConcurrentHashMap<Long, Integer> COLUMNS = new ConcurrentHashMap<>();

  static void columns(CursorWindow window, int count) {
    COLUMNS.put(ReflectionHelpers.<Long>getField(window, "mWindowPtr"), count);
  }

  @Implementation
  protected static boolean nativeSetNumColumns(long pointer, int count) {
    COLUMNS.put(pointer, count);
    return Reflector.reflector(Real.class).nativeSetNumColumns(pointer, count);
  }

  @Implementation
  protected static void nativeDispose(long pointer) {
    COLUMNS.remove(pointer);
    Reflector.reflector(Real.class).nativeDispose(pointer);
  }

  @Implementation
  protected static void nativeWriteToParcel(long pointer, Parcel target) {
    Real real = Reflector.reflector(Real.class);
    int columns = COLUMNS.getOrDefault(pointer, 0);
    int rows = real.nativeGetNumRows(pointer);
    ParcelData data = new ParcelData();
    data.writeString8(real.nativeGetName(pointer));
    data.writeInt(columns);
    data.writeInt(rows);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        int type = real.nativeGetType(pointer, row, column);
        data.writeInt(type);
        switch (type) {
          case Cursor.FIELD_TYPE_INTEGER -> data.writeLong(real.nativeGetLong(pointer, row, column));
          case Cursor.FIELD_TYPE_FLOAT ->
              data.writeLong(Double.doubleToRawLongBits(real.nativeGetDouble(pointer, row, column)));
          case Cursor.FIELD_TYPE_STRING ->
              data.writeString16(real.nativeGetString(pointer, row, column));
          case Cursor.FIELD_TYPE_BLOB -> {
            byte[] blob = real.nativeGetBlob(pointer, row, column);
            data.writeBytes(blob, 0, blob.length);
          }
          default -> {}
        }
      }
    }
    Sheet.write(target, data.toBytes());
  }

  @Implementation
  protected static long nativeCreateFromParcel(Parcel source) {
    byte[] bytes = Sheet.read(source);
    ParcelData data = new ParcelData();
    data.fill(bytes, 0, bytes.length);
    String name = data.readString8();
    int columns = data.readInt();
    int rows = data.readInt();
    Real real = Reflector.reflector(Real.class);
    long pointer = create(name, bytes.length, columns, rows);
    nativeSetNumColumns(pointer, columns);
    for (int row = 0; row < rows; row++) {
      real.nativeAllocRow(pointer);
      for (int column = 0; column < columns; column++) {
        switch (data.readInt()) {
          case Cursor.FIELD_TYPE_INTEGER -> real.nativePutLong(pointer, data.readLong(), row, column);
          case Cursor.FIELD_TYPE_FLOAT ->
              real.nativePutDouble(pointer, Double.longBitsToDouble(data.readLong()), row, column);
          case Cursor.FIELD_TYPE_STRING -> putString(pointer, data.readString16(), row, column);
          case Cursor.FIELD_TYPE_BLOB -> putBlob(pointer, data.readBytes(), row, column);
          default -> real.nativePutNull(pointer, row, column);
        }
      }
    }
    return pointer;
  }

  private static void putString(long pointer, String value, int row, int column) {
    nativePutString(pointer, value == null ? "" : value, row, column);
  }

  private static void putBlob(long pointer, byte[] value, int row, int column) {
    nativePutBlob(pointer, value == null ? new byte[0] : value, row, column);
  }

  private static long create(String name, int bytes, int columns, int rows) {
    // Native slots: 16 bytes a field, 4 a row, and some for its own tables.
    int size = bytes * 2 + 16 * columns * rows + 8 * rows + (16 << 10);
    return ReflectionHelpers.callStaticMethod(
        CursorWindow.class,
        "nativeCreate",
        ClassParameter.from(String.class, name == null ? "" : name),
        ClassParameter.from(int.class, size));
  }

  @ForType(CursorWindow.class)
  interface Real {
    @Static
    @Direct(format = Direct.DirectFormat.NATIVE)
    boolean nativeSetNumColumns(long pointer, int count);

    @Static
    @Direct(format = Direct.DirectFormat.NATIVE)
    void nativeDispose(long pointer);

    @Static
    int nativeGetNumRows(long pointer);

    @Static
    String nativeGetName(long pointer);

    @Static
    int nativeGetType(long pointer, int row, int column);

    @Static
    long nativeGetLong(long pointer, int row, int column);

    @Static
    double nativeGetDouble(long pointer, int row, int column);

    @Static
    String nativeGetString(long pointer, int row, int column);

    @Static
    byte[] nativeGetBlob(long pointer, int row, int column);

    @Static
    boolean nativeAllocRow(long pointer);

    @Static
    boolean nativePutLong(long pointer, long value, int row, int column);

    @Static
    boolean nativePutDouble(long pointer, double value, int row, int column);

    @Static
    boolean nativePutNull(long pointer, int row, int column);
  }
}
