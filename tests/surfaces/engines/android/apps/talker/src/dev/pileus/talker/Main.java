package dev.pileus.talker;

import android.app.Activity;

public class Main extends Activity {}
