/** The screens in their order. This table is the only place that knows which comes next. */
import type { Screens, ScreenRow } from '../src/app/console/screen.ts';
import { runConsole } from '../src/app/console.tsx';
import type { ConsoleOptions, ConsoleResult } from '../src/app/console.tsx';
import { checks } from './checks.tsx';
import { cluster } from './cluster.tsx';
import { configuration } from './configuration.tsx';
import { disk } from './disk.tsx';
import { done } from './done.tsx';
import { encryption } from './encryption.tsx';
import { identity } from './identity.tsx';
import { installerData } from './installer-data.tsx';
import { installing } from './installing.tsx';
import { makeOverlays } from './overlays.tsx';
import { network } from './network.tsx';
import { partitions } from './partitions.tsx';
import { problem } from './problem.tsx';
import { review } from './review.tsx';
import { welcome } from './welcome.tsx';

const rows: readonly ScreenRow[] = [
  welcome,
  configuration,
  checks,
  identity,
  network,
  disk,
  partitions,
  encryption,
  cluster,
  installerData,
  review,
  installing,
  done,
  problem,
];

export const screens: Screens = { rows, overlays: makeOverlays(() => screens) };

/** The console with these screens. */
export const startConsole = (options: Omit<ConsoleOptions, 'screens'>): Promise<ConsoleResult> => runConsole({ ...options, screens });
