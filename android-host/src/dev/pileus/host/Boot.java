package dev.pileus.host;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.ServiceLoader;
import org.robolectric.android.AndroidSdkShadowMatcher;
import org.robolectric.annotation.Config;
import org.robolectric.annotation.ConscryptMode;
import org.robolectric.annotation.GetInstallerPackageNameMode;
import org.robolectric.annotation.GraphicsMode;
import org.robolectric.annotation.LooperMode;
import org.robolectric.annotation.ResourcesMode;
import org.robolectric.annotation.SQLiteMode;
import org.robolectric.annotation.TextLayoutMode;
import org.robolectric.annotation.experimental.LazyApplication;
import org.robolectric.interceptors.AndroidInterceptors;
import org.robolectric.internal.ShadowProvider;
import org.robolectric.internal.bytecode.ClassHandler;
import org.robolectric.internal.bytecode.Interceptors;
import org.robolectric.internal.bytecode.InvokeDynamicSupport;
import org.robolectric.internal.bytecode.RobolectricInternals;
import org.robolectric.internal.bytecode.ShadowImpl;
import org.robolectric.internal.bytecode.ShadowInvalidator;
import org.robolectric.internal.bytecode.ShadowMap;
import org.robolectric.internal.bytecode.ShadowProviders;
import org.robolectric.internal.bytecode.ShadowWrangler;
import org.robolectric.pluginapi.TestEnvironmentLifecyclePlugin;
import org.robolectric.pluginapi.config.ConfigurationStrategy;
import org.robolectric.sandbox.ShadowMatcher;
import org.robolectric.shadow.api.Shadow;
import org.robolectric.util.ReflectionHelpers;

/** Sets the framework up, without an app. Framework, its replaced parts and host share one class loader. */
public final class Boot {
  private static final List<ShadowProvider> PROVIDERS = providers();

  private Boot() {}

  /** Which classes of the framework are replaced by which. */
  public static ShadowMap replaced() {
    return new ShadowProviders(PROVIDERS).getBaseShadowMap();
  }

  /** The canonical names of the framework's classes that may be replaced. */
  public static Set<String> replacedNames() {
    Set<String> names = new HashSet<>();
    for (ShadowProvider provider : PROVIDERS) {
      provider.getShadows().forEach(entry -> names.add(entry.getKey()));
      provider.getShadowPickerMap().keySet().forEach(name -> names.add(name.replace('$', '.')));
    }
    return names;
  }

  public static ShadowMatcher matcher() {
    return new AndroidSdkShadowMatcher(Framework.RELEASE);
  }

  public static Interceptors interceptors() {
    return new Interceptors(AndroidInterceptors.all());
  }

  /** Connects what the framework's code calls to the rules above. */
  public static void connect() {
    ClassHandler handler = new ShadowWrangler(replaced(), matcher(), interceptors(), List.of());
    ReflectionHelpers.setStaticField(
        RobolectricInternals.class, "shadowInvalidator", new ShadowInvalidator());
    ReflectionHelpers.setStaticField(RobolectricInternals.class, "classHandler", handler);
    ReflectionHelpers.setStaticField(
        RobolectricInternals.class, "classLoader", Boot.class.getClassLoader());
    ReflectionHelpers.setStaticField(InvokeDynamicSupport.class, "INTERCEPTORS", interceptors());
    ReflectionHelpers.setStaticField(Shadow.class, "SHADOW_IMPL", new ShadowImpl());
  }

  /** Sets the framework's state up, on its main thread; the application is made later. */
  public static void prepare(String qualifiers, LateManifest manifest) {
    NativeRuntime.use(Path.of(System.getProperty("pileus.native")));
    connect();
    new dev.pileus.device.Environment(
            Framework.given(), PROVIDERS.toArray(ShadowProvider[]::new), new TestEnvironmentLifecyclePlugin[0])
        .setUpApplicationState("pileus", new Fixed(modes(qualifiers)), manifest);
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

  private static List<ShadowProvider> providers() {
    List<ShadowProvider> found = new ArrayList<>();
    ServiceLoader.load(ShadowProvider.class, Boot.class.getClassLoader()).forEach(found::add);
    return found;
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
