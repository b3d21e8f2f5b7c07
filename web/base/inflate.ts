/** The bytes of what is in gzip, in base64. @throws Error where the runtime cannot inflate */
export async function inflate(base64: string): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof DecompressionStream === 'undefined') {
    throw new Error(
      'DecompressionStream is missing, by which sotto/inline unpacks itself: use Chrome 80, Firefox 113, Safari 16.4, Node 18, or ' +
        "later, or import 'sotto'",
    );
  }
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
