import { addressGroup } from '../../../src/http/address';

describe('addresses are counted as one', () => {
  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff'],
    ['2001:db8:1:2::1', '2001:0DB8:0001:0002::9'],
    ['::1', '0:0:0:0:0:0:0:1'],
    ['2001:db8::1', '2001:db8:0:0:1:2:3:4'],
    ['fe80::1%eth0', 'fe80::2%eth1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['64:ff9b::192.0.2.1', '64:ff9b::198.51.100.1'],
  ])('%s and %s', (one, other) => {
    expect(addressGroup(one)).toBe(addressGroup(other));
  });

  it.each([
    ['192.0.2.1', '192.0.2.2'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2'],
    ['2001:db8:1:2::1', '2001:db8:1:3::1'],
    ['2001:db8::1', '2001:db9::1'],
    ['unknown', '192.0.2.1'],
  ])('but not %s and %s', (one, other) => {
    expect(addressGroup(one)).not.toBe(addressGroup(other));
  });
});
