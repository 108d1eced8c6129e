import { encodeLine, publishPlace, pushLine } from '../../../player/dashboard/publish-lines';

describe('publishPlace', () => {
  it.each([
    ['http://localhost:8080', { host: 'localhost:8080/', here: true }],
    ['http://127.0.0.1:4000', { host: '127.0.0.1:4000/', here: true }],
    ['http://[::1]:8080', { host: '[::1]:8080/', here: true }],
    ['http://192.168.1.20:8080', { host: '127.0.0.1:8080/', here: false }],
    ['http://relay.example', { host: '127.0.0.1/', here: false }],
    ['http://localhost:8080/live/', { host: 'localhost:8080/live/', here: true }],
    ['http://127.0.0.1.example:8080', { host: '127.0.0.1:8080/', here: false }],
  ])('for a page of %s', (address, place) => {
    expect(publishPlace(new URL(address))).toEqual(place);
  });
});

describe('the lines for ffmpeg', () => {
  it.each([pushLine('localhost:8080/', 'cam'), encodeLine('localhost:8080/', 'cam')])('end with the options of the output, then its address: %s', (line) => {
    expect(line).toMatch(/^ffmpeg -re -i FILE .* -f mp4 -send_expect_100 1 http:\/\/localhost:8080\/publish\/cam$/);
  });
});
