// node audit-verify.mjs <export.json> [fingerprint of the signing key]
// Verifies an export of the audit trail (docs/audit.md) with Node.js alone. Exit code 0: all is whole.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [path, fingerprint] = process.argv.slice(2);
const { customers, publicKeys, policies } = JSON.parse(readFileSync(path, 'utf8'));
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const hex = (text) => Buffer.from(text, 'hex');
const canonical = (value) => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const member = (name) => `${JSON.stringify(name)}:${canonical(value[name])}`;
  return `{${Object.keys(value).sort().map(member)}}`;
};
const count = { records: 0, checkpoints: 0, faults: 0 };
const check = (isRight, where, fault) => {
  if (isRight) return;
  count.faults += 1;
  console.log(`${where}: ${fault}`);
};
const isPolicy = (version) => sha256(canonical(policies[version] ?? null)).toString('hex') === version;
for (const { referenceNo, after, records, checkpoints } of customers) {
  let { sequence, hash: before } = after;
  const hashes = {};
  for (const { hash, ...record } of records) {
    const where = `customer ${referenceNo}, record ${record.sequence}`;
    sequence += 1;
    check(record.sequence === sequence && record.referenceNo === referenceNo, where, 'is not in its place');
    check(!hash || record.previousHash === before, where, 'does not follow from the one before');
    before = sha256(canonical({ ...record, previousHash: before })).toString('hex');
    check(!hash || hash === before, where, 'was edited');
    const { policyVersion } = record;
    check(!policyVersion || isPolicy(policyVersion), where, 'names a policy that is not here');
    hashes[sequence] = before;
    count.records += 1;
  }
  for (const { sequence, body, signature, proof } of checkpoints) {
    const where = `customer ${referenceNo}, checkpoint ${body.number}`;
    const key = createPublicKey(publicKeys[body.keyId]);
    const keyId = sha256(key.export({ type: 'spki', format: 'der' })).toString('hex');
    check(keyId === body.keyId && keyId === (fingerprint ?? keyId), where, 'was signed with another key');
    const isSigned = verify(null, Buffer.from(canonical(body)), key, Buffer.from(signature, 'base64'));
    check(isSigned, where, 'is forged');
    const pair = (hash, [side, other]) => (side === 'left' ? [hex(other), hash] : [hash, hex(other)]);
    const leaf = sha256(hex('00'), canonical([referenceNo, sequence, hashes[sequence] ?? null]));
    const root = proof.reduce((hash, step) => sha256(hex('01'), ...pair(hash, step)), leaf);
    check(root.toString('hex') === body.headsRoot, where, `attests another record ${sequence}`);
    count.checkpoints += 1;
  }
}
console.log(count);
process.exitCode = count.faults === 0 ? 0 : 1;
