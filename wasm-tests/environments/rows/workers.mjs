// Service workers and browser extensions.
export const workers = [];
