/** A question before something that cannot be undone. */
export interface Question {
  readonly title: string;
  readonly text: string;
  /** What the button that does it says. */
  readonly action: string;
}

/** Asks "are you sure" in a `<dialog>` of the page: Escape is no, and the focus goes back to where it was. */
export class ConfirmDialog {
  readonly #dialog = document.createElement('dialog');
  readonly #title = document.createElement('h2');
  readonly #text = document.createElement('p');
  readonly #yes = button('button danger', 'yes');
  readonly #no = button('button', 'no');
  #answer: ((yes: boolean) => void) | undefined;

  constructor() {
    this.#title.id = 'confirm-title';
    this.#text.id = 'confirm-text';
    this.#no.textContent = 'Cancel';
    this.#no.autofocus = true;
    const form = document.createElement('form');
    form.method = 'dialog';
    const buttons = document.createElement('div');
    buttons.className = 'buttons';
    buttons.append(this.#no, this.#yes);
    form.append(this.#title, this.#text, buttons);
    this.#dialog.className = 'confirm';
    this.#dialog.setAttribute('aria-labelledby', this.#title.id);
    this.#dialog.setAttribute('aria-describedby', this.#text.id);
    this.#dialog.append(form);
    this.#dialog.addEventListener('close', () => this.#closed());
    document.body.append(this.#dialog);
  }

  /** Resolves with whether it is to be done. One question at a time: the one before is answered with no. */
  ask({ title, text, action }: Question): Promise<boolean> {
    this.#answer?.(false);
    this.#title.textContent = title;
    this.#text.textContent = text;
    this.#yes.textContent = action;
    this.#dialog.returnValue = 'no';
    if (!this.#dialog.open) this.#dialog.showModal();
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  #closed(): void {
    this.#answer?.(this.#dialog.returnValue === 'yes');
    this.#answer = undefined;
  }
}

function button(className: string, value: string): HTMLButtonElement {
  const element = document.createElement('button');
  element.className = className;
  element.value = value;
  return element;
}
