/** A style sheet as text, as Vite gives it. */
declare module '*.css?inline' {
  const text: string;
  export default text;
}

/** A worker whose script is part of the file that makes it, as Vite gives it. */
declare module '*?worker&inline' {
  const Inline: new () => Worker;
  export default Inline;
}
