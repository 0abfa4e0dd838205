package dev.pileus.translate.dex;

import java.util.List;

/** A call site item: what links it, with which name, type and further values. */
public record CallSite(HandleRef bootstrap, String name, Proto type, List<Object> arguments) {}
