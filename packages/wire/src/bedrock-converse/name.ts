/** The dialect's name. */
export const name = 'bedrock-converse'
