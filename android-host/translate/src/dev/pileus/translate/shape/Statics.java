package dev.pileus.translate.shape;

import dev.pileus.translate.code.Literals;
import dev.pileus.translate.dex.Encoded;
import dev.pileus.translate.dex.FieldRef;
import dev.pileus.translate.dex.Names;
import java.util.LinkedHashMap;
import java.util.Map;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** First values of static fields: the JVM's attribute where it has one, else code in front of {@code <clinit>}. */
final class Statics {
  private final Map<FieldRef, Object> written = new LinkedHashMap<>();

  /** What goes into ConstantValue, or null. */
  Object constant(FieldRef field, Object value) {
    Object found =
        switch (field.type().charAt(0)) {
          case 'Z' -> value instanceof Boolean one ? (Integer) (one ? 1 : 0) : null;
          case 'B', 'S', 'I' -> value instanceof Number number ? (Integer) number.intValue() : null;
          case 'C' -> value instanceof Character one ? (Integer) (int) one : null;
          case 'J' -> value instanceof Long ? value : null;
          case 'F' -> value instanceof Float ? value : null;
          case 'D' -> value instanceof Double ? value : null;
          default -> {
            boolean text = field.type().equals("Ljava/lang/String;") && value instanceof String;
            yield text && Literals.fits((String) value) ? value : null;
          }
        };
    if (found == null && (value instanceof String || value instanceof Encoded.TypeValue)) {
      written.put(field, value);
    }
    return found;
  }

  boolean isNeeded() {
    return !written.isEmpty();
  }

  void write(MethodVisitor out) {
    written.forEach(
        (field, value) -> {
          if (value instanceof String text) {
            Literals.push(out, text);
          } else {
            Literals.pushClass(out, ((Encoded.TypeValue) value).type());
          }
          String owner = Names.internal(field.owner());
          out.visitFieldInsn(Opcodes.PUTSTATIC, owner, field.name(), field.type());
        });
  }
}
