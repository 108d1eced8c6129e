import { Body, Controller, Get, NotFoundException, Param, Post } from '@nestjs/common';

@Controller('notes')
export class NotesController {
  readonly #notes: string[] = [];

  @Get()
  list(): string[] {
    return this.#notes;
  }

  @Get(':number')
  one(@Param('number') number: string): string {
    const note = this.#notes[Number(number)];
    if (note === undefined) throw new NotFoundException(`There is no note ${number}`);
    return note;
  }

  @Post()
  add(@Body() { text }: { text: string }): { number: number } {
    return { number: this.#notes.push(text) - 1 };
  }

  /** What nobody foresaw. */
  @Post('broken')
  broken(): never {
    throw new Error('The disk is full');
  }
}
