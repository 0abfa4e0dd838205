import java.lang.annotation.*;
import java.lang.reflect.*;
import java.util.*;

/** What reflection sees: annotations, signatures, nesting, modifiers, parameters, thrown types, enums. */
@Reflected.Mark(name = "top", numbers = {1, 2}, type = String.class, kind = Reflected.Kind.B, inner = @Reflected.Small(7))
public class Reflected<T extends Comparable<T>> implements java.io.Serializable {
  enum Kind { A, B { int extra() { return 2; } }, C; int extra() { return 1; } }
  @Retention(RetentionPolicy.RUNTIME) @interface Small { int value() default 3; }
  @Retention(RetentionPolicy.RUNTIME) @Inherited @interface Mark {
    String name(); int[] numbers() default {9}; Class<?> type() default Object.class; Kind kind() default Kind.A;
    Small inner() default @Small; long wide() default 1L << 40; double real() default -0.5; char letter() default 'x';
    byte tiny() default -1; short little() default 300; float half() default 0.5f; boolean flag() default true; String[] words() default {};
  }
  @Retention(RetentionPolicy.CLASS) @interface Unseen { }

  @Deprecated @Mark(name = "field") protected transient List<? super T> list;
  private static final long serialVersionUID = 5L;
  volatile Map<String, T[]> map;

  @Mark(name = "method", words = {"a", ""}) @Unseen
  public <E extends Exception> T call(@Small T one, final @Small(5) List<E> two, int... rest) throws E, java.io.IOException { return one; }
  protected static synchronized void locked() { }
  Reflected() { }
  @Mark(name = "constructor") private Reflected(@Small(8) String s, long j) { }
  static abstract class Shape { abstract void draw(); final native int fast(); }
  private final class Part { }
  interface Face { int N = 4; void go(); default int plus() { return 1; } }
  static class Child extends Reflected<String> implements Face, Comparator<String> { public void go() { } public int compare(String a, String b) { return 0; } }

  public static void run(StringBuilder out) throws Exception {
    Object anonymous = new Object() { };
    class Local { }
    Runnable lambda = () -> { };
    List<Class<?>> all = new ArrayList<>(List.of(Reflected.class, Kind.class, Small.class, Mark.class, Shape.class, Reflected.Part.class, Face.class, Child.class, anonymous.getClass(), Local.class, Kind.B.getClass()));
    for (Class<?> one : all) {
      out.append(one.getName()).append('|').append(one.getSimpleName()).append('|').append(Modifier.toString(one.getModifiers())).append('|')
          .append(one.isMemberClass()).append(one.isLocalClass()).append(one.isAnonymousClass()).append(one.isInterface()).append(one.isEnum()).append(one.isAnnotation())
          .append('|').append(one.getDeclaringClass()).append('|').append(one.getEnclosingClass()).append('|').append(one.getEnclosingMethod()).append('|')
          .append(one.getGenericSuperclass()).append(Arrays.toString(one.getGenericInterfaces())).append(Arrays.toString(one.getTypeParameters())).append('|');
      List<String> said = new ArrayList<>();
      for (Class<?> inner : one.getDeclaredClasses()) said.add(inner.getName());
      for (Annotation note : one.getAnnotations()) said.add(told(note));
      for (Field field : one.getDeclaredFields()) if (!field.isSynthetic()) said.add(field.toGenericString() + field.isEnumConstant() + notes(field.getAnnotations()));
      for (Method method : one.getDeclaredMethods()) if (!method.isSynthetic() && method.getName().indexOf('$') < 0) said.add(method.toGenericString() + notes(method.getAnnotations()) + method.isDefault() + method.isVarArgs() + value(method.getDefaultValue()) + parameters(method));
      for (Constructor<?> made : one.getDeclaredConstructors()) if (!made.isSynthetic() && one == Reflected.class) said.add(made.toGenericString() + notes(made.getAnnotations()) + parameters(made));
      Collections.sort(said);
      out.append(said).append('\n');
    }
    out.append(Kind.valueOf("C").ordinal()).append(Kind.B.extra()).append(Arrays.toString(Kind.values())).append(new Child().getClass().isAnnotationPresent(Mark.class));
    out.append(Reflected.class.getAnnotation(Mark.class).equals(Child.class.getAnnotation(Mark.class)));
    Method call = Child.class.getMethod("compare", String.class, String.class);
    out.append(call.invoke(new Child(), "a", "b"));
  }

  static String notes(Annotation[] all) { List<String> said = new ArrayList<>(); for (Annotation one : all) said.add(told(one)); Collections.sort(said); return said.toString(); }
  static String value(Object o) { return o instanceof Annotation ? told((Annotation) o) : o instanceof Object[] ? Arrays.toString((Object[]) o) : o instanceof int[] ? Arrays.toString((int[]) o) : String.valueOf(o); }
  static String told(Annotation note) {
    List<String> said = new ArrayList<>();
    for (Method m : note.annotationType().getDeclaredMethods()) try { said.add(m.getName() + "=" + value(m.invoke(note))); } catch (ReflectiveOperationException cause) { said.add(m.getName() + "!" + cause); }
    Collections.sort(said);
    return "@" + note.annotationType().getName() + said;
  }
  static String parameters(Executable code) {
    StringBuilder said = new StringBuilder();
    Annotation[][] notes = code.getParameterAnnotations();
    for (int i = 0; i < notes.length; i++) said.append(code.getGenericParameterTypes()[i]).append(notes(notes[i]));
    return said.append(Arrays.toString(code.getGenericExceptionTypes())).toString();
  }
}
