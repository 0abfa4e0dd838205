package dev.pileus.translate;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipFile;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.util.Textifier;
import org.objectweb.asm.util.TraceClassVisitor;

/** Prints a class of a jar as text: {@code Listing IN.jar CLASS OUT.txt}. */
public final class Listing {
  public static void main(String[] arguments) throws Exception {
    try (ZipFile jar = new ZipFile(arguments[0]);
        var in = jar.getInputStream(jar.getEntry(arguments[1] + ".class"));
        var out = new PrintWriter(Files.newBufferedWriter(Path.of(arguments[2]), StandardCharsets.UTF_8))) {
      new ClassReader(in.readAllBytes()).accept(new TraceClassVisitor(null, new Textifier(), out), 0);
    }
  }
}
