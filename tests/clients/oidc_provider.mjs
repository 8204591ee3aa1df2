// An identity provider: oidc-provider, certified, with a sign-in page of two lines. Whom it knows stands in a file that
// the tests write, and is read anew each time. It prints a line once it answers.
import { readFileSync } from 'node:fs';
import Provider from 'oidc-provider';

const { port, client, people } = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const known = () => JSON.parse(readFileSync(people, 'utf8'));

const provider = new Provider(issuer, {
  clients: [client],
  pkce: { required: () => true, methods: ['S256'] },
  claims: { email: ['email', 'email_verified'], profile: ['name'] },
  cookies: { keys: ['only-for-tests'] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  async findAccount(_, id) {
    const person = known()[id];
    return person && { accountId: id, claims: () => ({ sub: id, ...person }) };
  },
  // Nobody is asked for consent: this stands for a company's provider, and its administrator has given it.
  async loadExistingGrant({ oidc }) {
    const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope(oidc.params.scope);
    await grant.save();
    return grant;
  },
});

provider.use(async (ctx, next) => {
  const uid = ctx.path.match(/^\/interaction\/([\w-]+)$/)?.[1];
  if (!uid) return next();
  if (ctx.method === 'GET') {
    ctx.type = 'html';
    ctx.body = `<!doctype html><title>Example Works</title><h1>Example Works</h1><form method="post">
      <label>Account <input name="id"></label> <button>Log in</button> <button name="cancel" value="1">Cancel</button></form>`;
    return undefined;
  }
  let body = '';
  for await (const block of ctx.req) body += block;
  const sent = new URLSearchParams(body);
  const result = sent.has('cancel')
    ? { error: 'access_denied', error_description: 'The person cancelled.' }
    : { login: { accountId: sent.get('id') } };
  return provider.interactionFinished(ctx.req, ctx.res, result);
});

provider.listen(port, '127.0.0.1', () => console.log(`ready at ${issuer}`));
