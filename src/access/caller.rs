//! Who comes to the door. An operation names its permission in the type of its first argument, and that
//! argument is the only way to a transaction.
//!
//! Being the first argument, it is also checked first: who calls and whether they may is settled
//! before anything else of the request is read.

use super::{
    Door, Policy,
    aside::aside,
    permission::{Permission, TO_CHANGE_PASSWORD},
};
use crate::{
    account,
    app::App,
    kit::{
        db::{Mode, Tx},
        error::{Code, Error, Result},
        headers::{cookie, is_from_elsewhere, is_same_site},
        http::Client,
        id::UserId,
        text::GivenPassword,
    },
    session::{self, Credential, Principal},
    setting::{self, Authentication},
    tenant::Tenant,
    user,
};
use poem::{
    Request, RequestBody,
    http::HeaderMap,
    web::headers::{
        Authorization, HeaderMapExt,
        authorization::{Basic, Bearer},
    },
};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use std::{marker::PhantomData, ops::Deref, sync::Arc};

/// What a caller may do to others, as their transaction finds it and nobody else can change
/// before it ends.
pub struct Authority {
    /// Who it is.
    pub me: UserId,
    /// The tenant's roles, and what they decide.
    pub policy: Arc<Policy>,
    roles: Vec<String>,
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

/// Opens the door for whoever sent the request, if they have permission `P` on `object`.
async fn open<P: Permission>(request: &Request, object: String, must_sign_in: bool) -> Result<Door> {
    let (app, tenant) = parts(request)?;
    let (app, tenant) = (app.clone(), tenant.clone());
    let client = Client::of(request, &app.config.trusted_proxies);
    let mut door = Door {
        policy: app.policies.built_in().clone(),
        app,
        tenant,
        client,
        who: None,
        permission: P::IS,
        object,
    };
    if let Some((who, policy)) = authenticate(&door, request).await? {
        (door.who, door.policy) = (Some(who), policy);
    }
    if must_sign_in && door.who.is_none() {
        return Err(Code::Unauthenticated.into());
    }
    let roles = door.who.as_ref().map(|who| &who.roles[..]).unwrap_or_default();
    door.policy.ready(roles).await?;
    if !door.policy.permits(roles, P::IS, &door.object) {
        door.note_denial(Code::Forbidden).await;
        return Err(Code::Forbidden.into());
    }
    let must_change = door.who.as_ref().is_some_and(|who| who.must_change_password);
    let to_change = door.object == "-" && TO_CHANGE_PASSWORD.contains(&P::IS);
    if must_change && must_sign_in && !to_change {
        return Err(Code::PasswordChangeRequired.into());
    }
    Ok(door)
}

async fn authenticate(door: &Door, request: &Request) -> Result<Option<(Principal, Arc<Policy>)>> {
    let Some(credential) = credential(door, request).await? else {
        return Ok(None);
    };
    let found = door
        .look(async |tx| match session::authenticate(tx, &credential).await? {
            Some(who) => Ok(Some((who, door.app.policies.current(tx).await?))),
            None => Ok(None),
        })
        .await?;
    if let Some((who, _)) = &found
        && let Some(session) = who.session.filter(|_| who.stale)
    {
        door.within(Mode::Write, async |tx| session::touch(tx, session).await)
            .await?;
    }
    Ok(found)
}

async fn credential(door: &Door, request: &Request) -> Result<Option<Credential>> {
    let headers = request.headers();
    if let Some(Authorization(bearer)) = headers.typed_get::<Authorization<Bearer>>() {
        let claims = door
            .keys()
            .await?
            .verify(bearer.token(), &door.tenant_url(), door.app.clock.now());
        return Ok(claims.map(Credential::Token));
    }
    if let Some((login, password)) = basic(headers) {
        let (settings, _) = door.look(async |tx| setting::read::<Authentication>(tx).await).await?;
        // Who once typed a password into a browser's own dialogue sends it with every request.
        if !settings.basic || is_from_elsewhere(headers) {
            return Ok(None);
        }
        return match account::check_password(door, &login, &password).await {
            Ok(proven) => {
                door.keep(async |tx| proven.forgive(tx).await).await?;
                Ok(Some(Credential::Password(proven.user, proven.hash)))
            }
            Err(Error::Refused(Code::CredentialsInvalid)) => Ok(None),
            Err(error) => Err(error),
        };
    }
    let Some(cookie) = cookie(headers, &door.app.cookie_name(&door.tenant)) else {
        return Ok(None);
    };
    // A browser sends the cookie whoever made it send the request.
    let changes = !door.permission.reads && !request.method().is_safe();
    if changes && !is_same_site(headers, &door.app.config.base_url()) {
        return Err(Code::CrossSite.into());
    }
    Ok(Some(Credential::Cookie(cookie.to_owned())))
}

/// Name and password of HTTP Basic (RFC 7617), in UTF-8.
fn basic(headers: &HeaderMap) -> Option<(String, GivenPassword)> {
    let Authorization(given) = headers.typed_get::<Authorization<Basic>>()?;
    Some((given.username().to_owned(), given.password().parse().ok()?))
}

/// The object the path names, as rules name it: the first parameter, in lower case as names are
/// kept; `*` if the path has none. Some groups name users by their id, rules only by their name.
async fn object_name(request: &Request) -> Result<String> {
    // poem-openapi routes parameters by their position; the router has decoded them.
    let name = request.raw_path_param("param0").unwrap_or("*").to_lowercase();
    let Ok(id) = name.parse::<UserId>() else {
        return Ok(name);
    };
    let (app, tenant) = parts(request)?;
    let named = app
        .db
        .run(tenant.id, Mode::Read, async |tx| user::name_of(tx, id).await);
    Ok(named.await?.unwrap_or(name))
}

/// What the server has put into the request: itself, and the tenant it is for.
fn parts(request: &Request) -> Result<(&App, &Tenant)> {
    let app = request.data::<App>();
    let app = app.ok_or_else(|| anyhow::anyhow!("no app in the request"))?;
    let tenant = request.data::<Tenant>();
    let tenant = tenant.ok_or_else(|| anyhow::anyhow!("no tenant in the request"))?;
    Ok((app, tenant))
}

impl Signed {
    fn new(door: Door) -> Result<Self> {
        let me = door.who.clone().ok_or_else(|| Error::from(Code::Unauthenticated))?;
        Ok(Self { door, me })
    }

    /// What the caller may do to others, read again within the transaction that does it. Acts on
    /// what people may do take turns, so that none decides by what another is changing.
    ///
    /// # Errors
    /// [`Code::Forbidden`] if the permission was lost meanwhile, [`Code::Unauthenticated`] if the
    /// caller was disabled or deleted.
    pub async fn authority(&self, tx: &Tx) -> Result<Authority> {
        tx.lock("policy").await?;
        let policy = self.app.policies.current(tx).await?;
        let present = session::present(tx, self.me.user).await?;
        let roles = present.map(|me| me.roles).ok_or(Code::Unauthenticated)?;
        policy.ready(&roles).await?;
        if !policy.permits(&roles, self.permission, &self.object) {
            return Err(Code::Forbidden.into());
        }
        Ok(Authority {
            me: self.me.user,
            policy,
            roles,
        })
    }
}

impl Authority {
    /// The escalation rule: nobody gives what they do not have, nor acts on who may do more.
    ///
    /// # Errors
    /// [`Code::Escalation`] if these roles permit what the caller's do not.
    pub async fn over(&self, roles: &[String]) -> Result<()> {
        self.over_in(&self.policy, roles).await
    }

    /// The same for what roles will permit by another policy.
    ///
    /// # Errors
    /// [`Code::Escalation`].
    pub async fn over_in(&self, theirs: &Arc<Policy>, roles: &[String]) -> Result<()> {
        match self.policy.covers_aside(&self.roles, theirs, roles).await? {
            true => Ok(()),
            false => Err(Code::Escalation.into()),
        }
    }

    /// Roles of the tenant that permit what the caller's do not.
    ///
    /// # Errors
    /// The work panicked.
    pub async fn above(&self) -> Result<Vec<String>> {
        let (policy, roles) = (self.policy.clone(), self.roles.clone());
        aside(move |stop| {
            policy.decide_each(stop)?;
            let mut above = vec![];
            for role in policy.roles().map(|role| &role.name) {
                stop.check()?;
                if !policy.covers(&roles, &policy, std::slice::from_ref(role)) {
                    above.push(role.clone());
                }
            }
            Some(above)
        })
        .await
    }
}

impl<P: Permission> Own<P> {
    /// Opens the door for a request that is no operation of a group: that of a page.
    pub(crate) async fn open(request: &Request) -> Result<Self> {
        let door = open::<P>(request, "-".to_owned(), true).await?;
        Ok(Self(Signed::new(door)?, PhantomData))
    }
}

impl<P: Permission> Guest<P> {
    /// Opens the door for a request that is no operation of a group: that of a page.
    pub(crate) async fn open(request: &Request) -> Result<Self> {
        Ok(Self(open::<P>(request, "*".to_owned(), false).await?, PhantomData))
    }

    /// With this CAPTCHA token, unless the header brought one: some groups have another place for it.
    pub(crate) fn with_captcha_token(mut self, token: Option<String>) -> Self {
        let client = &mut self.0.client;
        client.captcha_token = client.captcha_token.take().or(token);
        self
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
    let name = object_name(request).await?;
    let signed = Signed::new(open::<P>(request, name.clone(), true).await?)?;
    // `-` is the caller's own; operations on that take `Own` and are routed before this one.
    if name == "-" {
        return Err(Error::from(Code::NotFound).into());
    }
    signed
});
extractor!(Own, Signed, P::OWN, |request| Self::open(request).await?.0);
extractor!(Guest, Door, P::PUBLIC, |request| Self::open(request).await?.0);
