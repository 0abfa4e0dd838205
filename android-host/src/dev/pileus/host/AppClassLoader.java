package dev.pileus.host;

import java.io.InputStream;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import javax.inject.Inject;
import javax.inject.Named;
import org.robolectric.internal.AndroidSandbox;
import org.robolectric.internal.bytecode.ClassInstrumentor;
import org.robolectric.internal.bytecode.InstrumentationConfiguration;
import org.robolectric.internal.bytecode.UrlResourceProvider;
import org.robolectric.pluginapi.Sdk;

/** Finds a class in the framework first, then in the app, then in the host. The app comes late. */
public final class AppClassLoader extends AndroidSandbox.SdkSandboxClassLoader {
  private volatile UrlResourceProvider app;

  @Inject
  public AppClassLoader(
      InstrumentationConfiguration configuration,
      @Named("runtimeSdk") Sdk sdk,
      ClassInstrumentor instrumentor) {
    super(configuration, sdk, instrumentor);
  }

  /** Adds the app's translated classes; before its first class is asked for. */
  public void addApp(List<Path> jars) throws java.io.IOException {
    URL[] urls = new URL[jars.size()];
    for (int i = 0; i < urls.length; i++) {
      urls[i] = jars.get(i).toUri().toURL();
    }
    app = new UrlResourceProvider(urls);
  }

  @Override
  protected InputStream getClassBytesFromAlternateClassLoader(String file) {
    InputStream framework = super.getClassBytesFromAlternateClassLoader(file);
    UrlResourceProvider provider = app;
    return framework != null || provider == null ? framework : provider.getResourceAsStream(file);
  }

  @Override
  protected URL getResourceUrl(String name) {
    UrlResourceProvider provider = app;
    URL own = provider == null ? null : provider.getResource(name);
    return own != null ? own : super.getResourceUrl(name);
  }
}
