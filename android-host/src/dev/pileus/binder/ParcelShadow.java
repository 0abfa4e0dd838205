package dev.pileus.binder;

import android.os.IBinder;
import android.os.Parcel;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.util.ReflectionHelpers;

/** The native side of Parcel, in Android's layout, so that its bytes can go to another process. */
@Implements(className = "android.os.Parcel")
public class ParcelShadow {
  private static final ConcurrentHashMap<Long, ParcelData> ALL = new ConcurrentHashMap<>();
  private static final AtomicLong NEXT = new AtomicLong();

  static ParcelData of(Parcel parcel) {
    return ALL.get(ReflectionHelpers.<Long>getField(parcel, "mNativePtr"));
  }

  private static ParcelData at(long pointer) {
    return ALL.get(pointer);
  }

  @Implementation
  protected static long nativeCreate() {
    long pointer = NEXT.incrementAndGet();
    ALL.put(pointer, new ParcelData());
    return pointer;
  }

  @Implementation
  protected static void nativeDestroy(long pointer) {
    ParcelData gone = ALL.remove(pointer);
    if (gone != null) {
      gone.clear();
    }
  }

  @Implementation
  protected static void nativeFreeBuffer(long pointer) {
    at(pointer).clear();
  }

  @Implementation
  protected static void nativeMarkSensitive(long pointer) {}

  @Implementation
  protected static void nativeMarkForBinder(long pointer, IBinder binder) {}

  @Implementation
  protected static boolean nativeIsForRpc(long pointer) {
    return false;
  }

  @Implementation
  protected static int nativeDataSize(long pointer) {
    return at(pointer).size();
  }

  @Implementation
  protected static int nativeDataAvail(long pointer) {
    return Math.max(0, at(pointer).size() - at(pointer).position());
  }

  @Implementation
  protected static int nativeDataPosition(long pointer) {
    return at(pointer).position();
  }

  @Implementation
  protected static int nativeDataCapacity(long pointer) {
    return at(pointer).capacity();
  }

  @Implementation
  protected static void nativeSetDataSize(long pointer, int size) {
    at(pointer).size(size);
  }

  @Implementation
  protected static void nativeSetDataPosition(long pointer, int position) {
    at(pointer).position(position);
  }

  @Implementation
  protected static void nativeSetDataCapacity(long pointer, int capacity) {
    at(pointer).room(capacity);
  }

  @Implementation
  protected static boolean nativePushAllowFds(long pointer, boolean allow) {
    ParcelData data = at(pointer);
    boolean before = data.allowFds;
    data.allowFds = before && allow;
    return before;
  }

  @Implementation
  protected static void nativeRestoreAllowFds(long pointer, boolean before) {
    at(pointer).allowFds = before;
  }

  @Implementation
  protected static void nativeWriteByteArray(long pointer, byte[] from, int offset, int length) {
    at(pointer).writeBytes(from, offset, length);
  }

  @Implementation
  protected static void nativeWriteBlob(long pointer, byte[] from, int offset, int length) {
    at(pointer).writeBytes(from, offset, length);
  }

  @Implementation
  protected static int nativeWriteInt(long pointer, int value) {
    at(pointer).writeInt(value);
    return 0;
  }

  @Implementation
  protected static int nativeWriteLong(long pointer, long value) {
    at(pointer).writeLong(value);
    return 0;
  }

  @Implementation
  protected static int nativeWriteFloat(long pointer, float value) {
    at(pointer).writeInt(Float.floatToRawIntBits(value));
    return 0;
  }

  @Implementation
  protected static int nativeWriteDouble(long pointer, double value) {
    at(pointer).writeLong(Double.doubleToRawLongBits(value));
    return 0;
  }

  @Implementation
  protected static void nativeWriteString8(long pointer, String value) {
    at(pointer).writeString8(value);
  }

  @Implementation
  protected static void nativeWriteString16(long pointer, String value) {
    at(pointer).writeString16(value);
  }

  @Implementation
  protected static void nativeWriteStrongBinder(long pointer, IBinder value) {
    at(pointer).writeObject(value);
  }

  @Implementation
  protected static void nativeWriteFileDescriptor(long pointer, FileDescriptor value) {
    ParcelData data = at(pointer);
    if (!data.allowFds) {
      throw new RuntimeException("Not allowed to write file descriptors here");
    }
    try {
      data.writeObject(new ParcelData.Descriptor(Posix.dup(Posix.number(value))));
    } catch (IOException cause) {
      throw new UncheckedIOException(cause);
    }
  }

  @Implementation
  protected static byte[] nativeCreateByteArray(long pointer) {
    return at(pointer).readBytes();
  }

  @Implementation
  protected static boolean nativeReadByteArray(long pointer, byte[] into, int length) {
    byte[] found = at(pointer).readBytes();
    if (found == null || found.length != length) {
      return false;
    }
    System.arraycopy(found, 0, into, 0, length);
    return true;
  }

  @Implementation
  protected static byte[] nativeReadBlob(long pointer) {
    return at(pointer).readBytes();
  }

  @Implementation
  protected static int nativeReadInt(long pointer) {
    return at(pointer).readInt();
  }

  @Implementation
  protected static long nativeReadLong(long pointer) {
    return at(pointer).readLong();
  }

  @Implementation
  protected static float nativeReadFloat(long pointer) {
    return Float.intBitsToFloat(at(pointer).readInt());
  }

  @Implementation
  protected static double nativeReadDouble(long pointer) {
    return Double.longBitsToDouble(at(pointer).readLong());
  }

  @Implementation
  protected static String nativeReadString8(long pointer) {
    return at(pointer).readString8();
  }

  @Implementation
  protected static String nativeReadString16(long pointer) {
    return at(pointer).readString16();
  }

  @Implementation
  protected static IBinder nativeReadStrongBinder(long pointer) {
    return at(pointer).readObject() instanceof IBinder binder ? binder : null;
  }

  @Implementation
  protected static FileDescriptor nativeReadFileDescriptor(long pointer) {
    if (at(pointer).readObject() instanceof ParcelData.Descriptor found) {
      try {
        return Posix.descriptor(Posix.dup(found.fd()));
      } catch (IOException cause) {
        throw new UncheckedIOException(cause);
      }
    }
    return null;
  }

  @Implementation
  protected static byte[] nativeMarshall(long pointer) {
    ParcelData data = at(pointer);
    if (!data.objects.isEmpty()) {
      throw new RuntimeException("Tried to marshall a Parcel that contains objects (binders or FDs).");
    }
    return data.toBytes();
  }

  @Implementation
  protected static int nativeMarshallArray(long pointer, byte[] into, int offset, int length) {
    byte[] bytes = nativeMarshall(pointer);
    System.arraycopy(bytes, 0, into, offset, Math.min(length, bytes.length));
    return bytes.length;
  }

  @Implementation
  protected static void nativeUnmarshall(long pointer, byte[] from, int offset, int length) {
    ParcelData data = at(pointer);
    data.fill(from, offset, length);
    data.position(length);
  }

  @Implementation
  protected static int nativeCompareData(long pointer, long other) {
    return Arrays.compare(at(pointer).toBytes(), at(other).toBytes());
  }

  @Implementation
  protected static boolean nativeCompareDataInRange(
      long pointer, int offset, long other, int otherOffset, int length) {
    return at(pointer).same(offset, at(other), otherOffset, length);
  }

  @Implementation
  protected static void nativeAppendFrom(long pointer, long other, int offset, int length) {
    at(pointer).append(at(other), offset, length);
  }

  @Implementation
  protected static boolean nativeHasFileDescriptors(long pointer) {
    return nativeHasFileDescriptorsInRange(pointer, 0, at(pointer).size());
  }

  @Implementation
  protected static boolean nativeHasFileDescriptorsInRange(long pointer, int offset, int length) {
    return at(pointer).objects.subMap(offset, offset + length).values().stream()
        .anyMatch(ParcelData.Descriptor.class::isInstance);
  }

  @Implementation
  protected static boolean nativeHasBinders(long pointer) {
    return nativeHasBindersInRange(pointer, 0, at(pointer).size());
  }

  @Implementation
  protected static boolean nativeHasBindersInRange(long pointer, int offset, int length) {
    return at(pointer).objects.subMap(offset, offset + length).values().stream()
        .anyMatch(IBinder.class::isInstance);
  }

  @Implementation
  protected static void nativeWriteInterfaceToken(long pointer, String name) {
    ParcelData data = at(pointer);
    data.writeInt(0);
    data.writeString16(name);
  }

  @Implementation
  protected static void nativeEnforceInterface(long pointer, String name) {
    ParcelData data = at(pointer);
    data.readInt();
    if (!name.equals(data.readString16())) {
      throw new SecurityException("Binder invocation to an incorrect interface");
    }
  }

  @Implementation
  protected static boolean nativeReplaceCallingWorkSourceUid(long pointer, int uid) {
    return false;
  }

  @Implementation
  protected static int nativeReadCallingWorkSourceUid(long pointer) {
    return -1;
  }

  @Implementation
  protected static long nativeGetOpenAshmemSize(long pointer) {
    return 0;
  }
}
