package dev.pileus.translate;

import dev.pileus.translate.code.Constructors;
import dev.pileus.translate.code.Hierarchy;
import dev.pileus.translate.code.Methods;
import dev.pileus.translate.dex.BadDex;
import dev.pileus.translate.dex.ClassDef;
import dev.pileus.translate.dex.Dex;
import dev.pileus.translate.shape.Bridges;
import dev.pileus.translate.shape.Classes;
import dev.pileus.translate.shape.Nesting;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.DoubleConsumer;

/** Translates the classes of a package's DEX files, several at a time. */
public final class Translation {
  private static final int PORTION = 32;

  private final Map<String, ClassDef> own = new LinkedHashMap<>();
  private final List<String[]> failures = new ArrayList<>();
  private final Constructors constructors = new Constructors();
  private final Hierarchy hierarchy;
  private final int portion;

  /** The class of a name that several files have is the first file's, as on Android. */
  public Translation(List<Dex> files, Hierarchy.Library library) {
    this(files, library, 0);
  }

  /** The same, with no more than some {@code portion} instructions in a method; 0 for as many as it has room for. */
  Translation(List<Dex> files, Hierarchy.Library library, int portion) {
    this.portion = portion;
    for (Dex dex : files) {
      for (int i = 0; i < dex.classCount(); i++) {
        try {
          ClassDef found = dex.classDef(i);
          own.putIfAbsent(found.type, found);
        } catch (BadDex cause) {
          failures.add(new String[] {"class " + i, cause.getMessage()});
        }
      }
    }
    hierarchy = new Hierarchy(library, own);
  }

  /** The members that have no translation, and why; complete after {@link #run}. */
  public List<String[]> failures() {
    return failures;
  }

  /** The class files by internal name; {@code progress} is told what part is done. */
  public Map<String, byte[]> run(int threads, DoubleConsumer progress) throws InterruptedException {
    Classes classes = new Classes(new Methods(hierarchy, constructors, portion), new Nesting(own));
    List<ClassDef> all = new ArrayList<>(own.values());
    Map<String, byte[]> made = new LinkedHashMap<>();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<List<Classes.Result>>> parts = new ArrayList<>();
      for (int from = 0; from < all.size(); from += PORTION) {
        List<ClassDef> part = all.subList(from, Math.min(from + PORTION, all.size()));
        parts.add(pool.submit(() -> part.stream().map(type -> translate(classes, type)).toList()));
      }
      for (int i = 0; i < parts.size(); i++) {
        for (Classes.Result one : parts.get(i).get()) {
          failures.addAll(one.failures());
          if (one.file() != null) {
            made.put(one.name(), one.file());
          }
        }
        progress.accept((i + 1.0) / parts.size());
      }
    } catch (ExecutionException cause) {
      throw new IllegalStateException(cause.getCause());
    } finally {
      pool.shutdown();
    }
    new Bridges(own, made).add(constructors.wanted());
    return made;
  }

  private static Classes.Result translate(Classes classes, ClassDef type) {
    try {
      return classes.translate(type);
    } catch (RuntimeException | StackOverflowError cause) {
      String why = cause instanceof BadDex ? cause.getMessage() : cause.toString();
      return new Classes.Result(type.type, null, List.<String[]>of(new String[] {type.type, why}));
    }
  }
}
