// What the pictures begin with. The words that follow are the model's.

/** The beginning of a story, and the seed with which it goes on. */
export const STORY = 'On a rock in the sea stood a lighthouse.';
export const SEED = 7;

/** A beginning that leaves several words open. */
export const OPEN = 'One day, Tom';

/** A sentence with a word that no small vocabulary has whole. */
export const RARE = 'The hippopotamus sneezed.';
