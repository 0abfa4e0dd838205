package dev.pileus.translate.dex;

import java.util.List;

/** What a method takes and gives; {@code descriptor} is the JVM's. */
public record Proto(List<String> parameters, String result, String descriptor) {
  static Proto of(List<String> parameters, String result) {
    return new Proto(parameters, result, "(" + String.join("", parameters) + ")" + result);
  }

  /** Registers that the parameters take, without the receiver. */
  public int words() {
    int words = 0;
    for (String parameter : parameters) {
      words += parameter.equals("J") || parameter.equals("D") ? 2 : 1;
    }
    return words;
  }
}
