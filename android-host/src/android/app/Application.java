package android.app;

/**
 * A name for the host's side of the class path: an annotation of the sandbox names this class as its
 * default value. Inside the sandbox the framework's own class of this name is found first.
 */
public class Application {}
