package dev.pileus.translate.dex;

/** A method handle: its kind (method_handle_item) and the field or the method, the other is null. */
public record HandleRef(int kind, FieldRef field, MethodRef method) {}
