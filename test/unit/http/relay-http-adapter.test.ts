import type { Server } from 'node:http';
import { once } from 'node:events';
import { RelayHttpAdapter } from '../../../src/http/relay-http-adapter';

describe('the server of a relay', () => {
  it('lets thousands of connections wait until they are accepted, since all viewers come back at once after a restart', async () => {
    const adapter = new RelayHttpAdapter();
    adapter.initHttpServer();
    const server: Server = adapter.getHttpServer();
    const listen = jest.spyOn(server, 'listen');
    adapter.listen(0, '127.0.0.1');
    await once(server, 'listening');
    expect(listen).toHaveBeenCalledWith(expect.objectContaining({ host: '127.0.0.1', backlog: 8_192 }), undefined);
    expect(server.address()).toMatchObject({ address: '127.0.0.1', port: expect.any(Number) as number });
    await adapter.close();
  });
});
