package dev.pileus.translate.dex;

/** A field by owner, name and type; owner and type are descriptors. */
public record FieldRef(String owner, String name, String type) {}
