package dev.pileus.translate.code;

import dev.pileus.translate.dex.ClassDef;
import dev.pileus.translate.dex.Code;
import dev.pileus.translate.dex.Dex;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Counts the instructions that DEX files have: {@code Coverage FILE.dex...} prints {@code OPCODE COUNT} lines. */
public final class Coverage {
  public static void main(String[] arguments) throws Exception {
    Map<Op, Integer> counts = new EnumMap<>(Op.class);
    for (Op op : Op.values()) {
      counts.put(op, 0);
    }
    for (String file : arguments) {
      for (Dex dex : Dex.read(Files.readAllBytes(Path.of(file)))) {
        for (int i = 0; i < dex.classCount(); i++) {
          count(dex, dex.classDef(i).members(), counts);
        }
      }
    }
    counts.forEach((op, count) -> System.out.println(op + " " + count));
  }

  private static void count(Dex dex, ClassDef.Members members, Map<Op, Integer> counts) {
    List<ClassDef.Member> methods = new ArrayList<>(members.direct());
    methods.addAll(members.virtual());
    for (ClassDef.Member method : methods) {
      if (method.code() != 0) {
        for (Insn insn : new Flow(dex, Code.read(dex, method.code())).insns) {
          counts.merge(insn.op, 1, Integer::sum);
          if (insn.resultOp != null) {
            counts.merge(insn.resultOp, 1, Integer::sum);
          }
        }
      }
    }
  }
}
