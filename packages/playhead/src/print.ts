/** Writing to standard output. */

/** Waits while a pipe is full: a slow reader slows the program down, and its memory does not grow. */
export async function print(text: string): Promise<void> {
  if (text === '' || process.stdout.write(text)) return
  await new Promise((resolve) => process.stdout.once('drain', resolve))
}
