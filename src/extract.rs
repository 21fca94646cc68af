//! Who sends a request. An operation names its permission in the type of its first argument, and that
//! argument is the only way to a transaction.
//!
//! Being the first argument, it is also checked first: the caller and their permission are settled
//! before anything else of the request is read.

use crate::{
    access::{
        live::Key,
        permission::{Permission, TenantGet},
        principal::{self, Credential, Principal},
    },
    account,
    application::Application,
    context::{Person, RequestContext, Signed, UnknownCaller},
    idempotency::{Begun, Repeat},
    kit::{
        db::Epoch,
        error::{Code, Error, Result},
        headers::{cookie, is_from_elsewhere, is_same_site},
        http::{Peer, check_query},
        id::UserId,
        text::GivenPassword,
    },
    server::Server,
    setting::{self, Authentication, CrossOrigin},
    tenant::Tenant,
    token,
};
use futures_util::{FutureExt, future::BoxFuture};
use poem::{
    Request, RequestBody,
    http::HeaderMap,
    web::headers::{
        Authorization, HeaderMapExt,
        authorization::{Basic, Bearer},
    },
};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use std::{marker::PhantomData, ops::Deref};

/// A signed-in caller who may do `P` to the object that the path names, or to all if it names none.
pub struct Caller<P>(Signed, Server, PhantomData<P>);

/// A signed-in person who may do `P` to their own object: `-`. Programs that call for themselves have none.
pub struct Own<P>(Person, Server, PhantomData<P>);

/// Anybody, signed in or not, as far as `P` is open to all.
pub struct Guest<P>(RequestContext, Server, PhantomData<P>);

/// The far end of an endpoint of the protocol, as far as `P` is open to all. No credential of the request is
/// looked at: there, HTTP Basic has an application's secret and not a user's password.
pub struct Protocol<P>(RequestContext, Server, PhantomData<P>);

/// Whoever is signed in in a browser, or nobody, as far as `P` is open to all. Whatever else a request shows is
/// not looked at, and a form that another site may have sent is nobody's.
pub struct Visitor<P>(RequestContext, Server, PhantomData<P>);

/// The caller of a request, of whom nothing is known yet.
fn unknown<P: Permission>(request: &Request) -> Result<(UnknownCaller, &Server)> {
    let (server, tenant) = parts(request)?;
    let peer = Peer::of(request, &server.config.trusted_proxies, server.config.forwarded_header);
    let unknown = UnknownCaller::new::<P>(server.services.clone(), tenant.clone(), peer);
    Ok((unknown, server))
}

/// The context of the caller, anonymous or not, if they have the permission on the object: on that which the path names, if
/// none is given. One function for all permissions, and not one for each.
fn open<'a>(
    asked: (UnknownCaller, &Server),
    request: &'a Request,
    object: Option<String>,
    must_sign_in: bool,
) -> BoxFuture<'a, Result<(RequestContext, Server)>> {
    let (unknown, server) = (asked.0, asked.1.clone());
    async move {
        let object = match object {
            Some(object) => object,
            None => object_name(&unknown, request).await?,
        };
        let unknown = unknown.about(object);
        let known = authenticate(unknown, &server, request).await?;
        let context = known.permit(must_sign_in).await?;
        check_query(request)?;
        Ok((context, server))
    }
    .boxed()
}

/// Which pages of other origins may send this request, whoever its caller is.
pub(crate) async fn cross_origin(request: &Request) -> Result<CrossOrigin> {
    let (unknown, _) = unknown::<TenantGet>(request)?;
    Ok(unknown.read(async |tx| setting::read(tx).await).await?.0)
}

/// With who the credentials of the request stand for, if they are good.
async fn authenticate(unknown: UnknownCaller, server: &Server, request: &Request) -> Result<UnknownCaller> {
    let headers = request.headers();
    let tenant = unknown.tenant.id;
    let mut unknown = unknown;
    if let Some(Authorization(bearer)) = headers.typed_get::<Authorization<Bearer>>() {
        let key = Key::new(tenant, "bearer", bearer.token());
        let verify = async |context: &RequestContext| verify(context, server, bearer.token()).await;
        unknown = unknown.authenticate_live(key, verify).await?;
        if unknown.who.is_some() {
            return Ok(unknown);
        }
    }
    // The header may be meant for a proxy before the server: with a cookie of ours it is not tried as a
    // password of ours.
    let urls = &unknown.services.urls;
    let Some(cookie) = cookie(headers, &urls.cookie_name(&unknown.tenant)) else {
        let Some((login, password)) = basic(headers) else {
            return Ok(unknown);
        };
        return match check_basic(&unknown, server, headers, &login, &password)
            .boxed()
            .await?
        {
            Some(credential) => unknown.authenticate(&credential).boxed().await,
            None => Ok(unknown),
        };
    };
    // A browser sends the cookie with every request, also with one that another site made it send.
    let changes = !unknown.only_reads() && !request.method().is_safe();
    if changes && !is_same_site(headers, &urls.origin(&unknown.tenant)) {
        return Err(Code::CrossSite.into());
    }
    by_cookie(unknown, cookie).await
}

/// The credential that an access token is, if one of the tenant's keys signed it for our own API and it is good
/// now, and the epoch in which it is.
async fn verify(context: &RequestContext, server: &Server, token: &str) -> Result<Option<(Credential, Option<Epoch>)>> {
    let verified = account::verify(context, server, token).await?;
    Ok(verified.and_then(|(claims, epoch)| {
        let is_ours = claims.aud.have(&context.tenant_url());
        is_ours.then(|| Some((token::credential(&claims)?, Some(epoch))))?
    }))
}

/// The credential that a name and password are, where the tenant lets them be given with each request.
async fn check_basic(
    context: &RequestContext,
    server: &Server,
    headers: &HeaderMap,
    login: &str,
    password: &GivenPassword,
) -> Result<Option<Credential>> {
    let (settings, _) = context
        .read(async |tx| setting::read::<Authentication>(tx).await)
        .await?;
    // A browser sends a password that was once typed into its own dialogue with every request.
    if !settings.basic || is_from_elsewhere(headers) {
        return Ok(None);
    }
    match account::check_password(context, server, login, password).await {
        Ok(proven) => {
            context.write_unaudited(async |tx| proven.forgive(tx).await).await?;
            Ok(proven.hash.map(|hash| Credential::Password(proven.user, hash)))
        }
        Err(Error::Refused(Code::CredentialsInvalid)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Answers a request that came before with the same key as it was answered then. Of one that is the first,
/// the act is to say when it is done.
async fn begin_once(
    context: &RequestContext,
    repeat: &Repeat,
    request: &Request,
    body: &mut RequestBody,
) -> poem::Result<()> {
    let (services, tenant) = (&context.services, context.tenant.id);
    let who = context.who.as_ref().map(|who| who.who.uuid());
    let kept_by = (&services.db, &services.master);
    match repeat.begin(kept_by, (tenant, who), request, body).await? {
        Begun::First(claim) => {
            let _ = context.claim.set(claim);
            Ok(())
        }
        Begun::Before(answer) => Err(poem::Error::from_response(answer)),
    }
}

/// Name and password of HTTP Basic (RFC 7617), in UTF-8.
fn basic(headers: &HeaderMap) -> Option<(String, GivenPassword)> {
    let Authorization(given) = headers.typed_get::<Authorization<Basic>>()?;
    Some((given.username().to_owned(), given.password().parse().ok()?))
}

/// The object the path names, as rules name it: the first parameter, in lower case as names are
/// kept; `*` if the path has none. Some groups name users by their id, rules only by their name.
async fn object_name(context: &UnknownCaller, request: &Request) -> Result<String> {
    // poem-openapi routes parameters by their position; the router has decoded them.
    let name = request.raw_path_param("param0").unwrap_or("*").to_lowercase();
    let Ok(id) = name.parse::<UserId>() else {
        return Ok(name);
    };
    let named = context.read(async |tx| principal::name_of(tx, id).await);
    Ok(named.boxed().await?.unwrap_or(name))
}

/// The server and the tenant, which the outermost layer has put into the request.
fn parts(request: &Request) -> Result<(&Server, &Tenant)> {
    let server = request.data::<Server>();
    let server = server.ok_or_else(|| anyhow::anyhow!("no server in the request"))?;
    let tenant = request.data::<Tenant>();
    let tenant = tenant.ok_or_else(|| anyhow::anyhow!("no tenant in the request"))?;
    Ok((server, tenant))
}

impl<P> Guest<P> {
    /// With this CAPTCHA token, unless the header brought one: some groups have another place for it.
    pub(crate) fn with_captcha_token(mut self, token: Option<String>) -> Self {
        let peer = &mut self.0.peer;
        peer.captcha_token = peer.captcha_token.take().or(token);
        self
    }
}

impl<P: Permission> Caller<P> {
    /// For a request that is no operation of a group: that of a page about the object of this name.
    pub(crate) async fn open(request: &Request, object: String) -> Result<Self> {
        let (context, server) = open(unknown::<P>(request)?, request, Some(object), true).await?;
        Ok(Self(Signed::new(context)?, server, PhantomData))
    }
}

impl<P> Caller<P> {
    /// The caller and the server, for what is done to its end.
    pub(crate) fn into_parts(self) -> (Signed, Server) {
        (self.0, self.1)
    }
}

impl<P: Permission> Own<P> {
    /// For a request that is no operation of a group: that of a page.
    pub(crate) async fn open(request: &Request) -> Result<Self> {
        let (context, server) = open(unknown::<P>(request)?, request, Some("-".to_owned()), true).await?;
        let person = Person::new(Signed::new(context)?)?;
        Ok(Self(person, server, PhantomData))
    }
}

impl<P: Permission> Guest<P> {
    /// For a request that is no operation of a group: that of a page.
    pub(crate) async fn open(request: &Request) -> Result<Self> {
        let (context, server) = open(unknown::<P>(request)?, request, Some("*".to_owned()), false).await?;
        Ok(Self(context, server, PhantomData))
    }
}

impl<P: Permission> Protocol<P> {
    /// For a request that is no operation of a group.
    pub(crate) async fn open(request: &Request) -> Result<Self> {
        let (unknown, server) = unknown::<P>(request)?;
        Ok(Self(unknown.permit(false).boxed().await?, server.clone(), PhantomData))
    }

    /// The same of the application that sent the request, in whose name its acts are.
    pub(crate) fn of(self, application: &Application) -> Self {
        let client = Principal::of_client(application.id(), application.client_id());
        Self(self.0.as_client(client), self.1, self.2)
    }
}

impl<P: Permission> Visitor<P> {
    /// For a request that is no operation of a group: that of a page.
    pub(crate) async fn open(request: &Request) -> Result<Self> {
        let (unknown, server) = unknown::<P>(request)?;
        let name = unknown.services.urls.cookie_name(&unknown.tenant);
        let cookie = cookie(request.headers(), &name).filter(|_| request.method().is_safe());
        let known = match cookie {
            Some(cookie) => by_cookie(unknown, cookie).boxed().await?,
            None => unknown,
        };
        Ok(Self(known.permit(false).boxed().await?, server.clone(), PhantomData))
    }
}

async fn by_cookie(unknown: UnknownCaller, cookie: &str) -> Result<UnknownCaller> {
    let key = Key::new(unknown.tenant.id, "cookie", cookie);
    let given = async |_: &RequestContext| Ok(Some((Credential::Cookie(cookie.to_owned()), None)));
    unknown.authenticate_live(key, given).await
}

macro_rules! extractor {
    ($name:ident, $target:ty, $security:expr, |$request:ident| $open:expr) => {
        impl<P> $name<P> {
            /// What is built once.
            #[must_use]
            pub fn server(&self) -> &Server {
                &self.1
            }
        }

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
                body: &mut RequestBody,
                _: ExtractParamOptions<()>,
            ) -> poem::Result<Self> {
                let caller = $open;
                if P::DEF.creates()
                    && let Some(repeat) = $request.data::<Repeat>()
                {
                    begin_once(&caller, repeat, $request, body).boxed().await?;
                }
                Ok(caller)
            }
        }
    };
}

extractor!(Caller, Signed, P::DEF.id, |request| {
    let (context, server) = open(unknown::<P>(request)?, request, None, true).await?;
    // `-` is the caller's own; operations on that take `Own` and are routed before this one.
    if context.object() == "-" {
        return Err(Error::from(Code::NotFound).into());
    }
    Self(Signed::new(context)?, server, PhantomData)
});
extractor!(Own, Person, P::OWN, |request| Self::open(request).await?);
extractor!(Protocol, RequestContext, P::PUBLIC, |request| Self::open(request)
    .await?);
extractor!(Visitor, RequestContext, P::PUBLIC, |request| Self::open(request)
    .await?);
extractor!(Guest, RequestContext, P::PUBLIC, |request| Self::open(request).await?);
