/** The glyphs in use, from lucide; a new one is one import and one name here. */

import archive from 'lucide-static/icons/archive.svg?raw';
import archiveRestore from 'lucide-static/icons/archive-restore.svg?raw';
import swap from 'lucide-static/icons/arrow-down-up.svg?raw';
import arrowLeft from 'lucide-static/icons/arrow-left.svg?raw';
import ban from 'lucide-static/icons/ban.svg?raw';
import bell from 'lucide-static/icons/bell.svg?raw';
import bluetooth from 'lucide-static/icons/bluetooth.svg?raw';
import calendar from 'lucide-static/icons/calendar.svg?raw';
import cardSim from 'lucide-static/icons/card-sim.svg?raw';
import check from 'lucide-static/icons/check.svg?raw';
import chevronDown from 'lucide-static/icons/chevron-down.svg?raw';
import chevronLeft from 'lucide-static/icons/chevron-left.svg?raw';
import chevronRight from 'lucide-static/icons/chevron-right.svg?raw';
import chevronUp from 'lucide-static/icons/chevron-up.svg?raw';
import circle from 'lucide-static/icons/circle.svg?raw';
import circleAlert from 'lucide-static/icons/circle-alert.svg?raw';
import cloud from 'lucide-static/icons/cloud.svg?raw';
import cloudOff from 'lucide-static/icons/cloud-off.svg?raw';
import cloudUpload from 'lucide-static/icons/cloud-upload.svg?raw';
import copy from 'lucide-static/icons/copy.svg?raw';
import erase from 'lucide-static/icons/delete.svg?raw';
import download from 'lucide-static/icons/download.svg?raw';
import moreVertical from 'lucide-static/icons/ellipsis-vertical.svg?raw';
import eye from 'lucide-static/icons/eye.svg?raw';
import eyeOff from 'lucide-static/icons/eye-off.svg?raw';
import file from 'lucide-static/icons/file.svg?raw';
import fileText from 'lucide-static/icons/file-text.svg?raw';
import fingerprint from 'lucide-static/icons/fingerprint-pattern.svg?raw';
import folder from 'lucide-static/icons/folder.svg?raw';
import folderPlus from 'lucide-static/icons/folder-plus.svg?raw';
import globe from 'lucide-static/icons/globe.svg?raw';
import keypad from 'lucide-static/icons/grip.svg?raw';
import headphones from 'lucide-static/icons/headphones.svg?raw';
import heart from 'lucide-static/icons/heart.svg?raw';
import history from 'lucide-static/icons/history.svg?raw';
import image from 'lucide-static/icons/image.svg?raw';
import importFile from 'lucide-static/icons/import.svg?raw';
import info from 'lucide-static/icons/info.svg?raw';
import key from 'lucide-static/icons/key-round.svg?raw';
import languages from 'lucide-static/icons/languages.svg?raw';
import lifeBuoy from 'lucide-static/icons/life-buoy.svg?raw';
import listChecks from 'lucide-static/icons/list-checks.svg?raw';
import lock from 'lucide-static/icons/lock.svg?raw';
import logIn from 'lucide-static/icons/log-in.svg?raw';
import logOut from 'lucide-static/icons/log-out.svg?raw';
import mail from 'lucide-static/icons/mail.svg?raw';
import mailOpen from 'lucide-static/icons/mail-open.svg?raw';
import mapPin from 'lucide-static/icons/map-pin.svg?raw';
import messageCircle from 'lucide-static/icons/message-circle.svg?raw';
import micOff from 'lucide-static/icons/mic-off.svg?raw';
import moon from 'lucide-static/icons/moon.svg?raw';
import music from 'lucide-static/icons/music.svg?raw';
import packagePlus from 'lucide-static/icons/package-plus.svg?raw';
import palette from 'lucide-static/icons/palette.svg?raw';
import pause from 'lucide-static/icons/pause.svg?raw';
import pencil from 'lucide-static/icons/pencil.svg?raw';
import phone from 'lucide-static/icons/phone.svg?raw';
import phoneIncoming from 'lucide-static/icons/phone-incoming.svg?raw';
import phoneMissed from 'lucide-static/icons/phone-missed.svg?raw';
import phoneOutgoing from 'lucide-static/icons/phone-outgoing.svg?raw';
import plane from 'lucide-static/icons/plane.svg?raw';
import play from 'lucide-static/icons/play.svg?raw';
import plug from 'lucide-static/icons/plug.svg?raw';
import plus from 'lucide-static/icons/plus.svg?raw';
import refresh from 'lucide-static/icons/refresh-cw.svg?raw';
import search from 'lucide-static/icons/search.svg?raw';
import send from 'lucide-static/icons/send-horizontal.svg?raw';
import settings from 'lucide-static/icons/settings.svg?raw';
import share from 'lucide-static/icons/share-2.svg?raw';
import shield from 'lucide-static/icons/shield-check.svg?raw';
import signal from 'lucide-static/icons/signal.svg?raw';
import smartphone from 'lucide-static/icons/smartphone.svg?raw';
import square from 'lucide-static/icons/square.svg?raw';
import star from 'lucide-static/icons/star.svg?raw';
import sun from 'lucide-static/icons/sun.svg?raw';
import tablet from 'lucide-static/icons/tablet.svg?raw';
import trash from 'lucide-static/icons/trash-2.svg?raw';
import triangle from 'lucide-static/icons/triangle.svg?raw';
import undo from 'lucide-static/icons/undo-2.svg?raw';
import upload from 'lucide-static/icons/upload.svg?raw';
import user from 'lucide-static/icons/user.svg?raw';
import userPlus from 'lucide-static/icons/user-plus.svg?raw';
import users from 'lucide-static/icons/users.svg?raw';
import video from 'lucide-static/icons/video.svg?raw';
import volume from 'lucide-static/icons/volume-2.svg?raw';
import wifi from 'lucide-static/icons/wifi.svg?raw';
import wifiHigh from 'lucide-static/icons/wifi-high.svg?raw';
import wifiLow from 'lucide-static/icons/wifi-low.svg?raw';
import wifiOff from 'lucide-static/icons/wifi-off.svg?raw';
import x from 'lucide-static/icons/x.svg?raw';

const sources = {
  archive,
  'archive-restore': archiveRestore,
  'arrow-left': arrowLeft,
  ban,
  bell,
  bluetooth,
  check,
  'chevron-down': chevronDown,
  'chevron-left': chevronLeft,
  'chevron-right': chevronRight,
  'chevron-up': chevronUp,
  circle,
  'circle-alert': circleAlert,
  cloud,
  'cloud-off': cloudOff,
  'cloud-upload': cloudUpload,
  copy,
  delete: erase,
  download,
  eye,
  'eye-off': eyeOff,
  file,
  'file-text': fileText,
  fingerprint,
  folder,
  'folder-plus': folderPlus,
  headphones,
  heart,
  history,
  image,
  import: importFile,
  info,
  key,
  languages,
  'life-buoy': lifeBuoy,
  'list-checks': listChecks,
  lock,
  'log-in': logIn,
  'log-out': logOut,
  calendar,
  globe,
  mail,
  'mail-open': mailOpen,
  'map-pin': mapPin,
  star,
  'message-circle': messageCircle,
  'mic-off': micOff,
  moon,
  'more-vertical': moreVertical,
  music,
  'package-plus': packagePlus,
  palette,
  pencil,
  phone,
  'phone-incoming': phoneIncoming,
  'phone-missed': phoneMissed,
  'phone-outgoing': phoneOutgoing,
  plug,
  plus,
  refresh,
  search,
  send,
  settings,
  share,
  shield,
  signal,
  smartphone,
  square,
  sun,
  tablet,
  trash,
  triangle,
  undo,
  upload,
  user,
  users,
  video,
  volume,
  wifi,
  'wifi-off': wifiOff,
  'card-sim': cardSim,
  keypad,
  pause,
  plane,
  play,
  swap,
  'user-plus': userPlus,
  'wifi-high': wifiHigh,
  'wifi-low': wifiLow,
  x,
};

export type GlyphName = keyof typeof sources;

/** The shapes inside a 24 × 24 box, drawn with the current colour and a stroke of 1.75 px. */
export function glyph(name: GlyphName): string {
  return sources[name].replace(/^[\s\S]*?<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '');
}
