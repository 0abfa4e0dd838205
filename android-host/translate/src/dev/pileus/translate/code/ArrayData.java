package dev.pileus.translate.code;

import dev.pileus.translate.dex.BadDex;
import dev.pileus.translate.dex.Code;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Fills the array on top of the stack. Few elements are stored one by one; many come out of a string, whose
 * characters are the bytes, through a buffer of java.nio, since each store would take up to 10 bytes of code.
 */
final class ArrayData {
  private static final int FEW = 40;
  private static final int CHUNK = 32000;

  private final MethodVisitor out;
  private final Code code;
  private final Insn insn;
  private final char element;

  ArrayData(MethodVisitor out, Code code, Insn insn) {
    this.out = out;
    this.code = code;
    this.insn = insn;
    element = insn.made == null ? 0 : insn.made.charAt(1);
  }

  void write() {
    if (element == 0) {
      // Of null nothing is known but that this throws.
      out.visitInsn(Opcodes.ARRAYLENGTH);
      out.visitInsn(Opcodes.POP);
      return;
    }
    if (insn.width != width()) {
      throw new BadDex("array data of " + insn.width + " bytes are put into " + insn.made);
    }
    if (insn.count == 0) {
      out.visitInsn(Opcodes.ARRAYLENGTH);
      out.visitInsn(Opcodes.POP);
    } else if (insn.count <= FEW || element == 'Z') {
      oneByOne();
    } else {
      fromText();
    }
  }

  private void oneByOne() {
    int store =
        switch (element) {
          case 'Z', 'B' -> Opcodes.BASTORE;
          case 'C' -> Opcodes.CASTORE;
          case 'S' -> Opcodes.SASTORE;
          default -> Kind.shift(Opcodes.IASTORE, Kind.of(element));
        };
    for (int i = 0; i < insn.count; i++) {
      if (i < insn.count - 1) {
        out.visitInsn(Opcodes.DUP);
      }
      Literals.push(out, i);
      Literals.push(out, Held.wideConstant(value(i)), Kind.of(element));
      out.visitInsn(store);
    }
  }

  private void fromText() {
    int perChunk = CHUNK / insn.width;
    for (int from = 0; from < insn.count; from += perChunk) {
      int to = Math.min(insn.count, from + perChunk);
      if (to < insn.count) {
        out.visitInsn(Opcodes.DUP);
      }
      out.visitLdcInsn(text(from * insn.width, to * insn.width));
      out.visitFieldInsn(
          Opcodes.GETSTATIC, "java/nio/charset/StandardCharsets", "ISO_8859_1", "Ljava/nio/charset/Charset;");
      call(Opcodes.INVOKEVIRTUAL, "java/lang/String", "getBytes", "(Ljava/nio/charset/Charset;)[B");
      call(Opcodes.INVOKESTATIC, "java/nio/ByteBuffer", "wrap", "([B)Ljava/nio/ByteBuffer;");
      String view =
          switch (element) {
            case 'C' -> "Char";
            case 'S' -> "Short";
            case 'I' -> "Int";
            case 'J' -> "Long";
            case 'F' -> "Float";
            case 'D' -> "Double";
            default -> "Byte";
          };
      String buffer = "java/nio/" + view + "Buffer";
      if (insn.width > 1) {
        out.visitFieldInsn(
            Opcodes.GETSTATIC, "java/nio/ByteOrder", "LITTLE_ENDIAN", "Ljava/nio/ByteOrder;");
        call(
            Opcodes.INVOKEVIRTUAL, "java/nio/ByteBuffer", "order",
            "(Ljava/nio/ByteOrder;)Ljava/nio/ByteBuffer;");
        call(Opcodes.INVOKEVIRTUAL, "java/nio/ByteBuffer", "as" + view + "Buffer", "()L" + buffer + ";");
      }
      out.visitInsn(Opcodes.SWAP);
      Literals.push(out, from);
      Literals.push(out, to - from);
      call(Opcodes.INVOKEVIRTUAL, buffer, "get", "([" + element + "II)L" + buffer + ";");
      out.visitInsn(Opcodes.POP);
    }
  }

  private void call(int how, String owner, String name, String type) {
    out.visitMethodInsn(how, owner, name, type, false);
  }

  private String text(int from, int to) {
    char[] text = new char[to - from];
    for (int i = from; i < to; i++) {
      text[i - from] = (char) (code.unit(insn.payload + i / 2) >> 8 * (i % 2) & 0xff);
    }
    return new String(text);
  }

  private long value(int index) {
    long value = 0;
    for (int i = 0; i < insn.width; i++) {
      int at = index * insn.width + i;
      value |= (long) (code.unit(insn.payload + at / 2) >> 8 * (at % 2) & 0xff) << 8 * i;
    }
    int rest = 64 - 8 * insn.width;
    return element == 'C' ? value : value << rest >> rest;
  }

  private int width() {
    return switch (element) {
      case 'Z', 'B' -> 1;
      case 'C', 'S' -> 2;
      case 'I', 'F' -> 4;
      case 'J', 'D' -> 8;
      default -> 0;
    };
  }
}
