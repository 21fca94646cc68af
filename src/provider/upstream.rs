//! Asking a provider who somebody is: the code flow (RFC 6749 §4.1, OpenID Connect Core §3.1) as its client.

use super::{
    Metadata, Provider, Providers,
    fetch::{Fault, read_json},
    id_token::{Expected, Token},
    kind::{AuthMethod, Kind},
    said::{self, Claims},
    secret::{self, Said},
    spec::Spec,
};
use crate::kit::{
    id::{ProviderId, TenantId},
    outbound::Call,
    text::{DisplayName, Email, GivenSecret},
};
use aws_lc_rs::hmac;
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::fmt::Write;
use url::Url;

/// Who somebody is at a provider, as far as its word is worth something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// The provider.
    pub provider: ProviderId,
    /// Its issuer.
    pub issuer: String,
    /// Whom it means, in its words.
    pub subject: String,
    /// What it calls them, to be shown.
    pub display: String,
    /// Their address, as it says.
    pub email: Option<Email>,
    /// Whether its word on the address counts as a proof.
    pub is_good: bool,
    /// Whether it alone gives out addresses like this.
    pub is_authoritative: bool,
    /// The name of a person.
    pub name: Option<DisplayName>,
}

/// A code that is to be exchanged.
#[derive(Clone, Copy)]
pub struct Exchange<'a> {
    /// The code.
    pub code: &'a str,
    /// Where it came to.
    pub redirect_uri: &'a str,
    /// The verifier of PKCE.
    pub verifier: &'a str,
    /// The nonce of this sign-in.
    pub nonce: &'a str,
    /// Where it is exchanged, as was so when the sign-in began.
    pub token_endpoint: &'a str,
    /// The name that the person's browser brings, which is nobody's word.
    pub name: Option<&'a DisplayName>,
}

/// The parts of a request that are made anew for each.
#[derive(Clone, Copy)]
pub struct Begin<'a> {
    /// Where people come back to.
    pub redirect_uri: &'a str,
    /// `state`.
    pub state: &'a str,
    /// `nonce`.
    pub nonce: &'a str,
    /// `code_challenge`.
    pub challenge: &'a str,
}

/// Where somebody is sent to sign in.
///
/// # Errors
/// The provider's address cannot be read.
pub fn authorization_url(spec: &Spec, metadata: &Metadata, begin: Begin<'_>) -> Result<Url, Fault> {
    let url = Url::parse(&metadata.authorization_endpoint);
    let mut url = url.map_err(|why| Fault::Invalid(format!("the authorization endpoint cannot be read: {why}")))?;
    url.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", &spec.client_id),
        ("redirect_uri", begin.redirect_uri),
        ("scope", &spec.scopes.join(" ")),
        ("state", begin.state),
        ("code_challenge", begin.challenge),
        // Also where it is not announced: who does not know it lets it be.
        ("code_challenge_method", "S256"),
    ]);
    if spec.has_metadata() {
        url.query_pairs_mut().append_pair("nonce", begin.nonce);
    }
    match (spec.kind, &*spec.domains) {
        // It gives a name or an address in no other way.
        (Kind::Apple, _) => drop(url.query_pairs_mut().append_pair("response_mode", "form_post")),
        // A hint: what counts is what comes back.
        (Kind::Google, [domain]) => drop(url.query_pairs_mut().append_pair("hd", &domain.to_string())),
        _ => {}
    }
    Ok(url)
}

/// What a provider says of somebody, and who that is, if it is somebody who is taken.
pub type Asked = Result<(Claims, Result<Upstream, Fault>), Fault>;

/// Exchanges a code for tokens. It is tried once: a code is good once.
pub(super) async fn tokens(
    providers: &Providers,
    (tenant, now): (TenantId, DateTime<Utc>),
    (provider, metadata): (&Provider, &Metadata),
    secret: Option<&GivenSecret>,
    given: Exchange<'_>,
) -> Result<Value, Fault> {
    let of = (tenant, metadata.authority.as_str());
    let said = secret::said(&provider.spec, secret, given.token_endpoint, now)?;
    redeem(providers, of, &provider.spec, &said, given).await
}

/// Exchanges a code for who somebody is.
///
/// # Errors
/// See [`Fault`].
pub async fn ask(
    providers: &Providers,
    (tenant, now): (TenantId, DateTime<Utc>),
    (provider, metadata): (&Provider, &Metadata),
    secret: Option<&GivenSecret>,
    given: Exchange<'_>,
) -> Asked {
    let of = (tenant, metadata.authority.as_str());
    let token_endpoint = given.token_endpoint;
    let tokens = tokens(providers, (tenant, now), (provider, metadata), secret, given).await?;
    let asking = Asking {
        providers,
        of,
        now,
        provider,
        metadata,
    };
    let claims = if metadata.jwks_uri.is_some() {
        asking.signed(&tokens, given.nonce).await?
    } else {
        let said = secret::said(&provider.spec, secret, token_endpoint, now)?;
        asking.asked(&tokens, said.text()).await?
    };
    let accepted = said::accept(provider, &metadata.authority, &claims).map(|who| Upstream {
        name: who.name.or_else(|| given.name.cloned()),
        ..who
    });
    Ok((claims, accepted))
}

/// What a token endpoint refuses with. GitHub does with status 200, Facebook with an object.
fn refusal(answer: &Value) -> Option<Fault> {
    let error = &answer["error"];
    let (code, described) = match error.as_str() {
        Some(code) => (code.to_owned(), answer["error_description"].as_str()),
        None if error.is_object() => (error["code"].to_string(), error["message"].as_str()),
        None => return None,
    };
    let what = format!(
        "the token endpoint says {code:.100}: {:.200}",
        described.unwrap_or_default()
    );
    // Facebook's 101 is a client id that is wrong, 191 a redirect URI; of a wrong secret only the words tell.
    let is_secret = code == "1" && described.is_some_and(|words| words.contains("client secret"));
    Some(match &*code {
        _ if is_secret => Fault::Misconfigured(what),
        "invalid_client"
        | "unauthorized_client"
        | "redirect_uri_mismatch"
        | "incorrect_client_credentials"
        | "101"
        | "191" => Fault::Misconfigured(what),
        _ => Fault::Denied(what),
    })
}

/// Asking who somebody is whose code was exchanged.
struct Asking<'a> {
    providers: &'a Providers,
    of: (TenantId, &'a str),
    now: DateTime<Utc>,
    provider: &'a Provider,
    metadata: &'a Metadata,
}

impl Asking<'_> {
    /// What the ID token says, and userinfo of the rest.
    async fn signed(&self, tokens: &Value, nonce: &str) -> Result<Claims, Fault> {
        let (providers, metadata) = (self.providers, self.metadata);
        let access_token = tokens["access_token"].as_str();
        let Some(id_token) = tokens["id_token"].as_str() else {
            return Err(Fault::Invalid("the answer has no ID token".to_owned()));
        };
        let token = Token::read(id_token, &metadata.algorithms)?;
        let (tenant, now) = (self.of.0, self.now);
        let mut keys = providers.keys(tenant, metadata, (now, false)).await?;
        if !token.is_known(&keys) {
            keys = providers.keys(tenant, metadata, (now, true)).await?;
        }
        let spec = &self.provider.spec;
        let expected = Expected {
            issuers: &spec.issuers(),
            client_id: &spec.client_id,
            nonce,
            access_token,
            now,
        };
        let mut claims = token.verify(&keys, &expected)?;
        // Whom it means is signed, before anything is asked.
        said::subject(spec.kind, &claims)?;
        let is_whole = claims.contains_key("email") && claims.contains_key("email_verified");
        // Of the makers' it has nothing that the token has not, or, with Microsoft, calls them something else.
        if let (Kind::Oidc, false, Some(endpoint), Some(bearer)) =
            (spec.kind, is_whole, &metadata.userinfo_endpoint, access_token)
        {
            let more = self.userinfo(endpoint, bearer).await?;
            // It could be somebody else's (OpenID Connect Core §5.3.2).
            if more.get("sub").is_none_or(|sub| Some(sub) != claims.get("sub")) {
                return Err(Fault::Invalid("userinfo is of somebody else".to_owned()));
            }
            // An address and whether it is verified are said together, or they would be of two addresses.
            claims.remove("email");
            claims.remove("email_verified");
            // Of the rest what is signed counts.
            more.into_iter().for_each(|(name, value)| {
                claims.entry(name).or_insert(value);
            });
        }
        Ok(claims)
    }

    /// What it says of whose access token it is.
    async fn asked(&self, tokens: &Value, secret: &str) -> Result<Claims, Fault> {
        let (Some(bearer), Some(endpoint)) = (tokens["access_token"].as_str(), &self.metadata.userinfo_endpoint) else {
            return Err(Fault::Invalid("the answer has no access token".to_owned()));
        };
        let spec = &self.provider.spec;
        let mut endpoint = endpoint.clone();
        if spec.kind == Kind::Facebook {
            // Whoever took the token elsewhere cannot use it without the secret.
            endpoint.push_str("&appsecret_proof=");
            endpoint.push_str(&proof(secret, bearer));
        }
        let mut said = self.userinfo(&endpoint, bearer).await?;
        if spec.kind == Kind::Oauth2 {
            return Ok(mapped(spec, &said));
        }
        // It says nothing of whose these are: nobody's word but its own counts.
        said.remove("emails");
        said.remove("iss");
        if let Some(endpoint) = &self.metadata.emails_endpoint {
            let call = Call {
                url: endpoint,
                bearer: Some(bearer),
                ..Call::default()
            };
            let answer = self.providers.call(self.of, call).await?;
            match answer.status {
                200 => drop(said.insert("emails".to_owned(), read_json(&answer.body)?)),
                status if status >= 500 => {
                    return Err(Fault::Unavailable(format!("the addresses answer {status}")));
                }
                // They did not let us see them.
                _ => {}
            }
        }
        Ok(said)
    }

    async fn userinfo(&self, endpoint: &str, bearer: &str) -> Result<Claims, Fault> {
        let call = Call {
            url: endpoint,
            bearer: Some(bearer),
            ..Call::default()
        };
        let answer = self.providers.call(self.of, call).await?;
        if answer.status >= 500 || answer.status == 429 {
            return Err(Fault::Unavailable(format!("userinfo answers {}", answer.status)));
        }
        match (answer.status, read_json(&answer.body)?) {
            (200, Value::Object(claims)) => Ok(claims),
            (status, _) => Err(Fault::Invalid(format!("userinfo answers {status}, or no object"))),
        }
    }
}

/// The proof that who has an access token has the secret as well, as Facebook wants it.
fn proof(secret: &str, access_token: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, access_token.as_bytes());
    let mut text = String::new();
    for byte in tag.as_ref() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The claims at the paths that an administrator gives.
fn mapped(spec: &Spec, said: &Claims) -> Claims {
    let find = |path: &str| {
        let mut names = path.split('.');
        let first = said.get(names.next()?)?;
        names.try_fold(first, |at, name| at.get(name)).cloned()
    };
    let all = spec.claims.all().into_iter();
    all.filter_map(|(name, path)| Some((name.to_owned(), find(path)?)))
        .collect()
}

/// The kind of a token that says who a request is from (RFC 7523 §2.2).
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

async fn redeem(
    providers: &Providers,
    of: (TenantId, &str),
    spec: &Spec,
    secret: &Said,
    given: Exchange<'_>,
) -> Result<Value, Fault> {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", given.code),
        ("redirect_uri", given.redirect_uri),
        ("code_verifier", given.verifier),
    ];
    // Both are encoded as in a form before they are (RFC 6749 §2.3.1).
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let (id, password) = (encode(&spec.client_id), encode(secret.text()));
    let mut basic = None;
    match spec.auth_method {
        AuthMethod::Basic => basic = Some((&*id, &*password)),
        AuthMethod::Post => form.extend([("client_id", &*spec.client_id), ("client_secret", secret.text())]),
        AuthMethod::PrivateKey => form.extend([
            ("client_id", &*spec.client_id),
            ("client_assertion_type", ASSERTION),
            ("client_assertion", secret.text()),
        ]),
        AuthMethod::None => form.push(("client_id", &spec.client_id)),
    }
    let call = Call {
        url: given.token_endpoint,
        form: Some(&form),
        basic,
        ..Call::default()
    };
    let answer = providers.call(of, call).await?;
    if answer.status >= 500 || answer.status == 429 {
        return Err(Fault::Unavailable(format!(
            "the token endpoint answers {}",
            answer.status
        )));
    }
    let json = read_json(&answer.body)?;
    if let Some(fault) = refusal(&json) {
        return Err(fault);
    }
    match answer.status {
        200 => Ok(json),
        401 | 403 => Err(Fault::Misconfigured(format!(
            "the token endpoint answers {}",
            answer.status
        ))),
        status => Err(Fault::Invalid(format!("the token endpoint answers {status}"))),
    }
}
