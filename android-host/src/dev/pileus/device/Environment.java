package dev.pileus.device;

import android.app.Instrumentation;
import javax.inject.Named;
import org.robolectric.android.internal.AndroidTestEnvironment;
import org.robolectric.internal.ShadowProvider;
import org.robolectric.pluginapi.Sdk;
import org.robolectric.pluginapi.TestEnvironmentLifecyclePlugin;

/** The framework's state with this host's activity stack in place of the one for tests. */
public final class Environment extends AndroidTestEnvironment {
  @javax.inject.Inject
  public Environment(
      @Named("runtimeSdk") Sdk runtime,
      @Named("compileSdk") Sdk compile,
      ShadowProvider[] shadows,
      TestEnvironmentLifecyclePlugin[] plugins) {
    super(runtime, compile, shadows, plugins);
  }

  @Override
  protected Instrumentation pickInstrumentation() {
    return new StackInstrumentation();
  }
}
