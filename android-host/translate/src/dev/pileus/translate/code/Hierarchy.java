package dev.pileus.translate.code;

import dev.pileus.translate.dex.ClassDef;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which type is assignable to which by the rules of the JVM's verifier, to which all interfaces are Object.
 * Types are descriptors. A class that nobody knows is assignable to itself and Object alone.
 */
public final class Hierarchy {
  private static final String OBJECT = "Ljava/lang/Object;";
  private static final int DEEPEST = 1000;

  /** A class: what it extends (null for Object) and implements. */
  public record Shape(String parent, List<String> interfaces, boolean isInterface) {}

  /** Where classes outside of the package are looked up; null is the answer for one that is not there. */
  public interface Library {
    Shape find(String type);
  }

  private static final Shape UNKNOWN = new Shape(null, List.of(), false);

  private final Library library;
  private final Map<String, ClassDef> own;
  private final Map<String, Shape> known = new ConcurrentHashMap<>();

  public Hierarchy(Library library, Map<String, ClassDef> own) {
    this.library = library;
    this.own = own;
  }

  private Shape shape(String type) {
    Shape shape = known.get(type);
    if (shape == null) {
      shape = library.find(type);
      ClassDef mine = shape == null ? own.get(type) : null;
      if (mine != null) {
        shape = new Shape(mine.parent, mine.interfaces, (mine.access & 0x200) != 0);
      }
      shape = shape == null ? UNKNOWN : shape;
      known.put(type, shape);
    }
    return shape;
  }

  public boolean isInterface(String type) {
    return type.charAt(0) == 'L' && shape(type).isInterface;
  }

  /** What a class of the package extends; null for one of no superclass or from elsewhere. */
  public String ownParent(String type) {
    ClassDef mine = own.get(type);
    return mine == null ? null : mine.parent;
  }

  /** Whether the verifier takes a value of one type where another is wanted, without a cast. */
  public boolean assignable(String from, String to) {
    if (from.equals(to) || to.equals(OBJECT)) {
      return true;
    }
    boolean array = from.charAt(0) == '[';
    if (to.charAt(0) == '[') {
      return array && elementAssignable(from.substring(1), to.substring(1));
    }
    if (to.charAt(0) != 'L') {
      return false;
    }
    if (isInterface(to)) {
      return !array || to.equals("Ljava/lang/Cloneable;") || to.equals("Ljava/io/Serializable;");
    }
    return !array && above(from).contains(to);
  }

  private boolean elementAssignable(String from, String to) {
    return from.equals(to) || from.length() > 1 && to.length() > 1 && assignable(from, to);
  }

  /** The nearest type that both are assignable to. */
  public String join(String one, String two) {
    if (one.equals(two)) {
      return one;
    }
    if (one.charAt(0) == '[' && two.charAt(0) == '[') {
      String inOne = one.substring(1);
      String inTwo = two.substring(1);
      return inOne.length() > 1 && inTwo.length() > 1 ? "[" + join(inOne, inTwo) : OBJECT;
    }
    if (one.charAt(0) == '[' || two.charAt(0) == '[') {
      return OBJECT;
    }
    if (isInterface(one)) {
      return implementing(two, one) ? one : OBJECT;
    }
    if (isInterface(two)) {
      return implementing(one, two) ? two : OBJECT;
    }
    List<String> ofOne = above(one);
    for (String type : above(two)) {
      if (ofOne.contains(type)) {
        return type;
      }
    }
    return OBJECT;
  }

  /** The class itself and those above it, Object not counted. */
  private List<String> above(String type) {
    List<String> found = new ArrayList<>();
    for (String at = type; at != null && !at.equals(OBJECT) && found.size() < DEEPEST; at = shape(at).parent) {
      if (found.contains(at)) {
        break;
      }
      found.add(at);
    }
    return found;
  }

  /** What a class names itself by which it has an interface: that, another, or its superclass; null for nothing. */
  String directly(String type, String face) {
    Shape shape = shape(type);
    if (shape.interfaces.contains(face)) {
      return face;
    }
    for (String direct : shape.interfaces) {
      if (implementing(direct, face)) {
        return direct;
      }
    }
    return shape.parent != null && implementing(shape.parent, face) ? shape.parent : null;
  }

  private boolean implementing(String type, String face) {
    Set<String> seen = new HashSet<>();
    List<String> open = new ArrayList<>(List.of(type));
    while (!open.isEmpty()) {
      String at = open.remove(open.size() - 1);
      if (at.equals(face)) {
        return true;
      }
      if (seen.add(at)) {
        Shape shape = shape(at);
        open.addAll(shape.interfaces);
        if (shape.parent != null) {
          open.add(shape.parent);
        }
      }
    }
    return false;
  }
}
