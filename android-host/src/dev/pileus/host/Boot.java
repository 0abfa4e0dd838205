package dev.pileus.host;

import dev.pileus.clock.WallClock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.robolectric.annotation.Config;
import org.robolectric.annotation.ConscryptMode;
import org.robolectric.annotation.GetInstallerPackageNameMode;
import org.robolectric.annotation.GraphicsMode;
import org.robolectric.annotation.LooperMode;
import org.robolectric.annotation.ResourcesMode;
import org.robolectric.annotation.SQLiteMode;
import org.robolectric.annotation.TextLayoutMode;
import org.robolectric.annotation.experimental.LazyApplication;
import org.robolectric.config.AndroidConfigurer;
import org.robolectric.internal.AndroidSandbox;
import org.robolectric.internal.SandboxManager;
import org.robolectric.internal.bytecode.ClassHandlerBuilder;
import org.robolectric.internal.bytecode.InstrumentationConfiguration;
import org.robolectric.internal.bytecode.Interceptors;
import org.robolectric.internal.bytecode.ShadowMap;
import org.robolectric.internal.bytecode.ShadowProviders;
import org.robolectric.pluginapi.Sdk;
import org.robolectric.pluginapi.SdkProvider;
import org.robolectric.pluginapi.config.ConfigurationStrategy;
import org.robolectric.util.inject.Injector;

/** Builds the sandbox: the framework's class loader, its shadows and its state, without an app. */
public final class Boot {
  public static final int SDK = 36;
  public final AndroidSandbox sandbox;
  public final LateManifest manifest = new LateManifest();

  public Boot() throws ReflectiveOperationException {
    // Windows get the size that they ask for, and lie where their gravity says.
    System.setProperty("robolectric.windowManager.useRequestedSize", "true");
    Injector injector =
        new Injector.Builder(Boot.class.getClassLoader())
            .bind(Properties.class, System.getProperties())
            .bind(
                AndroidSandbox.TestEnvironmentSpec.class,
                new AndroidSandbox.TestEnvironmentSpec(
                    Class.forName("dev.pileus.device.Environment", false, Boot.class.getClassLoader())
                        .asSubclass(org.robolectric.android.internal.AndroidTestEnvironment.class)))
            .build();
    Sdk sdk = null;
    for (Sdk known : injector.getInstance(SdkProvider.class).getSdks()) {
      sdk = known.getApiLevel() == SDK ? known : sdk;
    }
    Interceptors interceptors = new Interceptors(WallClock.interceptors());
    ShadowProviders shadows = injector.getInstance(ShadowProviders.class);
    InstrumentationConfiguration.Builder builder = InstrumentationConfiguration.newBuilder();
    new AndroidConfigurer(shadows).configure(builder, interceptors);
    builder.doNotAcquirePackage("dev.pileus.host.");
    sandbox =
        injector
            .getInstance(SandboxManager.SandboxBuilder.class)
            .build(builder.build(), sdk, sdk, ResourcesMode.Mode.BINARY, SQLiteMode.Mode.NATIVE);
    ShadowMap map = Fakes.map();
    sandbox.replaceShadowMap(map);
    sandbox.configure(
        injector
            .getInstance(ClassHandlerBuilder.class)
            .build(map, Fakes.matcher(SDK), interceptors, List.of()),
        interceptors);
  }

  /** Sets the framework's state up, on its main thread; the application is made later. */
  public void prepare(String qualifiers) {
    Map<Class<?>, Object> values = new HashMap<>();
    values.put(Config.class, new Config.Builder().setSdk(SDK).setQualifiers(qualifiers).build());
    values.put(LooperMode.Mode.class, LooperMode.Mode.PAUSED);
    values.put(GraphicsMode.Mode.class, GraphicsMode.Mode.NATIVE);
    values.put(SQLiteMode.Mode.class, SQLiteMode.Mode.NATIVE);
    values.put(ResourcesMode.Mode.class, ResourcesMode.Mode.BINARY);
    values.put(TextLayoutMode.Mode.class, TextLayoutMode.Mode.REALISTIC);
    values.put(ConscryptMode.Mode.class, ConscryptMode.Mode.ON);
    values.put(
        GetInstallerPackageNameMode.Mode.class, GetInstallerPackageNameMode.Mode.REALISTIC);
    values.put(LazyApplication.LazyLoad.class, LazyApplication.LazyLoad.ON);
    sandbox.runOnMainThreadWithClassLoader(
            () ->
                sandbox
                    .getTestEnvironment()
                    .setUpApplicationState("pileus", new Fixed(values), manifest));
  }

  private record Fixed(Map<Class<?>, Object> map) implements ConfigurationStrategy.Configuration {
    @Override
    public <T> T get(Class<T> type) {
      return type.cast(map.get(type));
    }

    @Override
    public java.util.Collection<Class<?>> keySet() {
      return map.keySet();
    }
  }
}
