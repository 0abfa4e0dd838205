package dev.pileus.system;

import android.os.IBinder;
import android.os.IInterface;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** An interface of the framework, answered by a class that knows some of its methods by name. */
abstract class Calls implements InvocationHandler {
  /** Marks a method that the class does not answer: it gives nothing, zero or false. */
  static final Object NOTHING = new Object();

  private final android.os.Binder binder = new android.os.Binder();

  abstract Object answer(String method, Object[] arguments) throws Exception;

  @Override
  public final Object invoke(Object self, Method method, Object[] arguments) throws Throwable {
    String name = method.getName();
    if (method.getDeclaringClass() == Object.class) {
      return switch (name) {
        case "equals" -> self == arguments[0];
        case "hashCode" -> System.identityHashCode(self);
        default -> getClass().getSimpleName();
      };
    } else if (name.equals("asBinder")) {
      return binder;
    }
    Object found = answer(name, arguments == null ? new Object[0] : arguments);
    return found == NOTHING ? nothing(method.getReturnType()) : found;
  }

  <T extends IInterface> T as(Class<T> type) {
    T made =
        type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, this));
    binder.attachInterface(made, type.getName());
    return made;
  }

  static IBinder binder(Object object) {
    return object instanceof IInterface known ? known.asBinder() : null;
  }

  private static Object nothing(Class<?> type) {
    if (type == boolean.class) {
      return false;
    } else if (type == int.class) {
      return 0;
    } else if (type == long.class) {
      return 0L;
    } else if (type == float.class) {
      return 0f;
    }
    return null;
  }
}
