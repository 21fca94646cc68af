//! The door. An operation names its permission in the type of its first argument, and that
//! argument is the only way to a transaction.
//!
//! Being the first argument, it is also checked first: who calls and whether they may is settled
//! before anything else of the request is read.

use super::{enforcer, permission::Permission};
use crate::{
    app::App,
    kit::{
        db::{Mode, Tx},
        error::{Code, Error, Result},
        http::Client,
    },
    session::{self, Credential, Principal},
    tenant::{Tenant, key::KeyRing},
};
use poem::{
    Request, RequestBody,
    http::{HeaderMap, header},
};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use std::{marker::PhantomData, ops::Deref, sync::Arc};

/// A caller whose permission has been checked, in their tenant.
pub struct Door {
    /// The program.
    pub app: App,
    /// The tenant of the request.
    pub tenant: Tenant,
    /// The far end of the request.
    pub client: Client,
    /// Who is signed in, if anybody.
    pub who: Option<Principal>,
    mode: Mode,
}

/// A door with somebody signed in at it.
pub struct Signed {
    door: Door,
    /// Who it is.
    pub me: Principal,
}

/// Somebody signed in who may do `P` to the object that the path names, or to all if it names none.
pub struct Caller<P>(Signed, PhantomData<P>);

/// Somebody signed in who may do `P` to what is their own: the object `-`.
pub struct Own<P>(Signed, PhantomData<P>);

/// Anybody, signed in or not, as far as `P` is open to all.
pub struct Guest<P>(Door, PhantomData<P>);

impl Door {
    /// Runs `f` in one transaction: committed if it succeeds, rolled back if it fails.
    ///
    /// # Errors
    /// What `f` returns, or the database's.
    pub async fn run<T>(&self, f: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<T> {
        self.within(self.mode, f).await
    }

    /// As [`Door::run`], for rules whose refusal must be committed as well: a try that was
    /// counted, a session that was ended.
    ///
    /// # Errors
    /// What `f` returns, outer or inner, or the database's.
    pub async fn run_counted<T>(&self, f: impl AsyncFnOnce(&Tx) -> Result<Result<T>>) -> Result<T> {
        self.run(f).await?
    }

    /// Looks something up before work that must not hold a transaction, such as hashing.
    ///
    /// # Errors
    /// What `f` returns, or the database's.
    pub async fn look<T>(&self, f: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<T> {
        self.within(Mode::Read, f).await
    }

    async fn within<T>(&self, mode: Mode, f: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<T> {
        let tx = self.app.db.begin(self.tenant.id, mode).await?;
        let value = f(&tx).await?;
        tx.commit().await?;
        Ok(value)
    }

    /// The tenant's signing keys.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn keys(&self) -> Result<Arc<KeyRing>> {
        self.app.keys(self.tenant.id).await
    }

    /// The tenant's base URL, which is also the issuer of its tokens.
    #[must_use]
    pub fn tenant_url(&self) -> String {
        self.app.tenant_url(&self.tenant)
    }
}

/// Opens the door for whoever sent the request, if they have permission `P` on `object`.
async fn open<P: Permission>(request: &Request, object: &str, must_sign_in: bool) -> Result<Door> {
    let app = request
        .data::<App>()
        .ok_or_else(|| anyhow::anyhow!("no app in the request"))?
        .clone();
    let tenant = request
        .data::<Tenant>()
        .ok_or_else(|| anyhow::anyhow!("no tenant in the request"))?
        .clone();
    let client = Client::of(request, &app.config.trusted_proxies);
    let mut door = Door {
        app,
        tenant,
        client,
        who: None,
        mode: if P::IS.reads { Mode::Read } else { Mode::Write },
    };
    door.who = authenticate(&door, request).await?;
    if must_sign_in && door.who.is_none() {
        return Err(Code::Unauthenticated.into());
    }
    let roles = door.who.as_ref().map(|who| &who.roles[..]).unwrap_or_default();
    if !door.app.enforcer.permits(roles, P::IS, object) {
        return Err(Code::Forbidden.into());
    }
    Ok(door)
}

async fn authenticate(door: &Door, request: &Request) -> Result<Option<Principal>> {
    let Some(credential) = credential(door, request).await? else {
        return Ok(None);
    };
    let who = door
        .look(async |tx| session::authenticate(tx, &credential).await)
        .await?;
    if let Some(who) = who.as_ref().filter(|who| who.stale) {
        door.within(Mode::Write, async |tx| session::touch(tx, who.session).await)
            .await?;
    }
    Ok(who)
}

async fn credential(door: &Door, request: &Request) -> Result<Option<Credential>> {
    let headers = request.headers();
    if let Some(token) = bearer(headers) {
        let claims = door
            .keys()
            .await?
            .verify(token, &door.tenant_url(), door.app.clock.now());
        return Ok(claims.map(Credential::Token));
    }
    let Some(cookie) = cookie(headers, &door.app.cookie_name(&door.tenant)) else {
        return Ok(None);
    };
    // A browser sends the cookie whoever made it send the request.
    if !request.method().is_safe() && !is_same_site(headers, &door.app.config.base_url()) {
        return Err(Code::CrossSite.into());
    }
    Ok(Some(Credential::Cookie(cookie.to_owned())))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// Whether a browser says that a page of this origin sent the request (Fetch Metadata, else `Origin`).
fn is_same_site(headers: &HeaderMap, base_url: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => text("origin").is_some_and(|origin| {
            url::Url::parse(base_url).is_ok_and(|url| url.origin().ascii_serialization() == origin)
        }),
    }
}

/// The object the path names, as rules name it: the first parameter, in lower case as names are
/// kept; `*` if the path has none.
fn object_name(request: &Request) -> String {
    // poem-openapi routes parameters by their position; the router has decoded them.
    request.raw_path_param("param0").unwrap_or("*").to_lowercase()
}

impl Signed {
    fn new(mut door: Door) -> Result<Self> {
        let me = door.who.take().ok_or_else(|| Error::from(Code::Unauthenticated))?;
        Ok(Self { door, me })
    }

    /// The caller's roles, as far as the tenant still has them.
    pub fn roles(&self) -> impl Iterator<Item = &enforcer::Role> {
        self.me
            .roles
            .iter()
            .filter_map(|role| self.door.app.enforcer.role(role))
    }
}

impl Deref for Signed {
    type Target = Door;

    fn deref(&self) -> &Door {
        &self.door
    }
}

macro_rules! extractor {
    ($name:ident, $target:ty, $security:expr, |$request:ident| $open:expr) => {
        impl<P> Deref for $name<P> {
            type Target = $target;

            fn deref(&self) -> &$target {
                &self.0
            }
        }

        impl<'a, P: Permission> ApiExtractor<'a> for $name<P> {
            const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
            type ParamType = ();
            type ParamRawType = ();

            // The permission travels to the document as if it were a scheme's name; there it
            // becomes `x-permission` and the real schemes.
            fn security_schemes() -> Vec<&'static str> {
                vec![$security]
            }

            async fn from_request(
                $request: &'a Request,
                _: &mut RequestBody,
                _: ExtractParamOptions<()>,
            ) -> poem::Result<Self> {
                Ok(Self($open, PhantomData))
            }
        }
    };
}

extractor!(Caller, Signed, P::IS.id, |request| {
    let name = object_name(request);
    let signed = Signed::new(open::<P>(request, &name, true).await?)?;
    // `-` is the caller's own; operations on that take `Own` and are routed before this one.
    if name == "-" {
        return Err(Error::from(Code::NotFound).into());
    }
    signed
});
extractor!(Own, Signed, P::IS.id, |request| Signed::new(
    open::<P>(request, "-", true).await?
)?);
extractor!(Guest, Door, P::PUBLIC, |request| open::<P>(request, "*", false).await?);
