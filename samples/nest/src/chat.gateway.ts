import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';

/** A chat that answers itself. */
@WebSocketGateway({ path: '/chat' })
export class ChatGateway {
  @SubscribeMessage('say')
  say(@MessageBody() text: string): { event: string; data: string } {
    return { event: 'said', data: `You said ${text}` };
  }
}
