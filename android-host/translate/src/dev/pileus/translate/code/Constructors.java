package dev.pileus.translate.code;

import dev.pileus.translate.dex.Proto;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Constructors that the JVM needs and DEX code goes without: R8 removes one that only calls its superclass's,
 * and lets a new object be made by the superclass's right away. The JVM wants one in the object's class.
 */
public final class Constructors {
  private final Map<String, Set<Proto>> wanted = new ConcurrentHashMap<>();

  void want(String type, Proto proto) {
    wanted.computeIfAbsent(type, key -> ConcurrentHashMap.newKeySet()).add(proto);
  }

  /** By class, the constructors that it must have. */
  public Map<String, Set<Proto>> wanted() {
    return wanted;
  }
}
