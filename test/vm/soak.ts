/** Does `npm run soak` run? What takes too long for every change is left out by `npm run test:vm`, and says so by its name. */
export const soak = process.env['SLIPWAY_SOAK'] === '1';
