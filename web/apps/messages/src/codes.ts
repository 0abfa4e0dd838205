/** One-time codes in a text that came, as services send them. Pure. */

/** What says that a code is meant; none of a shop, of a place, or of the press. */
const WORD =
  /(?<!(?:promo|promotion|discount|coupon|voucher|gift|zip|post|postal|area|country|dress|source|qr|bar|error)[\s-]?)\b(?:code|passcode|passwort|otp|tan|pin)\b|\b(?:one[\s-]time|verification|security|login)\s+(?:password|number)\b|验证码|校验码|动态码|动态密码|确认码|随机码|激活码|登录码|认证码|短信口令|驗證碼|校驗碼|動態密碼|認證碼/giu;
/**
 * Four to eight digits, in one or two groups, after at most the letter that some put before (G-123456); or capitals
 * and digits together. Not a part of a longer number, a price, a time, a date or an address.
 */
const CODE =
  /(?<![\p{Script=Latin}\p{N}+*#@/._:-])(?<!\d\s)(?<![$€£¥￥]\s?)(?:[A-Z]-)?(\d{3}[ -]\d{3,4}|\d{4,8}|(?=[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z])[A-Z0-9]{5,8})(?![\p{Script=Latin}\p{N}@%/:]|[.,-]\d|\s?(?:元|块|[$€£¥￥%]|USD|EUR|GBP|RMB|CNY)|\s?(?:年|月|日|号线|分钟|小时))/gu;
/** The end of a card's or an account's number; a hotline. */
const OTHER =
  /(?:尾号|末四位|卡号|订单号?|单号|致电|拨打|客服|ending(?:\s+(?:in|with))?|card|account|order|invoice|call|phone|ref)[\s:：#为是]*$/iu;
const NEAR = 80;
/** What stands before its code is further away than what stands after it. */
const BEFORE = 12;
const LONGEST = 1000;

/** The code as it is typed, without what divides it; undefined where none is sure. */
export function codeOf(text: string): string | undefined {
  if (text.length > LONGEST) return undefined;
  const words = [...text.matchAll(WORD)].map(({ 0: word, index }) => [index, index + word.length] as const);
  let [found, nearest]: [string | undefined, number] = [undefined, NEAR];
  for (const match of text.matchAll(CODE)) {
    const [begin, end] = [match.index, match.index + match[0].length];
    if (OTHER.test(text.slice(Math.max(0, begin - 24), begin))) continue;
    for (const [from, to] of words) {
      const distance = begin >= to ? begin - to : from - end + BEFORE;
      if (distance < 0 || distance >= nearest) continue;
      [found, nearest] = [match[1]!.replace(/[ -]/g, ''), distance];
    }
  }
  return found;
}
