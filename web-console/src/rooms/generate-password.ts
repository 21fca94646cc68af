// Without the letters that are taken for each other when a password is read aloud or copied by hand.
const ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/** A random password of four groups of five, about 116 bits, with a character of every class a policy may ask for. */
export function generatePassword(): string {
  for (;;) {
    const password = draw();
    if (/[a-z]/.test(password) && /[A-Z]/.test(password) && /\d/.test(password)) return password;
  }
}

function draw(): string {
  const letters: string[] = [];
  // Bytes beyond the largest multiple are drawn again, or the first letters would come up more often.
  const limit = 256 - (256 % ALPHABET.length);
  while (letters.length < 20) {
    for (const byte of crypto.getRandomValues(new Uint8Array(32))) {
      if (byte < limit && letters.length < 20) letters.push(ALPHABET.charAt(byte % ALPHABET.length));
    }
  }
  return [0, 5, 10, 15].map((start) => letters.slice(start, start + 5).join("")).join("-");
}
