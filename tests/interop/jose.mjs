// Checks tokens with jose, as another service would: node jose.mjs. Reads a JSON line for each token,
// {token, jwks, issuer, audience, now}, and prints what it says, {claims}, or why it is refused, {error}.
import { createInterface } from 'node:readline';
import { createLocalJWKSet, jwtVerify } from 'jose';

for await (const line of createInterface({ input: process.stdin })) {
  const { token, jwks, issuer, audience, now } = JSON.parse(line);
  const options = { issuer, audience, algorithms: ['EdDSA'], typ: 'JWT', requiredClaims: ['sub', 'exp', 'jti'] };
  if (now) options.currentDate = new Date(now * 1000);
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), options);
    console.log(JSON.stringify({ claims: payload }));
  } catch (error) {
    console.log(JSON.stringify({ error: error.code ?? String(error), claim: error.claim }));
  }
}
