package dev.pileus.clock;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import org.robolectric.interceptors.AndroidInterceptors;
import org.robolectric.internal.bytecode.Interceptor;
import org.robolectric.internal.bytecode.MethodSignature;
import org.robolectric.util.Function;

/** {@code System.currentTimeMillis} is the time of day; {@code nanoTime} stays the framework's uptime. */
public final class WallClock extends AndroidInterceptors.SystemTimeInterceptor {
  private static final String NAME = "currentTimeMillis";

  /** The framework's interceptors, with this one in place of the one that fakes the time of day. */
  public static List<Interceptor> interceptors() {
    List<Interceptor> all = new ArrayList<>(AndroidInterceptors.all());
    all.replaceAll(
        one -> one instanceof AndroidInterceptors.SystemTimeInterceptor ? new WallClock() : one);
    return all;
  }

  @Override
  public Function<Object, Object> handle(MethodSignature method) {
    return method.methodName.equals(NAME)
        ? (type, value, parameters) -> System.currentTimeMillis()
        : super.handle(method);
  }

  @Override
  public MethodHandle getMethodHandle(String name, MethodType type)
      throws NoSuchMethodException, IllegalAccessException {
    return name.equals(NAME)
        ? MethodHandles.lookup().findStatic(System.class, name, MethodType.methodType(long.class))
        : super.getMethodHandle(name, type);
  }
}
