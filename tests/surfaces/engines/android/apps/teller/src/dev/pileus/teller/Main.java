package dev.pileus.teller;

import android.app.Activity;

public class Main extends Activity {}
