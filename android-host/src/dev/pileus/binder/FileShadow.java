package dev.pileus.binder;

import android.os.Handler;
import android.os.ParcelFileDescriptor;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileNotFoundException;
import java.io.IOException;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.annotation.RealObject;
import org.robolectric.util.ReflectionHelpers;

/** ParcelFileDescriptor over descriptors of the kernel: files, pipes and pairs that other processes can read. */
@Implements(className = "android.os.ParcelFileDescriptor")
public class FileShadow {
  @RealObject private ParcelFileDescriptor self;
  private Handler handler;
  private ParcelFileDescriptor.OnCloseListener listener;

  @Implementation
  protected static FileDescriptor openInternal(File file, int mode) throws FileNotFoundException {
    int flags =
        switch (mode & ParcelFileDescriptor.MODE_READ_WRITE) {
          case ParcelFileDescriptor.MODE_READ_WRITE -> Posix.O_RDWR;
          case ParcelFileDescriptor.MODE_WRITE_ONLY -> Posix.O_WRONLY;
          default -> Posix.O_RDONLY;
        };
    flags |= (mode & ParcelFileDescriptor.MODE_CREATE) != 0 ? Posix.O_CREAT : 0;
    flags |= (mode & ParcelFileDescriptor.MODE_TRUNCATE) != 0 ? Posix.O_TRUNC : 0;
    flags |= (mode & ParcelFileDescriptor.MODE_APPEND) != 0 ? Posix.O_APPEND : 0;
    try {
      return Posix.descriptor(Posix.open(file.getPath(), flags, 0600));
    } catch (IOException cause) {
      throw new FileNotFoundException(cause.getMessage());
    }
  }

  @Implementation
  protected static ParcelFileDescriptor open(
      File file, int mode, Handler handler, ParcelFileDescriptor.OnCloseListener listener)
      throws IOException {
    return watched(new ParcelFileDescriptor(openInternal(file, mode)), handler, listener);
  }

  @Implementation
  protected static ParcelFileDescriptor wrap(
      ParcelFileDescriptor file, Handler handler, ParcelFileDescriptor.OnCloseListener listener)
      throws IOException {
    int fd = Posix.dup(Posix.number(file.getFileDescriptor()));
    file.close();
    return watched(new ParcelFileDescriptor(Posix.descriptor(fd)), handler, listener);
  }

  private static ParcelFileDescriptor watched(
      ParcelFileDescriptor made, Handler handler, ParcelFileDescriptor.OnCloseListener listener) {
    if (handler == null || listener == null) {
      throw new IllegalArgumentException("Handler and listener must not be null");
    }
    FileShadow shadow = org.robolectric.shadow.api.Shadow.extract(made);
    shadow.handler = handler;
    shadow.listener = listener;
    return made;
  }

  @Implementation
  protected static void closeInternal(FileDescriptor descriptor) {
    int fd = Posix.number(descriptor);
    if (fd >= 0) {
      Posix.set(descriptor, -1);
      Posix.close(fd);
    }
  }

  @Implementation
  protected void closeWithStatus(int status, String message) {
    if (ReflectionHelpers.<Boolean>getField(self, "mClosed")) {
      return;
    }
    ReflectionHelpers.setField(self, "mClosed", true);
    closeInternal(ReflectionHelpers.getField(self, "mFd"));
    if (handler != null) {
      handler.post(() -> listener.onClose(message == null ? null : new IOException(message)));
    }
  }

  @Implementation
  protected static ParcelFileDescriptor dup(FileDescriptor descriptor) throws IOException {
    return fromFd(Posix.number(descriptor));
  }

  @Implementation
  protected static ParcelFileDescriptor fromFd(int fd) throws IOException {
    return adoptFd(Posix.dup(fd));
  }

  @Implementation
  protected static ParcelFileDescriptor adoptFd(int fd) {
    return new ParcelFileDescriptor(Posix.descriptor(fd));
  }

  @Implementation
  protected static ParcelFileDescriptor[] createPipe() throws IOException {
    return both(Posix.pipe());
  }

  @Implementation
  protected static ParcelFileDescriptor[] createReliablePipe() throws IOException {
    return createPipe();
  }

  @Implementation
  protected static ParcelFileDescriptor[] createSocketPair(int type) throws IOException {
    return both(Posix.socketPair());
  }

  @Implementation
  protected static ParcelFileDescriptor[] createReliableSocketPair(int type) throws IOException {
    return createSocketPair(type);
  }

  @Implementation
  protected long getStatSize() {
    return Posix.size(Posix.number(self.getFileDescriptor()));
  }

  @Implementation
  protected int getFd() {
    int fd = Posix.number(self.getFileDescriptor());
    if (fd < 0) {
      throw new IllegalStateException("Already closed");
    }
    return fd;
  }

  @Implementation
  protected int detachFd() {
    int fd = getFd();
    Posix.set(self.getFileDescriptor(), -1);
    ReflectionHelpers.setField(self, "mClosed", true);
    return fd;
  }

  private static ParcelFileDescriptor[] both(int[] ends) {
    return new ParcelFileDescriptor[] {adoptFd(ends[0]), adoptFd(ends[1])};
  }
}
