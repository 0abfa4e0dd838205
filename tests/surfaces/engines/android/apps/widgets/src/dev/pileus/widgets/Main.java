package dev.pileus.widgets;

import android.os.Bundle;
import android.widget.TextView;
import androidx.appcompat.app.AppCompatActivity;
import androidx.core.splashscreen.SplashScreen;
import com.google.android.material.bottomnavigation.BottomNavigationView;
import com.google.android.material.dialog.MaterialAlertDialogBuilder;
import com.google.android.material.snackbar.Snackbar;
import com.google.android.material.tabs.TabLayout;

/** A page of Material's widgets, after the start screen that AndroidX draws. What was done last is its title. */
public class Main extends AppCompatActivity {
  @Override
  protected void onCreate(Bundle state) {
    SplashScreen.installSplashScreen(this);
    super.onCreate(state);
    setContentView(R.layout.main);
    TabLayout tabs = findViewById(R.id.tabs);
    tabs.addTab(tabs.newTab().setText("One"));
    tabs.addTab(tabs.newTab().setText("Two"));
    TextView name = findViewById(R.id.name);
    findViewById(R.id.add).setOnClickListener(view -> {
      Snackbar.make(findViewById(R.id.page), "Added", Snackbar.LENGTH_INDEFINITE).show();
      setTitle("added");
    });
    findViewById(R.id.say).setOnClickListener(view -> {
      new MaterialAlertDialogBuilder(this).setTitle("Hello").setMessage(name.getText()).show();
      setTitle("said " + name.getText());
    });
    BottomNavigationView places = findViewById(R.id.places);
    places.setOnItemSelectedListener(item -> {
      setTitle(item.getTitle());
      return true;
    });
  }
}
