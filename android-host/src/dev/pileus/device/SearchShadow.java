package dev.pileus.device;

import android.app.SearchableInfo;
import java.util.List;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.shadows.ShadowSearchManager;

/** Nothing here searches all apps at once. */
@Implements(className = "android.app.SearchManager")
public class SearchShadow extends ShadowSearchManager {
  @Implementation
  protected List<SearchableInfo> getSearchablesInGlobalSearch() {
    return List.of();
  }
}
