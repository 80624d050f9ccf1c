// A strict client of OAuth 2.0 walks through the server at DEMARC_URL, and ends
// with an error at the first answer that it does not accept.
import assert from 'node:assert/strict'
import * as oauth from 'oauth4webapi'

const { DEMARC_URL, CLIENT_ID, CLIENT_SECRET } = process.env
const http = { [oauth.allowInsecureRequests]: true } // loopback
const issuer = new URL(DEMARC_URL)
const client = { client_id: CLIENT_ID }

const as = await oauth.processDiscoveryResponse(
  issuer,
  await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...http }),
)

for (const auth of [oauth.ClientSecretBasic(CLIENT_SECRET), oauth.ClientSecretPost(CLIENT_SECRET)]) {
  const token = await oauth.processClientCredentialsResponse(
    as,
    client,
    await oauth.clientCredentialsGrantRequest(as, client, auth, new URLSearchParams(), http),
  )
  assert.equal(token.token_type, 'bearer') // the library lowers it
  assert.equal(token.expires_in, 1799)

  const introspect = async () =>
    oauth.processIntrospectionResponse(
      as,
      client,
      await oauth.introspectionRequest(as, client, auth, token.access_token, http),
    )
  const live = await introspect()
  assert.equal(live.active, true)
  assert.equal(live.client_id, CLIENT_ID)
  assert.equal(live.exp - live.iat, 1799)

  const call = (accessToken) =>
    oauth.protectedResourceRequest(accessToken, 'GET', new URL('/whoami', issuer), undefined, undefined, http)
  assert.equal((await (await call(token.access_token)).json()).app, CLIENT_ID)

  await oauth.processRevocationResponse(
    await oauth.revocationRequest(as, client, auth, token.access_token, http),
  )
  assert.equal((await introspect()).active, false)
  await assert.rejects(call(token.access_token), (err) => {
    assert.ok(err instanceof oauth.WWWAuthenticateChallengeError)
    assert.equal(err.cause[0].scheme, 'bearer')
    assert.equal(err.cause[0].parameters.error, 'invalid_token')
    return true
  })
}

// What is refused must be an error object that the library understands.
const refused = async (auth, parameters, status, error) => {
  const response = await oauth.clientCredentialsGrantRequest(as, client, auth, new URLSearchParams(parameters), http)
  await assert.rejects(oauth.processClientCredentialsResponse(as, client, response), (err) => {
    assert.equal(err.status ?? err.response?.status, status)
    if (err instanceof oauth.ResponseBodyError) assert.equal(err.error, error)
    else assert.ok(err instanceof oauth.WWWAuthenticateChallengeError && err.cause[0].scheme === 'basic', String(err))
    return true
  })
}
await refused(oauth.ClientSecretBasic('wrong'), {}, 401, 'invalid_client')
await refused(oauth.ClientSecretPost('wrong'), {}, 401, 'invalid_client')
await refused(oauth.ClientSecretBasic(CLIENT_SECRET), { scope: 'all' }, 400, 'invalid_scope')

console.log('accepted')
