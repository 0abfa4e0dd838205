import { expect, test, vi } from 'vitest';
import { codeOf } from '../src/codes.ts';

test.each([
  ['【淘宝】验证码123456，5分钟内有效，请勿泄露给他人。', '123456'],
  ['【招商银行】你尾号8888的卡正在支付 1280.00 元，动态密码：662931', '662931'],
  ['【京东】884201（登录验证码），请在30分钟内填写。', '884201'],
  ['你的校验码是 4821，请于2026年11月30日前使用。客服95588', '4821'],
  ['[微信] 驗證碼 0093 用於登入', '0093'],
  ['【12306】用户注册或既有用户手机核验专用验证码：552013。如非本人直接访问12306，请停止操作。', '552013'],
  ['Your verification code is 048213.', '048213'],
  ['G-583920 is your Google verification code.', '583920'],
  ['583 920 is your Instagram code. Do not share it.', '583920'],
  ['Use OTP 77120 to pay USD 1200 with card ending 4421', '77120'],
  ['Your login code: AB12CD. It expires in 10 minutes.', 'AB12CD'],
  ['Your one-time password for order 55512 is 908172', '908172'],
  ['Security code: 123-456', '123456'],
])('%s', (text, code) => expect(codeOf(text)).toBe(code));

test.each([
  ['See you at 18:30 on 2026-11-30, room 4021'],
  ['Use promo code SAVE2026 for 20 % off'],
  ['Our zip code is 94107'],
  ['你的订单 20261130 已发货，快递员电话 13800138000'],
  ['本月账单 1280.50 元，请于12月5日前还款'],
  ['验证码错误次数过多，请致电 95588'],
  ['Your code will come in another message. Call +1 415 5550100.'],
  ['Pay €4500 with the code you know'],
  ['https://example.org/code/123456'],
  ['西湖见'],
  [''],
])('no code in: %s', (text) => expect(codeOf(text)).toBeUndefined());

test('a text is read to the length of a long message, and not at all beyond it', () => {
  const text = 'code 1234 ';
  const looked = vi.spyOn(String.prototype, 'matchAll');
  try {
    expect(codeOf(text.padEnd(1000, 'x '))).toBe('1234');
    expect(looked).toHaveBeenCalledTimes(2);
    expect(codeOf(text.padEnd(1001, 'x '))).toBeUndefined();
    expect(looked).toHaveBeenCalledTimes(2);
  } finally {
    looked.mockRestore();
  }
});
