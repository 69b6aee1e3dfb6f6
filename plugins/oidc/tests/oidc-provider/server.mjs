// A real OpenID provider on loopback. Argument: a file with JSON: port, issuer, clients, jwks, accounts.
// Signing in asks for a name only; agreeing is done by itself. Ends with the process that started it (standard input).
import { readFileSync } from 'node:fs'
import Provider from 'oidc-provider'

const given = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const page = (inner) => `<!doctype html><title>Provider</title>${inner}`

const provider = new Provider(given.issuer, {
  clients: given.clients,
  jwks: given.jwks,
  cookies: { keys: ['only for tests'] },
  claims: {
    openid: ['sub', 'acr', 'amr'],
    profile: ['name', 'preferred_username', 'department', 'groups'],
    email: ['email', 'email_verified'],
    auth_time: null,
    sid: null,
    iss: null,
  },
  acrValues: ['urn:test:mfa'],
  // Everything in the token itself; without it the claims are to be had at userinfo only.
  conformIdTokenClaims: Boolean(given.userinfo_only),
  enabledJWA: {
    idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256'],
    clientAuthSigningAlgValues: ['PS256', 'ES256'],
  },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => { ctx.body = page(`${form}<p>Sign out?</p>`) },
      postLogoutSuccessSource: (ctx) => { ctx.body = page('<p>Signed out.</p>') },
    },
  },
  findAccount: (ctx, id) => given.accounts[id] && {
    accountId: id,
    claims: () => ({ sub: id, ...given.accounts[id].claims }),
  },
  // Every client is the organisation's own: nobody is asked to agree.
  loadExistingGrant: async (ctx) => {
    const { client, session, params } = ctx.oidc
    const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId })
    grant.addOIDCScope(params.scope)
    await grant.save()
    return grant
  },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  renderError: (ctx, out, error) => { ctx.body = page(`<p>error ${out.error}: ${out.error_description} ${error}</p>`) },
})

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next()
  if (ctx.method === 'GET') {
    ctx.body = page('<form method="post"><input name="login"></form>')
    return undefined
  }
  const chunks = []
  for await (const chunk of ctx.req) chunks.push(chunk)
  const login = new URLSearchParams(Buffer.concat(chunks).toString()).get('login')
  const account = given.accounts[login]
  const result = account
    ? { login: { accountId: login, acr: account.acr, amr: account.amr } }
    : { error: 'access_denied', error_description: 'The person did not agree' }
  return provider.interactionFinished(ctx.req, ctx.res, result)
})

provider.listen(given.port, new URL(given.issuer).hostname, () => console.log('ready'))
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
