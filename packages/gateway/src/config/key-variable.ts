/** Which variable a provider's key stands in. */
import type { Provider } from '@playhead/wire'

/** A server of one's own, which mostly asks for no key, has its variable by its kind: `VLLM_API_KEY`, `CUSTOM_API_KEY`. */
export function keyVariableOf({ name, keyVariable }: Provider): string {
  return keyVariable ?? `${name.toUpperCase().replaceAll(/\W/g, '_')}_API_KEY`
}
