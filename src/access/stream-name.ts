import { Injectable, Param, type PipeTransform } from '@nestjs/common';
import { checkName } from '../relay/stream-registry';

/** Passes the name of a stream on. @throws SluiceError `bad-name`. */
@Injectable()
class StreamNamePipe implements PipeTransform<string, string> {
  transform(name: string): string {
    checkName(name);
    return name;
  }
}

/** The stream that the route names as `:name`; a name that may not be one is refused. */
export function StreamName(): ParameterDecorator {
  return Param('name', StreamNamePipe);
}
