package dev.pileus.host;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.robolectric.annotation.Implements;
import org.robolectric.internal.ClassTracker;
import org.robolectric.internal.ShadowProvider;
import org.robolectric.android.AndroidSdkShadowMatcher;
import org.robolectric.internal.bytecode.ShadowMap;
import org.robolectric.sandbox.ShadowMatcher;

/** Which of the framework's classes are replaced: not those whose real code works, and some by ours. */
public final class Fakes {
  /** Written for tests, they record what should happen instead of doing it. */
  private static final Set<String> REAL =
      Set.of(
          "android.app.ActivityGroup",
          "android.app.TabActivity",
          "android.content.AsyncQueryHandler",
          "android.database.CursorWrapper",
          "android.os.CountDownTimer",
          "android.text.method.LinkMovementMethod",
          "android.view.ScaleGestureDetector",
          "android.view.TouchDelegate",
          "android.view.ViewConfiguration",
          "android.widget.NumberPicker",
          "android.widget.ScrollView",
          "android.widget.TabHost",
          "android.widget.TabHost.TabSpec",
          "android.widget.TabWidget",
          "android.widget.VideoView",
          "android.widget.ViewAnimator");

  /** Single methods of which the same is true, by the name of the class that replaces them. */
  private static final Map<String, Set<String>> REAL_METHODS =
      Map.of(
          "org.robolectric.shadows.ShadowActivity",
          Set.of(
              "dismissDialog",
              "getCurrentFocus",
              "getLastNonConfigurationInstance",
              "getLayoutInflater",
              "getMenuInflater",
              "onBackPressed",
              "onCreateOptionsMenu",
              "removeDialog",
              "setDefaultKeyMode",
              "setResult",
              "showDialog",
              "startIntentSenderForResult",
              "startManagingCursor",
              "stopManagingCursor"));

  private static final List<String> OURS =
      List.of(
          "dev.pileus.device.ActivityShadow",
          "dev.pileus.device.AnimatedVectorShadow",
          "dev.pileus.device.ChangesShadow",
          "dev.pileus.device.ClockShadow",
          "dev.pileus.device.DiskShadow",
          "dev.pileus.device.KeyMapShadow",
          "dev.pileus.device.MotionEventShadow",
          "dev.pileus.device.PackagesShadow",
          "dev.pileus.device.SdkSandboxShadow",
          "dev.pileus.device.SearchShadow",
          "dev.pileus.device.ToastShadow",
          "dev.pileus.device.VelocityShadow",
          "dev.pileus.device.ViewConfigurationShadow",
          "dev.pileus.device.WindowsShadow",
          "dev.pileus.media.CameraShadow",
          "dev.pileus.media.EqualizerShadow",
          "dev.pileus.media.PlayerShadow",
          "dev.pileus.media.VisualizerShadow",
          "dev.pileus.surface.DecorShadow",
          "dev.pileus.surface.GlViewShadow",
          "dev.pileus.surface.SurfaceShadow",
          "dev.pileus.surface.SurfaceViewShadow",
          "dev.pileus.surface.TextureViewShadow",
          "dev.pileus.surface.WebViewShadow");

  /** Named here: looking for services would open every jar of the class path. */
  private static final ShadowProvider PROVIDER = new Fewer(new org.robolectric.Shadows());

  private Fakes() {}

  /** The canonical names of the classes that may be replaced. */
  public static Set<String> names() throws ClassNotFoundException {
    Set<String> names = new HashSet<>();
    PROVIDER.getShadows().forEach(entry -> names.add(entry.getKey()));
    PROVIDER.getShadowPickerMap().keySet().forEach(name -> names.add(name.replace('$', '.')));
    for (Class<?> one : ours()) {
      names.add(one.getAnnotation(Implements.class).className().replace('$', '.'));
    }
    return names;
  }

  public static ShadowMap map() throws ClassNotFoundException {
    ShadowMap.Builder builder = ShadowMap.createFromShadowProviders(List.of(PROVIDER)).newBuilder();
    return builder.addShadowClasses(ours().toArray(Class<?>[]::new)).build();
  }

  private static List<Class<?>> ours() throws ClassNotFoundException {
    List<Class<?>> found = new ArrayList<>();
    for (List<String> names : List.of(OURS, SystemShadows.OURS)) {
      for (String name : names) {
        found.add(Class.forName(name, false, Fakes.class.getClassLoader()));
      }
    }
    return found;
  }

  private static boolean real(String name) {
    return REAL.contains(name) || SystemShadows.REAL.contains(name);
  }

  /** Says which methods of a replacing class count. */
  public static ShadowMatcher matcher(int sdk) {
    return new AndroidSdkShadowMatcher(sdk) {
      @Override
      public boolean matches(Method method) {
        Set<String> real = REAL_METHODS.get(method.getDeclaringClass().getName());
        return (real == null || !real.contains(method.getName())) && super.matches(method);
      }
    };
  }

  private record Fewer(ShadowProvider whole) implements ShadowProvider {
    @Override
    public void reset(ClassTracker classes) {
      whole.reset(classes);
    }

    @Override
    public String[] getProvidedPackageNames() {
      return whole.getProvidedPackageNames();
    }

    @Override
    public Collection<Map.Entry<String, String>> getShadows() {
      return whole.getShadows().stream().filter(entry -> !real(entry.getKey())).toList();
    }

    @Override
    public Map<String, String> getShadowPickerMap() {
      return whole.getShadowPickerMap();
    }
  }
}
