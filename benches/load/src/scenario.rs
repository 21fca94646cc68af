//! What is asked of a server, and by how many at once.

use crate::{
    client::{find, request},
    machine::{self, Machine},
    person,
    target::{self, Dialect, PEOPLE, SMALL, Target, bearer, call, sign_in},
};
use anyhow::Context;
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// A row of the table.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// Connections, each with one request at a time.
    pub(crate) in_flight: usize,
    /// What every answer has to be.
    pub(crate) status: u16,
    /// What the body of an answer has.
    pub(crate) mark: &'static str,
    /// Whether others sign in meanwhile, as fast as they are answered.
    pub(crate) storm: bool,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Health,
    Document,
    ByBearer,
    ByCookie,
    Resolve,
    Refresh,
    SignIn,
    Page {
        base: &'static str,
        size: usize,
    },
    Keyword,
    Send,
    Verify,
    Explain,
    Metadata,
    Keys,
    /// A token that is signed with this algorithm.
    Token(&'static str),
    Introspect,
    Userinfo,
    /// Tokens of an application, each by the refresh token that came with the one before.
    Renew,
}

const fn row(name: &'static str, in_flight: usize, mark: &'static str, kind: Kind) -> Scenario {
    Scenario {
        name,
        in_flight,
        status: 200,
        mark,
        storm: false,
        kind,
    }
}

const ID: &str = "\"metadata\"";
const USER: &str = "\"email\"";

/// Every row, in the order of the table.
pub(crate) const ALL: &[Scenario] = &[
    row("health", 16, "ok", Kind::Health),
    row("document", 16, "openapi", Kind::Document),
    row("me-bearer", 16, ID, Kind::ByBearer),
    row("me-cookie", 16, "user", Kind::ByCookie),
    row("me-alone", 1, ID, Kind::ByBearer),
    Scenario {
        storm: true,
        ..row("me-in-storm", 1, ID, Kind::ByBearer)
    },
    row("resolve", 16, "\"active\":true", Kind::Resolve),
    row("refresh-1", 1, "refreshToken", Kind::Refresh),
    row("refresh-64", 64, "refreshToken", Kind::Refresh),
    row(SIGN_IN, 4, "oken", Kind::SignIn),
    row("page-20-small", 16, USER, Kind::Page { base: SMALL, size: 20 }),
    row("page-20-large", 16, USER, Kind::Page { base: "", size: 20 }),
    row("page-50-small", 16, USER, Kind::Page { base: SMALL, size: 50 }),
    row("page-50-large", 16, USER, Kind::Page { base: "", size: 50 }),
    row("keyword", 16, USER, Kind::Keyword),
    row("send-64", 64, "verificationId", Kind::Send),
    Scenario {
        status: 400,
        ..row("verify-64", 64, "code_invalid", Kind::Verify)
    },
    row("explain", 16, "\"allowed\"", Kind::Explain),
    row("discovery", 16, "\"issuer\"", Kind::Metadata),
    row("jwks", 16, "\"kid\"", Kind::Keys),
    row("token-eddsa", 16, "\"access_token\"", Kind::Token("EdDSA")),
    row("token-es256", 16, "\"access_token\"", Kind::Token("ES256")),
    row("token-rs256", 16, "\"access_token\"", Kind::Token("RS256")),
    row("introspect", 16, "\"active\":true", Kind::Introspect),
    row("userinfo", 16, "\"sub\"", Kind::Userinfo),
    row("renew-1", 1, "\"refresh_token\"", Kind::Renew),
    row("renew-64", 64, "\"refresh_token\"", Kind::Renew),
];

/// The row that is compared with bare hashes.
pub(crate) const SIGN_IN: &str = "sign-in";
/// Who signs in during a storm.
pub(crate) const STORM: usize = 8;

/// Where a connection gets its requests from.
pub(crate) enum Source {
    /// All connections take turns at these.
    Turns(Arc<Turns>),
    /// The request is made of a token in the answer before it.
    Chain(Chain),
}

/// Requests with a token that each answer has for the next one.
pub(crate) struct Chain {
    request: Vec<u8>,
    /// What the token comes after.
    before: &'static [u8],
    make: fn(&str) -> Vec<u8>,
}

impl Chain {
    fn new(before: &'static str, make: fn(&str) -> Vec<u8>, tokens: &Value, name: &str) -> anyhow::Result<Self> {
        let token = tokens[name].as_str().context("a token")?;
        Ok(Self {
            request: make(token),
            before: before.as_bytes(),
            make,
        })
    }
}

pub(crate) struct Turns {
    requests: Vec<Vec<u8>>,
    next: AtomicUsize,
}

impl Source {
    /// The next request.
    pub(crate) fn request(&self) -> &[u8] {
        match self {
            Self::Turns(turns) => {
                let turn = turns.next.fetch_add(1, Ordering::Relaxed);
                &turns.requests[turn % turns.requests.len()]
            }
            Self::Chain(chain) => &chain.request,
        }
    }

    /// What an answer means for the next request.
    pub(crate) fn learn(&mut self, body: &[u8]) -> anyhow::Result<()> {
        let Self::Chain(chain) = self else {
            return Ok(());
        };
        let token = find(body, chain.before).map(|at| &body[at + chain.before.len()..]);
        let token = token.and_then(|rest| rest.split(|byte| *byte == b'"').next());
        chain.request = (chain.make)(std::str::from_utf8(token.context("a refresh token")?)?);
        Ok(())
    }
}

/// The application whose tokens are renewed.
const RENEWED: &str = "renewed";
const RENEWAL: &str = "\"refresh_token\":\"";

fn renew(token: &str) -> Vec<u8> {
    person::renew("/oauth2/token", RENEWED, token)
}

fn refresh(token: &str) -> Vec<u8> {
    request("POST", "/v1/refresh", &[], Some(&json!({ "refreshToken": token })))
}

/// The same requests for all connections.
pub(crate) fn turns(requests: Vec<Vec<u8>>, in_flight: usize) -> Vec<Source> {
    let next = AtomicUsize::new(0);
    let turns = Arc::new(Turns { requests, next });
    (0..in_flight).map(|_| Source::Turns(turns.clone())).collect()
}

impl Scenario {
    /// What each connection sends to this server; nothing if the server has no such operation.
    pub(crate) async fn sources(&self, target: &Target) -> anyhow::Result<Vec<Source>> {
        match (self.kind, target.dialect) {
            (Kind::Refresh, Dialect::Tenantry) => return self.refreshes(target).await,
            (Kind::Renew, Dialect::Tenantry) => return self.renewals(target).await,
            (Kind::Renew, Dialect::OidcProvider) => return self.renewals_of_oidc_provider(target).await,
            (Kind::Refresh | Kind::Renew, _) => return Ok(vec![]),
            _ => {}
        }
        let requests = match target.dialect {
            Dialect::Tenantry => self.ours(target).await?,
            Dialect::BetterAuth => self.of_better_auth(target).await?,
            Dialect::OidcProvider => self.of_oidc_provider(target).await?,
        };
        Ok(match requests.is_empty() {
            true => vec![],
            false => turns(requests, self.in_flight),
        })
    }

    async fn refreshes(&self, target: &Target) -> anyhow::Result<Vec<Source>> {
        let mut connection = target.connect().await?;
        let mut sources = vec![];
        for person in 0..self.in_flight {
            let tokens = connection.json(&sign_in("", &target::name(person))).await?;
            let chain = Chain::new("\"refreshToken\":\"", refresh, &tokens, "refreshToken")?;
            sources.push(Source::Chain(chain));
        }
        Ok(sources)
    }

    async fn renewals(&self, target: &Target) -> anyhow::Result<Vec<Source>> {
        let mut sources = vec![];
        if !person::create(target, RENEWED).await? {
            return Ok(sources);
        }
        let mut connection = target.connect().await?;
        for person in 0..self.in_flight {
            let tokens = person::sign_in(&mut connection, RENEWED, person).await?;
            sources.push(Source::Chain(Chain::new(RENEWAL, renew, &tokens, "refresh_token")?));
        }
        Ok(sources)
    }

    async fn renewals_of_oidc_provider(&self, target: &Target) -> anyhow::Result<Vec<Source>> {
        let mut connection = target.connect().await?;
        let mut sources = vec![];
        for _ in 0..self.in_flight {
            let seed = connection.json(&request("GET", "/seed", &[], None)).await?;
            let make = |token: &str| person::renew("/token", "page", token);
            sources.push(Source::Chain(Chain::new(RENEWAL, make, &seed, "refresh_token")?));
        }
        Ok(sources)
    }

    async fn ours(&self, target: &Target) -> anyhow::Result<Vec<Vec<u8>>> {
        let mut connection = target.connect().await?;
        let users = 1..=target.users.min(100_000);
        let mut requests = vec![];
        match self.kind {
            Kind::Health => requests.push(request("GET", "/healthz", &[], None)),
            Kind::Document => requests.push(request("GET", "/openapi/console.v1alpha1.json", &[], None)),
            Kind::Refresh | Kind::Renew => {}
            Kind::SignIn => requests.extend(storm()),
            Kind::ByBearer | Kind::Resolve => {
                for person in 0..PEOPLE {
                    let tokens = connection.json(&sign_in("", &target::name(person))).await?;
                    let who = bearer(&tokens)?;
                    requests.push(match self.kind {
                        Kind::Resolve => request("POST", "/v1/identity/resolve", &[("authorization", &who)], None),
                        _ => call("GET", "/users/-", &who, None),
                    });
                }
            }
            Kind::ByCookie => {
                for person in 0..PEOPLE {
                    let given = json!({ "username": target::name(person), "password": target::PASSWORD });
                    let path = "/apis/console/v1alpha1/sessions";
                    let cookie = connection.cookie(&request("POST", path, &[], Some(&given))).await?;
                    let path = "/apis/console/v1alpha1/users/-";
                    requests.push(request("GET", path, &[("cookie", &cookie)], None));
                }
            }
            Kind::Page { base, size } => {
                let path = format!("{base}/apis/console/v1alpha1/users?size={size}");
                let owner = target.owner(base).await?;
                requests.push(request("GET", &path, &[("authorization", &owner)], None));
            }
            Kind::Keyword => {
                let owner = target.owner("").await?;
                requests.extend(users.map(|user| {
                    let path = format!("/users?size=20&keyword=GIVEN{user:07}");
                    call("GET", &path, &owner, None)
                }));
            }
            Kind::Explain => {
                let owner = target.owner("").await?;
                requests.extend(users.map(|user| {
                    let asked = json!({ "user": format!("user-{user:07}"), "resource": "users", "verb": "list" });
                    call("POST", "/permissions/-/explain", &owner, Some(&asked))
                }));
            }
            Kind::Send => requests.extend(users.map(|user| of_address(user, "send-verification"))),
            Kind::Verify => requests.extend(users.map(|user| of_address(user, "verify"))),
            Kind::Metadata => requests.push(request("GET", DISCOVERY, &[], None)),
            Kind::Keys => requests.push(request("GET", "/.well-known/jwks.json", &[], None)),
            Kind::Token(_) | Kind::Introspect | Kind::Userinfo => return self.of_applications(target).await,
        }
        Ok(requests)
    }

    /// What an application asks of us.
    async fn of_applications(&self, target: &Target) -> anyhow::Result<Vec<Vec<u8>>> {
        let mut connection = target.connect().await?;
        let mut requests = vec![];
        match self.kind {
            Kind::Token(algorithm) => {
                let machine = machine::create(target, self.name, algorithm).await?;
                requests.extend(machine.map(|machine| machine.token("/oauth2/token", "")));
            }
            Kind::Introspect => {
                if let Some(machine) = machine::create(target, self.name, "EdDSA").await? {
                    let given = connection.json(&machine.token("/oauth2/token", "")).await?;
                    requests.push(machine.introspect("/oauth2/introspect", &given)?);
                }
            }
            Kind::Userinfo => {
                let people = if person::create(target, self.name).await? {
                    PEOPLE
                } else {
                    0
                };
                for person in 0..people {
                    let tokens = person::sign_in(&mut connection, self.name, person).await?;
                    requests.push(person::userinfo("/oauth2/userinfo", &tokens)?);
                }
            }
            _ => {}
        }
        Ok(requests)
    }

    async fn of_better_auth(&self, target: &Target) -> anyhow::Result<Vec<Vec<u8>>> {
        let mut connection = target.connect().await?;
        let mut requests = vec![];
        match self.kind {
            Kind::Health => requests.push(request("GET", "/healthz", &[], None)),
            Kind::SignIn => {
                let people = (0..PEOPLE).map(|person| better_auth_sign_in(&target::name(person)));
                requests.extend(people);
            }
            Kind::ByCookie => {
                for person in 0..PEOPLE {
                    let given = better_auth_sign_in(&target::name(person));
                    let cookie = connection.cookie(&given).await?;
                    let path = "/api/auth/get-session";
                    requests.push(request("GET", path, &[("cookie", &cookie)], None));
                }
            }
            Kind::Page { base: "", size } => {
                let cookie = connection.cookie(&better_auth_sign_in("admin")).await?;
                let path = format!("/api/auth/admin/list-users?limit={size}&sortBy=createdAt&sortDirection=desc");
                requests.push(request("GET", &path, &[("cookie", &cookie)], None));
            }
            _ => {}
        }
        Ok(requests)
    }

    async fn of_oidc_provider(&self, target: &Target) -> anyhow::Result<Vec<Vec<u8>>> {
        let machine = Machine::new;
        let secret = "a-secret-for-the-bench";
        Ok(match self.kind {
            Kind::Health => vec![request("GET", "/healthz", &[], None)],
            Kind::Metadata => vec![request("GET", DISCOVERY, &[], None)],
            Kind::Keys => vec![request("GET", "/jwks", &[], None)],
            Kind::Token(algorithm) => {
                let asked = format!("&scope=read&resource=https://api.example/?alg={algorithm}");
                vec![machine(&format!("machine-{algorithm}"), secret).token("/token", &asked)]
            }
            // One that it keeps: those that it signs it does not know.
            Kind::Introspect => {
                let machine = machine("machine-opaque", secret);
                let given = target.connect().await?.json(&machine.token("/token", "")).await?;
                vec![machine.introspect("/token/introspection", &given)?]
            }
            Kind::Userinfo => {
                let mut connection = target.connect().await?;
                let mut requests = vec![];
                for _ in 0..PEOPLE {
                    let seed = connection.json(&request("GET", "/seed", &[], None)).await?;
                    let token = seed["refresh_token"].as_str().context("a token")?;
                    let tokens = connection.json(&person::renew("/token", "page", token)).await?;
                    requests.push(person::userinfo("/me", &tokens)?);
                }
                requests
            }
            _ => vec![],
        })
    }
}

const DISCOVERY: &str = "/.well-known/openid-configuration";

/// Everybody's sign-in.
pub(crate) fn storm() -> Vec<Vec<u8>> {
    (0..PEOPLE).map(|person| sign_in("", &target::name(person))).collect()
}

fn better_auth_sign_in(name: &str) -> Vec<u8> {
    let given = json!({ "email": format!("{name}@example.com"), "password": target::PASSWORD });
    request("POST", "/api/auth/sign-in/email", &[], Some(&given))
}

/// A code for a user's address, to be sent or tried. It is never the right one.
fn of_address(user: usize, act: &str) -> Vec<u8> {
    let given = json!({
        "email": format!("user-{user:07}@example.test"),
        "purpose": "reset_password",
        "code": "wrong!",
    });
    request("POST", &format!("/v1/email/{act}"), &[], Some(&given))
}
