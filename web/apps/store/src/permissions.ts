/** What an app asks for, in the owner's words: Android's permissions (AOSP core/res/AndroidManifest.xml) by what they are for. */

/** What is asked for, by the end of its message's key, and the permissions, those of Android without `android.permission.`. */
const MEANINGS: Record<string, string> = {
  network: 'INTERNET',
  'network-state':
    'ACCESS_NETWORK_STATE ACCESS_WIFI_STATE CHANGE_NETWORK_STATE CHANGE_WIFI_STATE CHANGE_WIFI_MULTICAST_STATE',
  notifications: 'POST_NOTIFICATIONS USE_FULL_SCREEN_INTENT',
  files:
    'READ_EXTERNAL_STORAGE WRITE_EXTERNAL_STORAGE MANAGE_EXTERNAL_STORAGE ACCESS_MEDIA_LOCATION READ_MEDIA_IMAGES READ_MEDIA_VIDEO READ_MEDIA_AUDIO READ_MEDIA_VISUAL_USER_SELECTED',
  location:
    'ACCESS_FINE_LOCATION ACCESS_COARSE_LOCATION ACCESS_BACKGROUND_LOCATION ACCESS_LOCATION_EXTRA_COMMANDS',
  camera: 'CAMERA FLASHLIGHT',
  microphone: 'RECORD_AUDIO',
  contacts: 'READ_CONTACTS WRITE_CONTACTS GET_ACCOUNTS MANAGE_ACCOUNTS',
  calendar: 'READ_CALENDAR WRITE_CALENDAR',
  messages: 'READ_SMS SEND_SMS RECEIVE_SMS WRITE_SMS RECEIVE_MMS RECEIVE_WAP_PUSH',
  calls:
    'CALL_PHONE READ_PHONE_STATE READ_PHONE_NUMBERS ANSWER_PHONE_CALLS READ_CALL_LOG WRITE_CALL_LOG PROCESS_OUTGOING_CALLS USE_SIP MANAGE_OWN_CALLS',
  nearby:
    'BLUETOOTH BLUETOOTH_ADMIN BLUETOOTH_SCAN BLUETOOTH_CONNECT BLUETOOTH_ADVERTISE NEARBY_WIFI_DEVICES UWB_RANGING NFC',
  body: 'BODY_SENSORS BODY_SENSORS_BACKGROUND ACTIVITY_RECOGNITION HIGH_SAMPLING_RATE_SENSORS',
  biometrics: 'USE_BIOMETRIC USE_FINGERPRINT',
  background:
    'WAKE_LOCK FOREGROUND_SERVICE FOREGROUND_SERVICE_DATA_SYNC FOREGROUND_SERVICE_MEDIA_PLAYBACK FOREGROUND_SERVICE_LOCATION FOREGROUND_SERVICE_MICROPHONE FOREGROUND_SERVICE_CAMERA FOREGROUND_SERVICE_SPECIAL_USE FOREGROUND_SERVICE_CONNECTED_DEVICE FOREGROUND_SERVICE_PHONE_CALL FOREGROUND_SERVICE_MEDIA_PROJECTION FOREGROUND_SERVICE_HEALTH FOREGROUND_SERVICE_REMOTE_MESSAGING FOREGROUND_SERVICE_SYSTEM_EXEMPTED FOREGROUND_SERVICE_FILE_MANAGEMENT FOREGROUND_SERVICE_MEDIA_PROCESSING REQUEST_IGNORE_BATTERY_OPTIMIZATIONS RECEIVE_BOOT_COMPLETED',
  alarms: 'SCHEDULE_EXACT_ALARM USE_EXACT_ALARM',
  vibration: 'VIBRATE',
  overlay: 'SYSTEM_ALERT_WINDOW',
  settings:
    'WRITE_SETTINGS MODIFY_AUDIO_SETTINGS CHANGE_CONFIGURATION SET_WALLPAPER SET_WALLPAPER_HINTS ACCESS_NOTIFICATION_POLICY',
  apps: 'QUERY_ALL_PACKAGES PACKAGE_USAGE_STATS GET_TASKS REORDER_TASKS KILL_BACKGROUND_PROCESSES GET_PACKAGE_SIZE',
  install: 'REQUEST_INSTALL_PACKAGES REQUEST_DELETE_PACKAGES',
  shortcuts:
    'com.android.launcher.permission.INSTALL_SHORTCUT com.android.launcher.permission.UNINSTALL_SHORTCUT',
};
const ANDROID = 'android.permission.';
const known = new Map<string, string>();
for (const [meaning, names] of Object.entries(MEANINGS))
  for (const name of names.split(' ')) known.set(name.includes('.') ? name : ANDROID + name, meaning);

export interface Asked {
  /** Keys of messages, in the order of what matters to an owner as far as it is told above. */
  meanings: string[];
  /** Names of those that are another app's, or that nobody here has described. */
  others: string[];
}

/** Each meaning once, however many permissions have it; those of the package itself keep others out, and ask for nothing. */
export function asked(permissions: readonly string[], own: string): Asked {
  const meanings = new Set<string>();
  const others: string[] = [];
  for (const permission of permissions) {
    const meaning = known.get(permission);
    if (meaning) meanings.add(meaning);
    else if (permission.startsWith(ANDROID) || !permission.startsWith(`${own}.`)) others.push(permission);
  }
  const order = Object.keys(MEANINGS).filter((meaning) => meanings.has(meaning));
  return { meanings: order.map((meaning) => `store.may-${meaning}`), others };
}

/** The keys of all messages that `asked` may give. */
export const KEYS: readonly string[] = Object.keys(MEANINGS).map((meaning) => `store.may-${meaning}`);
