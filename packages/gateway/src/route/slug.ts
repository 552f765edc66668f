/** How clients name providers: in whatever case, by our names or by OpenRouter's, with or without a region. */

/** OpenRouter's names, as slugs of providers and as authors of models, where they differ from ours. */
const ours: Readonly<Record<string, string>> = {
  'amazon-bedrock': 'bedrock',
  'google-ai-studio': 'google',
  'google-vertex': 'vertex',
  mistralai: 'mistral',
  moonshotai: 'moonshot',
  'x-ai': 'xai',
  'z-ai': 'zai',
}

/** A provider's name or tag in the one way that they are compared in. */
export function slugOf(text: string): string {
  const lower = text.toLowerCase()
  const slash = lower.indexOf('/')
  if (slash === -1) return ours[lower] ?? lower
  const base = lower.slice(0, slash)
  return (ours[base] ?? base) + lower.slice(slash)
}

/** What stands before the slash. */
export function baseOf(slug: string): string {
  const slash = slug.indexOf('/')
  return slash === -1 ? slug : slug.slice(0, slash)
}
