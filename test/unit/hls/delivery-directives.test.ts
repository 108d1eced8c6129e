import { checkReach, edgeOf, isDue, type PlaylistEdge, readDirectives } from '../../../src/hls/delivery-directives';
import { codeOf } from '../../support/code-of';
import { frames, TestPackager } from '../../support/hls-media';

/** Segments 0 to 2 are whole, of ten parts each, and three parts of 3 have come. */
function edge(ended = false): PlaylistEdge {
  const { packager } = new TestPackager().add(...frames({ to: 6.6 }));
  return edgeOf({ ...packager.state, ended });
}

function due(query: string, at = edge()): boolean | string {
  const directives = readDirectives(new URLSearchParams(query));
  return codeOf(() => checkReach(directives, at)) ?? isDue(directives, at);
}

describe('delivery directives', () => {
  it.each([
    ['', true],
    ['_HLS_msn=2', true],
    ['_HLS_msn=3', false],
    ['_HLS_msn=4', false],
    ['_HLS_msn=5', 'bad-request'],
    ['_HLS_msn=1&_HLS_part=99', true],
    ['_HLS_msn=2&_HLS_part=9', true],
    ['_HLS_msn=2&_HLS_part=10', true],
    ['_HLS_msn=3&_HLS_part=2', true],
    ['_HLS_msn=3&_HLS_part=3', false],
    ['_HLS_msn=3&_HLS_part=17', false],
    ['_HLS_msn=3&_HLS_part=18', 'bad-request'],
    ['_HLS_msn=4&_HLS_part=0', false],
    ['_HLS_msn=4&_HLS_part=18', 'bad-request'],
    ['_HLS_msn=900000000000000', 'bad-request'],
  ])('"%s" is due: %s', (query, expected) => {
    expect(due(query)).toBe(expected);
  });

  it.each(['_HLS_msn=5', '_HLS_msn=3&_HLS_part=18', '_HLS_msn=900000000000000'])('are checked when they come, and never again: "%s" is not due, and throws nothing', (query) => {
    expect(isDue(readDirectives(new URLSearchParams(query)), edge())).toBe(false);
  });

  it('wait for nothing that is over', () => {
    expect(due('_HLS_msn=7', edge(true))).toBe(true);
  });

  it('wait for the first part of the next segment where a part behind the last of one is asked for', () => {
    expect(due('_HLS_msn=2&_HLS_part=10', { ...edge(), parts: 0 })).toBe(false);
  });

  it.each([
    ['', 0, false],
    ['', 1, false],
    ['', 2, false],
    ['', 3, true],
    ['segments=1', 0, false],
    ['segments=1', 1, true],
    ['segments=2', 1, false],
    ['segments=3', 2, false],
  ])('"%s" is due with %i segments: %s', (query, sequence, expected) => {
    expect(due(query, { ...edge(), sequence })).toBe(expected);
  });

  it('wait for no more segments than fit into the list', () => {
    const full = { ...edge(), start: 0, first: 5, sequence: 6 };
    expect(due('', full)).toBe(true);
    expect(due('', { ...full, sequence: 5 })).toBe(false);
  });

  it('count the segments from the one on that the playlist begins with', () => {
    expect(due('from=1')).toBe(false);
    expect(due('from=1&segments=2')).toBe(true);
    expect(due('from=3&segments=1')).toBe(false);
  });

  it('begin with the first that is listed where the one asked for no longer is, or never was', () => {
    expect(due('from=0', { ...edge(), start: 0, first: 2, sequence: 4 })).toBe(true);
    expect(due('from=99')).toBe(true);
  });

  it.each(['_HLS_part=1', '_HLS_msn=', '_HLS_msn=-1', '_HLS_msn=1.5', '_HLS_msn=x', '_HLS_msn=1&_HLS_part=x', '_HLS_msn=9999999999999999', '_HLS_skip=NO', 'segments=0', 'segments=4', 'segments=', 'from=x'])('"%s" is refused', (query) => {
    expect(codeOf(() => readDirectives(new URLSearchParams(query)))).toBe('bad-request');
  });

  it('leave others alone', () => {
    expect(readDirectives(new URLSearchParams('_HLS_push=1&token=x&_HLS_skip=v2'))).toEqual({ sequence: undefined, part: undefined, skip: true, segments: 3, from: undefined });
  });
});
