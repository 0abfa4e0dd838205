package dev.pileus.binder;

import android.os.DeadObjectException;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import android.os.TransactionTooLargeException;
import android.util.Log;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** This process's end of Binder: what it offers, what it holds, and the calls on their way. */
public final class Connection {
  static final int OK = 0;
  static final int GONE = 1;
  static final int TOO_LARGE = 2;
  static final int FAILED = 4;
  static final int MAX_PARCEL = (1 << 20) - (8 << 10);
  private static final int MAX_OBJECTS = 1024;
  private static final int MAX_FDS = Socket.MAX_FDS;
  private static final int ONE_WAY = 1;

  /** Where a thread waits for the answer to its call, and serves calls that come back meanwhile. */
  private static final class Waiting {
    private Frames.Reply reply;
    private Runnable work;
    private boolean broken;

    synchronized void finish(Frames.Reply reply) {
      this.reply = reply;
      broken = reply == null;
      notifyAll();
    }

    synchronized void give(Runnable work) throws InterruptedException {
      while (this.work != null) {
        wait();
      }
      this.work = work;
      notifyAll();
    }

    Frames.Reply await() throws DeadObjectException {
      boolean interrupted = false;
      try {
        while (true) {
          Runnable now;
          synchronized (this) {
            while (reply == null && work == null && !broken) {
              try {
                wait();
              } catch (InterruptedException later) {
                interrupted = true;
              }
            }
            now = work;
            work = null;
            notifyAll();
            if (now == null) {
              if (broken) {
                throw new DeadObjectException("the system has hung up");
              }
              return reply;
            }
          }
          now.run();
        }
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  private static final class Local {
    final IBinder binder;
    int mentions;

    Local(IBinder binder) {
      this.binder = binder;
    }
  }

  private static final Cleaner CLEANER = Cleaner.create();
  private final Socket socket;
  private final Workers workers = new Workers();
  private final AtomicInteger nextCall = new AtomicInteger();
  private final ConcurrentHashMap<Integer, Waiting> waiting = new ConcurrentHashMap<>();
  private final ThreadLocal<Integer> serving = ThreadLocal.withInitial(() -> 0);
  private final Object lock = new Object();
  private final Map<Integer, Local> locals = new HashMap<>();
  private final Map<IBinder, Integer> numbers = new java.util.IdentityHashMap<>();
  private final Map<Integer, WeakReference<RemoteBinder>> remotes = new HashMap<>();
  private int nextNode;
  private final IBinder root;
  private volatile boolean ended;
  public final int uid;
  public final int pid;

  /** Greets the system. `root` takes the system's own calls (node 0). Blocks until it answers. */
  public Connection(Path path, IBinder root) throws IOException {
    socket = new Socket(path);
    this.root = root;
    socket.send(Frames.hello(), new int[0]);
    ByteBuffer answer = socket.receive().body();
    if (answer.get() != Frames.HELLO || answer.getShort() != Frames.VERSION) {
      throw new IOException("the system speaks another version");
    }
    uid = answer.getInt();
    pid = answer.getInt();
    Thread reader = new Thread(this::read, "binder link");
    reader.setDaemon(true);
    reader.start();
  }

  /** The system itself. */
  public RemoteBinder system() {
    return new RemoteBinder(this, new RemoteBinder.Count(0));
  }

  void transact(RemoteBinder target, int code, Parcel data, Parcel reply, int flags)
      throws RemoteException {
    ParcelData sent = ParcelShadow.of(data);
    if (tooLarge(sent)) {
      throw new TransactionTooLargeException(
          "data parcel size " + sent.size() + " bytes, " + sent.objects.size() + " objects");
    }
    int call = number();
    Waiting wait = new Waiting();
    waiting.put(call, wait);
    if (ended) {
      wait.finish(null);
    }
    Frames.Reply answer;
    try {
      send(
          sent,
          (items, fds, bytes) ->
              Frames.call(
                  call, target.count.handle, code, flags & ONE_WAY, serving.get(), items, fds, bytes));
      answer = wait.await();
    } finally {
      waiting.remove(call);
    }
    switch (answer.status()) {
      case OK -> {}
      case GONE -> throw new DeadObjectException();
      case TOO_LARGE -> throw new TransactionTooLargeException("data parcel size " + sent.size());
      default -> throw new RemoteException("the call was refused (" + answer.status() + ")");
    }
    if (reply != null) {
      ParcelData into = ParcelShadow.of(reply);
      into.fill(answer.bytes(), 0, answer.bytes().length);
      into.objects = answer.objects();
      reply.setDataPosition(0);
    }
  }

  /** More than the system takes in a parcel; it would cut the link. */
  private static boolean tooLarge(ParcelData data) {
    return data.size() > MAX_PARCEL
        || data.objects.size() > MAX_OBJECTS
        || data.objects.values().stream().filter(ParcelData.Descriptor.class::isInstance).count() > MAX_FDS;
  }

  private int number() {
    int call = nextCall.incrementAndGet();
    return call == 0 ? nextCall.incrementAndGet() : call;
  }

  private interface Form {
    byte[] make(java.util.List<Frames.Item> items, int fds, byte[] bytes);
  }

  private void send(ParcelData data, Form form) throws DeadObjectException {
    var items = new java.util.ArrayList<Frames.Item>();
    int[] fds = new int[data.objects.size()];
    int count = 0;
    // In one step: a node must not be dropped between its mention here and the message on its way.
    synchronized (lock) {
      for (var entry : data.objects.entrySet()) {
        if (entry.getValue() instanceof ParcelData.Descriptor descriptor) {
          items.add(new Frames.Item(Frames.FD, entry.getKey(), count));
          fds[count++] = descriptor.fd();
        } else if (entry.getValue() instanceof RemoteBinder remote) {
          items.add(new Frames.Item(Frames.HANDLE, entry.getKey(), remote.count.handle));
        } else {
          items.add(new Frames.Item(Frames.OWN, entry.getKey(), mention((IBinder) entry.getValue())));
        }
      }
      try {
        socket.send(form.make(items, count, data.toBytes()), java.util.Arrays.copyOf(fds, count));
      } catch (IOException gone) {
        throw new DeadObjectException("the system has hung up");
      }
    }
  }

  private int mention(IBinder binder) {
    Integer known = numbers.get(binder);
    if (known == null) {
      known = ++nextNode;
      numbers.put(binder, known);
      locals.put(known, new Local(binder));
    }
    locals.get(known).mentions++;
    return known;
  }

  private void read() {
    try {
      while (true) {
        ByteBuffer body = socket.receive().body();
        switch (body.get()) {
          case Frames.CALL -> take(Frames.readCall(body, this::object, socket));
          case Frames.REPLY -> {
            Frames.Reply reply = Frames.readReply(body, this::object, socket);
            Waiting wait = waiting.get(reply.call());
            if (wait != null) {
              wait.finish(reply);
            }
          }
          case Frames.DROP -> drop(body.getInt(), body.getInt());
          case Frames.DEAD -> died(body.getInt());
          default -> throw new IOException("an unknown message");
        }
      }
    } catch (IOException | RuntimeException | InterruptedException gone) {
      ended = true;
      for (Waiting wait : waiting.values()) {
        wait.finish(null);
      }
    }
  }

  /** What an object of a parcel is here: a binder of our own, or a handle. */
  private IBinder object(int kind, int value) {
    synchronized (lock) {
      if (kind == Frames.OWN) {
        Local local = locals.get(value);
        return local == null ? null : local.binder;
      }
      WeakReference<RemoteBinder> known = remotes.get(value);
      RemoteBinder remote = known == null ? null : known.get();
      if (remote == null) {
        RemoteBinder.Count count = new RemoteBinder.Count(value);
        remote = new RemoteBinder(this, count);
        remotes.put(value, new WeakReference<>(remote));
        CLEANER.register(remote, () -> release(count));
      }
      remote.count.received++;
      return remote;
    }
  }

  private void release(RemoteBinder.Count count) {
    synchronized (lock) {
      WeakReference<RemoteBinder> known = remotes.get(count.handle);
      if (known != null && known.get() == null) {
        remotes.remove(count.handle);
      }
    }
    try {
      socket.send(Frames.release(count.handle, count.received), new int[0]);
    } catch (IOException ended) {
      // The system is gone, and with it the count.
    }
  }

  private void drop(int node, int mentions) {
    synchronized (lock) {
      Local local = locals.get(node);
      if (local != null && (local.mentions -= mentions) == 0) {
        locals.remove(node);
        numbers.remove(local.binder);
      }
    }
  }

  private void died(int handle) {
    RemoteBinder remote;
    synchronized (lock) {
      WeakReference<RemoteBinder> known = remotes.get(handle);
      remote = known == null ? null : known.get();
    }
    if (remote != null) {
      workers.run(remote::died);
    }
  }

  private void take(Frames.Call call) throws InterruptedException {
    IBinder target;
    synchronized (lock) {
      Local local = locals.get(call.target());
      target = call.target() == 0 ? root : local == null ? null : local.binder;
    }
    Runnable work = () -> serve(call, target);
    if ((call.flags() & ONE_WAY) != 0) {
      // Before all else: nobody waits for it, and a thread that does wait may be in need of this one, which reads.
      workers.runInOrder(call.target(), work);
      return;
    }
    Waiting wait = call.within() == 0 ? null : waiting.get(call.within());
    if (wait != null) {
      wait.give(work);
    } else {
      workers.run(work);
    }
  }

  private void serve(Frames.Call call, IBinder target) {
    Parcel data = Parcel.obtain();
    Parcel reply = Parcel.obtain();
    int before = serving.get();
    BinderShadow.Caller caller = BinderShadow.enter(call.uid(), call.pid());
    boolean oneWay = (call.flags() & ONE_WAY) != 0;
    int status = FAILED;
    try {
      serving.set(oneWay ? 0 : call.call());
      ParcelData into = ParcelShadow.of(data);
      into.fill(call.bytes(), 0, call.bytes().length);
      into.objects = call.objects();
      status = run(call, target, data, reply, oneWay);
    } finally {
      serving.set(before);
      BinderShadow.leave(caller);
      answer(call.call(), status, reply);
      data.recycle();
      reply.recycle();
    }
  }

  private int run(Frames.Call call, IBinder target, Parcel data, Parcel reply, boolean oneWay) {
    if (target == null) {
      return GONE;
    } else if (call.code() == IBinder.PING_TRANSACTION) {
      return OK;
    }
    try {
      boolean known = target.transact(call.code(), data, oneWay ? null : reply, call.flags());
      return known ? OK : FAILED;
    } catch (RemoteException | RuntimeException | StackOverflowError cause) {
      if (oneWay) {
        Log.w("JavaBinder", "Binder call failed.", cause);
      } else {
        ParcelShadow.of(reply).clear();
        reply.writeException(
            cause instanceof Exception known ? known : new RuntimeException(cause));
      }
      return OK;
    } catch (Error broken) {
      // As on Android the process ends, unless a handler of the app's own lets it live.
      Thread here = Thread.currentThread();
      here.getUncaughtExceptionHandler().uncaughtException(here, broken);
      return FAILED;
    }
  }

  private void answer(int call, int status, Parcel reply) {
    ParcelData data = ParcelShadow.of(reply);
    if (tooLarge(data)) {
      data.clear();
      status = TOO_LARGE;
    }
    int said = status;
    try {
      send(data, (items, fds, bytes) -> Frames.reply(call, said, items, fds, bytes));
    } catch (DeadObjectException gone) {
      Log.w("JavaBinder", "nobody is left to answer");
    }
  }

}
