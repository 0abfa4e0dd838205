package dev.pileus.device;

import android.app.Instrumentation;
import org.robolectric.android.internal.AndroidTestEnvironment;
import org.robolectric.internal.ShadowProvider;
import org.robolectric.pluginapi.Sdk;
import org.robolectric.pluginapi.TestEnvironmentLifecyclePlugin;

/** The framework's state with this host's activity stack in place of the one for tests. */
public final class Environment extends AndroidTestEnvironment {
  public Environment(Sdk sdk, ShadowProvider[] replaced, TestEnvironmentLifecyclePlugin[] plugins) {
    super(sdk, sdk, replaced, plugins);
  }

  @Override
  protected Instrumentation pickInstrumentation() {
    return new StackInstrumentation();
  }
}
