package dev.pileus.weave;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.objectweb.asm.Type;
import org.robolectric.annotation.Filter;
import org.robolectric.annotation.RealObject;
import org.robolectric.annotation.ReflectorObject;
import org.robolectric.internal.bytecode.Interceptors;
import org.robolectric.internal.bytecode.ShadowInfo;
import org.robolectric.internal.bytecode.ShadowMap;
import org.robolectric.internal.bytecode.ShadowWrangler;
import org.robolectric.sandbox.ShadowMatcher;

/**
 * What Robolectric would find out at the first call of each method: which class replaces which, and which of
 * its methods. Names are internal ones. Classes are loaded and read, not run.
 */
final class Bindings {
  private static final class Wrangler extends ShadowWrangler {
    Wrangler(ShadowMap map, ShadowMatcher matcher, Interceptors interceptors) {
      super(map, matcher, interceptors, List.of());
    }

    Method pick(Class<?> type, String name, Class<?>[] parameters) {
      return pickShadowMethod(type, name, parameters);
    }
  }

  /** A class of the framework and the one that replaces parts of it. */
  record Pair(Class<?> real, Class<?> shadow, boolean callsNative) {}

  private final Map<String, Pair> pairs = new HashMap<>();
  private final Map<String, String> supers;
  private final Wrangler wrangler;

  /**
   * @param replaced canonical names of classes that may be replaced
   * @param supers the super class of each class of the framework
   */
  Bindings(
      ShadowMap map,
      ShadowMatcher matcher,
      Interceptors interceptors,
      Set<String> replaced,
      Map<String, String> supers)
      throws ClassNotFoundException {
    this.supers = supers;
    wrangler = new Wrangler(map, matcher, interceptors);
    for (String name : supers.keySet()) {
      if (!replaced.contains(name.replace('/', '.').replace('$', '.'))) {
        continue;
      }
      Class<?> real = Class.forName(name.replace('/', '.'), false, Bindings.class.getClassLoader());
      ShadowInfo info = map.getShadowInfo(real, matcher);
      if (info != null) {
        Class<?> shadow = Class.forName(info.shadowClassName, false, real.getClassLoader());
        pairs.put(name, new Pair(real, shadow, info.callNativeMethodsByDefault));
      }
    }
  }

  /** Of exactly this class; null where none of it is replaced. */
  Pair pair(String name) {
    return pairs.get(name);
  }

  /** Of this class or the nearest above it: an object gets its companion from it. */
  Pair nearest(String name) {
    for (String at = name; at != null; at = supers.get(at)) {
      Pair found = pairs.get(at);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** The method that is called instead; null for the framework's own. */
  Method method(String type, String name, String descriptor) throws ClassNotFoundException {
    Pair pair = pairs.get(type);
    if (pair == null) {
      return null;
    }
    Type[] types = Type.getArgumentTypes(descriptor);
    Class<?>[] parameters = new Class<?>[types.length];
    for (int i = 0; i < types.length; i++) {
      parameters[i] = load(types[i]);
    }
    return wrangler.pick(pair.real(), name, parameters);
  }

  static boolean filters(Method method) {
    return method.isAnnotationPresent(Filter.class);
  }

  /** The fields of a companion that hold its object, its own first. */
  static List<Field> realFields(Class<?> shadow) {
    return fields(shadow, RealObject.class);
  }

  /** The fields of a companion that open its object's private parts. */
  static List<Field> reflectorFields(Class<?> shadow) {
    return fields(shadow, ReflectorObject.class);
  }

  private static List<Field> fields(
      Class<?> shadow, Class<? extends java.lang.annotation.Annotation> mark) {
    List<Field> found = new ArrayList<>();
    for (Class<?> at = shadow; at != null; at = at.getSuperclass()) {
      for (Field field : at.getDeclaredFields()) {
        if (field.isAnnotationPresent(mark) && !Modifier.isStatic(field.getModifiers())) {
          found.add(field);
        }
      }
    }
    return found;
  }

  private static Class<?> load(Type type) throws ClassNotFoundException {
    return switch (type.getSort()) {
      case Type.BOOLEAN -> boolean.class;
      case Type.BYTE -> byte.class;
      case Type.CHAR -> char.class;
      case Type.SHORT -> short.class;
      case Type.INT -> int.class;
      case Type.LONG -> long.class;
      case Type.FLOAT -> float.class;
      case Type.DOUBLE -> double.class;
      case Type.VOID -> void.class;
      default ->
          Class.forName(
              type.getSort() == Type.ARRAY ? type.getDescriptor().replace('/', '.') : type.getClassName(),
              false,
              Bindings.class.getClassLoader());
    };
  }
}
