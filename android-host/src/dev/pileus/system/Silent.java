package dev.pileus.system;

/** An interface whose calls are taken and mean nothing here. */
final class Silent extends Calls {
  @Override
  Object answer(String method, Object[] arguments) {
    return NOTHING;
  }
}
