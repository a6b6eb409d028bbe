/** Top-level folders of a live tree that are no part of the system installed from it (as kairos-agent leaves them out for `dir:`). */
export const outsideTheSystem = ['proc', 'sys', 'dev', 'run', 'tmp', 'mnt', 'host'] as const;
