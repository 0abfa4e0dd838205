package dev.pileus.translate;

import com.googlecode.d2j.DexConstants;
import com.googlecode.d2j.node.DexClassNode;
import com.googlecode.d2j.node.DexFileNode;
import com.googlecode.d2j.reader.BaseDexFileReader;
import com.googlecode.d2j.reader.DexFileReader;
import com.googlecode.d2j.reader.MultiDexFileReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;

/**
 * Translates a package's DEX code to JVM classes: {@code Main IN.apk OUT.jar}. Prints lines
 * {@code progress 0.42} and, for each method that has no translation, {@code failed {json}}; such a
 * method throws when it is called. Exits with 1 and a sentence on a package that cannot be read.
 */
public final class Main {
  public static void main(String[] arguments) throws IOException {
    try {
      translate(Path.of(arguments[0]), Path.of(arguments[1]));
    } catch (RuntimeException | IOException cause) {
      cause.printStackTrace();
      System.err.println("The code of the package cannot be read: " + cause);
      System.exit(1);
    }
  }

  private static void translate(Path in, Path out) throws IOException {
    BaseDexFileReader reader = MultiDexFileReader.open(Files.readAllBytes(in));
    DexFileNode file = new DexFileNode();
    reader.accept(file, DexFileReader.SKIP_DEBUG | DexFileReader.IGNORE_READ_EXCEPTION);
    Set<String> interfaces = new HashSet<>();
    for (DexClassNode node : file.clzs) {
      if ((node.access & DexConstants.ACC_INTERFACE) != 0) {
        interfaces.add(node.className.substring(1, node.className.length() - 1));
      }
    }
    int total = file.clzs.size();
    int[] done = {0};
    Set<String> written = new HashSet<>();
    try (ZipOutputStream jar = new ZipOutputStream(Files.newOutputStream(out))) {
      jar.setLevel(1);
      new Translation()
          .convertDex(
              file,
              name ->
                  new Shaped(new ClassWriter(ClassWriter.COMPUTE_MAXS), interfaces) {
                    @Override
                    public void visitEnd() {
                      super.visitEnd();
                      if (written.add(name)) {
                        write(jar, name, ((ClassWriter) cv).toByteArray());
                      }
                      if (++done[0] % 100 == 0) {
                        System.out.println(
                            String.format(Locale.ROOT, "progress %.3f", done[0] / (double) total));
                      }
                    }
                  });
    }
    System.out.println("progress 1.0");
  }

  private static void write(ZipOutputStream jar, String name, byte[] code) {
    try {
      jar.putNextEntry(new ZipEntry(name + ".class"));
      jar.write(code);
      jar.closeEntry();
    } catch (IOException cause) {
      throw new java.io.UncheckedIOException(cause);
    }
  }
}
