/** What may stand in a pattern of names: a name's own characters, and `*` for any number of them. */
export const NAME_PATTERN = /^[A-Za-z0-9_*-]{1,128}$/;

/** Whether `name` is one of those that the pattern means: `cam`, `cam-*`, `*`. Takes time linear in both. */
export function matchesName(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return first === name;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  const end = name.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
