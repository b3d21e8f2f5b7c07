// How a changeset becomes an entry of the changelog: its text as an item of a list, without the commit.
module.exports = {
  getReleaseLine: async ({ summary }) => `- ${summary.trim().replaceAll(/\n(?=.)/g, '\n  ')}`,
  getDependencyReleaseLine: async () => '', // neither package is a dependency of the other
};
