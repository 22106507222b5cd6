/** Decides which names of variables, headers, fields and options mean that their value is secret. */

/** A value is always secret if its name contains one of these words. */
const clearlySecret = /secret|passw|passphrase|passcode|credential|authorization|cookie/i
/** Words that mean a secret: `DB_PASS`, `PGPASS`, `MYSQL_PWD`, but not `COMPASS`. */
const secretWord =
  /(?<!^(?:by|com|encom|multi|over|sur|tres|under))pass$|pwd$|^(?:auth|oauth|creds?|jwt)$/
/**
 * Words that may mean a secret (`API_KEY`) or the position or id of a token (`bos_token`). The latter is always a number.
 * A word that only begins so, like `KEYBOARD`, does not count.
 */
const keyWord = /(?:keys?|token)$/
/**
 * With one of these words, `TOKENS` means credentials. In any other name, it means a number of tokens: `MAX_TOKENS`.
 */
const credentialWord = /^(?:api|access|auth|refresh|bearer|private)(?:keys?|tokens?)?$/
/** Servers behind a gateway take their credentials from headers of any name: `X-Access`, `X-Tenant`. */
const customHeader = /^x-/i
/** Ollama's switch for signed requests; its value is true or false. */
const harmless = /^OLLAMA_AUTH$/i

/** True if a variable, header, field or option of this name holds a secret. */
export function isSecretName(name: string): boolean {
  return secretValuesOf(name) !== undefined
}

/** True if even a number is secret under this name: `password`, `api_key`, but not `eos_token`. */
export function isSecretNumberName(name: string): boolean {
  return secretValuesOf(name) === 'any'
}

/** Which values of this name are secret: `any`; `text`, but no numbers; or none. */
function secretValuesOf(name: string): 'any' | 'text' | undefined {
  if (harmless.test(name)) return undefined
  if (clearlySecret.test(name) || customHeader.test(name)) return 'any'
  const words = wordsOf(name)
  if (words.some((word) => secretWord.test(word))) return 'any'
  const isCredential = words.some((word) => credentialWord.test(word))
  if (words.includes('tokens') && isCredential) return 'any'
  if (!words.some((word) => keyWord.test(word))) return undefined
  return isCredential ? 'any' : 'text'
}

/** The words of `HTTP_API_KEY2`, `http-api-key` or `HTTPApiKey`, in lower case and without numbers. */
function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([\p{Ll}\d])(\p{Lu})|(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1$3 $2$4')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
}
