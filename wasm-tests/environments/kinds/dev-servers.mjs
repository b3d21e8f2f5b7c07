// Environments whose pages come from a development server of the tool's own.
import { freePort, startProgram } from '../programs.mjs';
import { openBothWays } from './pages.mjs';

/**
 * A project that is served as it is written.
 *
 * @param {object} how
 * @param {Record<string, string>} how.files of the project
 * @param {(port: string) => string[]} how.command the command line, with the name of a tool in front
 * @returns {import('../harness.mjs').Run}
 */
export const servedByTool =
  ({ files, command }) =>
  async (harness, name, { threads }) => {
    const project = await harness.project(name, files);
    const port = await freePort();
    const [tool, ...words] = command(String(port));
    const upstream = `http://127.0.0.1:${port}/`;
    const options = { cwd: project, env: harness.environment };
    const stop = await startProgram([harness.tool(tool), ...words], options, upstream);
    try {
      return await openBothWays(harness, { upstream }, { threads });
    } finally {
      stop();
    }
  };
