import { fail } from './budget.js';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];

/** Python's strftime in the C locale, of local time. */
export function strftime(now: Date, format: string): string {
  const two = (value: number, fill = '0') => String(value).padStart(2, fill);
  const day = DAYS[now.getDay()] as string;
  const month = MONTHS[now.getMonth()] as string;
  const year = now.getFullYear();
  const midnight = Date.UTC(year, now.getMonth(), now.getDate());
  const dayOfYear = (midnight - Date.UTC(year, 0, 1)) / 86_400_000;
  const hour = now.getHours() % 12 || 12;
  const codes: Record<string, () => string> = {
    a: () => day.slice(0, 3),
    A: () => day,
    b: () => month.slice(0, 3),
    B: () => month,
    c: () => strftime(now, '%a %b %e %H:%M:%S %Y'),
    d: () => two(now.getDate()),
    D: () => strftime(now, '%m/%d/%y'),
    e: () => two(now.getDate(), ' '),
    F: () => strftime(now, '%Y-%m-%d'),
    f: () => String(now.getMilliseconds() * 1000).padStart(6, '0'),
    h: () => month.slice(0, 3),
    H: () => two(now.getHours()),
    I: () => two(hour),
    j: () => String(dayOfYear + 1).padStart(3, '0'),
    m: () => two(now.getMonth() + 1),
    M: () => two(now.getMinutes()),
    n: () => '\n',
    p: () => (now.getHours() < 12 ? 'AM' : 'PM'),
    S: () => two(now.getSeconds()),
    t: () => '\t',
    T: () => strftime(now, '%H:%M:%S'),
    u: () => String(now.getDay() || 7),
    U: () => two(Math.floor((dayOfYear + 7 - now.getDay()) / 7)),
    w: () => String(now.getDay()),
    W: () => two(Math.floor((dayOfYear + 7 - ((now.getDay() + 6) % 7)) / 7)),
    x: () => strftime(now, '%m/%d/%y'),
    X: () => strftime(now, '%H:%M:%S'),
    y: () => two(year % 100),
    Y: () => String(year),
    z: () => '',
    Z: () => '',
    '%': () => '%',
  };
  return format.replace(/%(-?)([\s\S]?)/g, (whole, dash: string, code: string) => {
    if (!Object.hasOwn(codes, code)) fail(`strftime_now does not know ${whole}`);
    const text = (codes[code] as () => string)();
    return dash === '' ? text : text.replace(/^[0 ]+(?=\d)/, '');
  });
}
