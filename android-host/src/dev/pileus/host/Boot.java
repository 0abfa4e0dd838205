package dev.pileus.host;

import dev.pileus.clock.WallClock;
import dev.pileus.device.Environment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.robolectric.annotation.Config;
import org.robolectric.annotation.ConscryptMode;
import org.robolectric.annotation.GetInstallerPackageNameMode;
import org.robolectric.annotation.GraphicsMode;
import org.robolectric.annotation.LooperMode;
import org.robolectric.annotation.ResourcesMode;
import org.robolectric.annotation.SQLiteMode;
import org.robolectric.annotation.TextLayoutMode;
import org.robolectric.annotation.experimental.LazyApplication;
import org.robolectric.internal.ShadowProvider;
import org.robolectric.internal.bytecode.ClassHandler;
import org.robolectric.internal.bytecode.Interceptors;
import org.robolectric.internal.bytecode.InvokeDynamicSupport;
import org.robolectric.internal.bytecode.RobolectricInternals;
import org.robolectric.internal.bytecode.ShadowImpl;
import org.robolectric.internal.bytecode.ShadowInvalidator;
import org.robolectric.internal.bytecode.ShadowWrangler;
import org.robolectric.pluginapi.TestEnvironmentLifecyclePlugin;
import org.robolectric.pluginapi.config.ConfigurationStrategy;
import org.robolectric.shadow.api.Shadow;
import org.robolectric.util.ReflectionHelpers;

/** Sets the framework up, without an app. Framework, its replaced parts and host share one class loader. */
public final class Boot {
  private final Environment environment =
      new Environment(
          Framework.given(), new ShadowProvider[0], new TestEnvironmentLifecyclePlugin[0]);
  private final Map<Class<?>, Object> modes;

  private Boot(String qualifiers) {
    modes = modes(qualifiers);
  }

  /** Connects what the framework's code calls to the rules above. */
  public static void connect() throws ClassNotFoundException {
    Interceptors interceptors = new Interceptors(WallClock.interceptors());
    ClassHandler handler =
        new ShadowWrangler(Fakes.map(), Fakes.matcher(Framework.RELEASE), interceptors, List.of());
    ReflectionHelpers.setStaticField(
        RobolectricInternals.class, "shadowInvalidator", new ShadowInvalidator());
    ReflectionHelpers.setStaticField(RobolectricInternals.class, "classHandler", handler);
    ReflectionHelpers.setStaticField(
        RobolectricInternals.class, "classLoader", Boot.class.getClassLoader());
    ReflectionHelpers.setStaticField(InvokeDynamicSupport.class, "INTERCEPTORS", interceptors);
    ReflectionHelpers.setStaticField(Shadow.class, "SHADOW_IMPL", new ShadowImpl());
  }

  /** Sets the framework's state up, on its main thread; the application is made later. */
  public static Boot prepare(String qualifiers, LateManifest manifest) throws ClassNotFoundException {
    // Windows get the size that they ask for, and lie where their gravity says.
    System.setProperty("robolectric.windowManager.useRequestedSize", "true");
    NativeRuntime.use(Path.of(System.getProperty("pileus.native")));
    connect();
    Boot boot = new Boot(qualifiers);
    boot.setUp(manifest);
    return boot;
  }

  /** Forgets the app that was there, and sets everything up for another. */
  public void again(LateManifest manifest) {
    environment.tearDownApplication();
    new org.robolectric.Shadows().reset(Boot::loaded);
    setUp(manifest);
  }

  private void setUp(LateManifest manifest) {
    environment.setUpApplicationState("pileus", new Fixed(modes), manifest);
  }

  private static boolean loaded(String name) {
    return ReflectionHelpers.callInstanceMethod(
            ClassLoader.class,
            Boot.class.getClassLoader(),
            "findLoadedClass",
            ReflectionHelpers.ClassParameter.from(String.class, name))
        != null;
  }

  /** The kinds of framework behaviour that are wanted, by their annotation's type. */
  public static Map<Class<?>, Object> modes(String qualifiers) {
    Map<Class<?>, Object> values = new HashMap<>();
    values.put(
        Config.class,
        new Config.Builder().setSdk(Framework.RELEASE).setQualifiers(qualifiers).build());
    values.put(LooperMode.Mode.class, LooperMode.Mode.PAUSED);
    values.put(GraphicsMode.Mode.class, GraphicsMode.Mode.NATIVE);
    values.put(SQLiteMode.Mode.class, SQLiteMode.Mode.NATIVE);
    values.put(ResourcesMode.Mode.class, ResourcesMode.Mode.NATIVE);
    values.put(TextLayoutMode.Mode.class, TextLayoutMode.Mode.REALISTIC);
    values.put(ConscryptMode.Mode.class, ConscryptMode.Mode.ON);
    values.put(
        GetInstallerPackageNameMode.Mode.class, GetInstallerPackageNameMode.Mode.REALISTIC);
    values.put(LazyApplication.LazyLoad.class, LazyApplication.LazyLoad.ON);
    return values;
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
