import { pageToken } from '../../../player/net/page-address';

describe('the token of a page', () => {
  it.each<[string, string]>([
    ['', ''],
    ['?token=', ''],
    ['?other=1', ''],
    ['?token=key', '?token=key'],
    ['?a=1&token=a%2Bb%26c', '?token=a%2Bb%26c'],
  ])('opened with "%s" is passed on as "%s"', (search, query) => {
    expect(pageToken('?', search)).toBe(query);
  });
});
