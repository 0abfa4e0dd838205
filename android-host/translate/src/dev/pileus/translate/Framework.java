package dev.pileus.translate;

import dev.pileus.translate.code.Hierarchy;
import dev.pileus.translate.code.Hierarchy.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** Looks classes up in the framework's jar, and java's own in the running JVM, where an app finds them too. */
final class Framework implements Hierarchy.Library, AutoCloseable {
  private final ZipFile jar;

  Framework(Path jar) throws IOException {
    this.jar = jar == null ? null : new ZipFile(jar.toFile());
  }

  @Override
  public Shape find(String type) {
    if (type.charAt(0) != 'L') {
      return null;
    }
    String name = type.substring(1, type.length() - 1);
    if (name.startsWith("java/") || name.startsWith("javax/")) {
      Shape found = inJava(name);
      if (found != null) {
        return found;
      }
    }
    return jar == null ? null : inJar(name);
  }

  private static Shape inJava(String name) {
    try {
      Class<?> found = Class.forName(name.replace('/', '.'), false, ClassLoader.getPlatformClassLoader());
      List<String> faces = new ArrayList<>();
      for (Class<?> face : found.getInterfaces()) {
        faces.add(Type.getDescriptor(face));
      }
      Class<?> parent = found.getSuperclass();
      return new Shape(parent == null ? null : Type.getDescriptor(parent), faces, found.isInterface());
    } catch (ClassNotFoundException | LinkageError absent) {
      return null;
    }
  }

  private Shape inJar(String name) {
    ZipEntry entry = jar.getEntry(name + ".class");
    if (entry == null) {
      return null;
    }
    try (InputStream in = jar.getInputStream(entry)) {
      ClassReader reader = new ClassReader(in.readAllBytes());
      List<String> faces = new ArrayList<>();
      for (String face : reader.getInterfaces()) {
        faces.add("L" + face + ";");
      }
      String parent = reader.getSuperName();
      boolean face = (reader.getAccess() & Opcodes.ACC_INTERFACE) != 0;
      return new Shape(parent == null ? null : "L" + parent + ";", faces, face);
    } catch (IOException | IllegalArgumentException unreadable) {
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    if (jar != null) {
      jar.close();
    }
  }
}
