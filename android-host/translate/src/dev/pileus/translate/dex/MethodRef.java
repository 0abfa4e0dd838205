package dev.pileus.translate.dex;

/** A method by owner (a descriptor), name and prototype. */
public record MethodRef(String owner, String name, Proto proto) {
  @Override
  public String toString() {
    return owner + "->" + name + proto.descriptor();
  }
}
