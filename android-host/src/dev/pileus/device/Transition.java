package dev.pileus.device;

/** What an app asks for instead of its style's animations: resources of its own, or 0 for none. */
record Transition(int enter, int exit) {}
