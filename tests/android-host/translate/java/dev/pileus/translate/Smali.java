package dev.pileus.translate;

import java.util.ArrayList;
import java.util.List;
import org.jf.smali.SmaliOptions;

/** Assembles smali text: {@code Smali API OUT.dex FILE...}. Exits with 1 where the text is wrong. */
public final class Smali {
  public static void main(String[] arguments) throws Exception {
    SmaliOptions options = new SmaliOptions();
    options.apiLevel = Integer.parseInt(arguments[0]);
    options.outputDexFile = arguments[1];
    options.jobs = 1;
    List<String> files = new ArrayList<>(List.of(arguments).subList(2, arguments.length));
    System.exit(org.jf.smali.Smali.assemble(options, files) ? 0 : 1);
  }
}
