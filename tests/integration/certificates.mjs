// A certificate authority and one certificate for localhost, made with openssl into a scratch folder.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run } from './process.mjs';

const openssl = async (...args) => {
  const done = await run('openssl', args, { limit_ms: 20_000 });
  if (done.code !== 0) throw new Error(`openssl ${args[0]}: ${done.err}`);
};

// {tls: {key, cert} for a listener, ca: path of the authority's file, remove()}; `name` and `days` make bad ones.
export const make_certificates = async ({ name = 'localhost', days = 2 } = {}) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tpool-ca-'));
  const file = (n) => path.join(folder, n);
  await openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', '/CN=tpool test authority', '-keyout', file('ca.key'), '-out', file('ca.pem'));
  await openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`,
    '-keyout', file('server.key'), '-out', file('server.csr'));
  fs.writeFileSync(file('ext'), `subjectAltName=DNS:${name}\nbasicConstraints=CA:FALSE\n`);
  await openssl('x509', '-req', '-in', file('server.csr'), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial',
    '-days', String(days), '-extfile', file('ext'), '-out', file('server.pem'));
  return { ca: file('ca.pem'), tls: { key: fs.readFileSync(file('server.key')), cert: fs.readFileSync(file('server.pem')) },
    remove: () => fs.rmSync(folder, { recursive: true, force: true }) };
};
