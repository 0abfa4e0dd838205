package dev.pileus.talker;

import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import android.os.Bundle;

/** Answers an ordered broadcast. */
public class Ear extends BroadcastReceiver {
  @Override
  public void onReceive(Context context, Intent intent) {
    if (isOrderedBroadcast()) {
      Bundle extras = getResultExtras(true);
      extras.putString("ear", intent.getStringExtra("word"));
      setResult(getResultCode() + 1, getResultData() + ">ear", extras);
    }
  }
}
