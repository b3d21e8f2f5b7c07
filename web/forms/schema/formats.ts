/** What `format` means, as patterns of the whole string. What is of a format by these is of it by RFC 3339 and the like, too. */
const HOUR = '(?:[01]\\d|2[0-3])';
const TIME = `${HOUR}:[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-]${HOUR}:[0-5]\\d)`;
const LEAP_YEAR = '(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)';
const DATE =
  `(?:${LEAP_YEAR}-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|` +
  '(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8])))';
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,38}[A-Za-z0-9])?';
/** Without a count: often lengths and patterns stand beside emails, and counts multiply. */
const FREE_LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?';
const HOST = `${LABEL}(?:\\.${LABEL}){0,5}`;
const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = `(?:${BYTE}\\.){3}${BYTE}`;
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const HEX = '[0-9a-fA-F]';
const UNESCAPED = "[A-Za-z0-9\\-._~!$&'()*+,;=:@]";
const PATH = `(?:/(?:${UNESCAPED}|%${HEX}{2})*)*`;
const QUERY = `(?:(?:${UNESCAPED}|[/?]|%${HEX}{2})*)`;
const URI = `[A-Za-z][A-Za-z0-9+.-]*://${HOST}(?::\\d{1,5})?${PATH}(?:\\?${QUERY})?(?:#${QUERY})?`;
const DURATION_TIME = 'T(?:\\d+H(?:\\d+M(?:\\d+S)?)?|\\d+M(?:\\d+S)?|\\d+S)';
const DURATION_DATE = '(?:\\d+D|\\d+M(?:\\d+D)?|\\d+Y(?:\\d+M(?:\\d+D)?)?)';

export const FORMATS: ReadonlyMap<string, string> = new Map([
  ['date', DATE],
  ['time', TIME],
  ['date-time', `${DATE}T${TIME}`],
  ['duration', `P(?:${DURATION_DATE}(?:${DURATION_TIME})?|${DURATION_TIME}|\\d+W)`],
  ['email', `${ATOM}(?:\\.${ATOM})*@(?:${FREE_LABEL}\\.)+[A-Za-z]{2,}`],
  ['hostname', HOST],
  ['ipv4', IPV4],
  ['ipv6', `(?:${HEX}{1,4}:){7}${HEX}{1,4}|(?:${HEX}{1,4}:){1,6}:${HEX}{1,4}|::(?:${HEX}{1,4})?`],
  ['uri', URI],
  ['uuid', `${HEX}{8}-${HEX}{4}-[1-8]${HEX}{3}-[89abAB]${HEX}{3}-${HEX}{12}`],
]);
