import { BadRequestException, Injectable, type PipeTransform } from '@nestjs/common';

/** The longest text that this application takes. */
const MAX_TEXT = 40;

/** Takes no long text, wherever it stands. */
@Injectable()
export class TextPipe implements PipeTransform<unknown, unknown> {
  transform(value: unknown): unknown {
    if (typeof value === 'string' && value.length > MAX_TEXT) throw new BadRequestException(`More than ${MAX_TEXT} characters`);
    return value;
  }
}
