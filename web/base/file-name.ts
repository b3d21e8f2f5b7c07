const MAX_NAME_LENGTH = 255;

/**
 * Whether a name stays inside the folder of a model: one or more segments joined by `/`, none of them empty, `.` or `..`,
 * without `\`, `:` and control characters (so that it is no absolute path, drive or URL on any system), and without halves
 * of surrogate pairs, which no address can hold.
 */
export function isFileName(name: string): boolean {
  return (
    name.length <= MAX_NAME_LENGTH &&
    !/[\\:\p{Cc}\p{Cs}]/u.test(name) &&
    name.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..')
  );
}
