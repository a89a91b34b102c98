// One test with scripted providers, a scratch tpool that serves them, and everything cleaned up after.

import test from 'node:test';
import { FakeProvider } from './fake_provider.mjs';
import { provider_toml, slow, Tpool } from './tpool.mjs';

// options.providers: {id: FakeProvider options + {toml, key_toml, model_toml}}; settings: TOML; env, args: of serve;
// tolerate: an invalid outbound request is part of the test; tables(providers): TOML in place of one table for each;
// at_once: how many tests within run side by side. body(tpool, providers, t).
export const world = (name, options, body) => test(name, { timeout: 240_000 * slow, concurrency: options.at_once ?? 1 }, async (t) => {
  const providers = {};
  let tpool;
  try {
    for (const [id, o] of Object.entries(options.providers ?? {}))
      providers[id] = await FakeProvider.start({ name: id, ...o });
    const tables = options.tables?.(providers) ?? Object.entries(options.providers ?? {}).map(([id, o]) =>
      provider_toml(providers[id], { extra: o.toml, key_extra: o.key_toml, model_extra: o.model_toml, ...(o.base_url ? { base_url: o.base_url(providers[id]) } : {}) }));
    tpool = await Tpool.scratch({ providers: tables, settings: options.settings ?? '' });
    if (options.serve !== false) await tpool.serve({ env: options.env, args: options.args });
    await body(tpool, providers, t);
    if (options.serve !== false && !options.ends) still_alive(tpool);
  } catch (error) {
    if (tpool?.server && !options.ends) still_alive(tpool, error);
    throw error;
  } finally {
    const closing = [...Object.values(providers).map((p) => p.close()), ...(tpool ? [tpool.close()] : [])];
    const failed = (await Promise.allSettled(closing)).find((r) => r.status === 'rejected');
    if (failed) throw failed.reason;
  }
  if (!options.tolerate) for (const provider of Object.values(providers)) provider.expect_clean();
});

const still_alive = ({ server }, cause) => {
  if (server.exitCode !== null || server.signalCode !== null)
    throw new Error(`tpool serve ended with ${server.exitCode ?? server.signalCode}\n${server.err.slice(-4000)}\n${cause ?? ''}`);
};

export const alpha = (turns, more = {}) => ({ providers: { alpha: { turns, ...more } } });
export const ask = (input, more = {}) => ({ model: 'alpha/model-one', input, stream: true, ...more });
