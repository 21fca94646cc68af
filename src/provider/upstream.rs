//! Asking a provider who somebody is: the code flow (OpenID Connect Core §3.1) as its client.

use super::{
    Metadata, Provider, Providers,
    fetch::{Fault, read_json},
    id_token::{Expected, Token},
    kind::{AuthMethod, EmailTrust},
    spec::Spec,
};
use crate::kit::{
    id::{ProviderId, TenantId},
    outbound::Call,
    text::{DisplayName, Email, GivenSecret},
};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use url::Url;

/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 255;

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
        ("nonce", begin.nonce),
        ("code_challenge", begin.challenge),
        // Also where it is not announced: who does not know it lets it be.
        ("code_challenge_method", "S256"),
    ]);
    Ok(url)
}

/// Exchanges a code for who somebody is. It is tried once: a code is good once.
///
/// # Errors
/// See [`Fault`].
pub async fn exchange(
    providers: &Providers,
    (tenant, now): (TenantId, DateTime<Utc>),
    (provider, metadata): (&Provider, &Metadata),
    secret: Option<&GivenSecret>,
    given: Exchange<'_>,
) -> Result<Upstream, Fault> {
    let of = (tenant, metadata.issuer.as_str());
    let tokens = redeem(providers, of, &provider.spec, secret, given).await?;
    let access_token = tokens["access_token"].as_str();
    let Some(id_token) = tokens["id_token"].as_str() else {
        return Err(Fault::Invalid("the answer has no ID token".to_owned()));
    };
    let token = Token::read(id_token, &metadata.algorithms)?;
    let mut keys = providers.keys(tenant, metadata, (now, false)).await?;
    if !token.is_known(&keys) {
        keys = providers.keys(tenant, metadata, (now, true)).await?;
    }
    let expected = Expected {
        issuer: &metadata.issuer,
        client_id: &provider.spec.client_id,
        nonce: given.nonce,
        access_token,
        now,
    };
    let mut claims = token.verify(&keys, &expected)?;
    let subject = subject(&claims)?;
    if let (Some(endpoint), Some(bearer)) = (&metadata.userinfo_endpoint, access_token)
        && !(claims.contains_key("email") && claims.contains_key("email_verified"))
    {
        let more = userinfo(providers, of, endpoint, bearer, &subject).await?;
        // An address and whether it is verified are said together, or they would be of two addresses.
        claims.remove("email");
        claims.remove("email_verified");
        // Of the rest what is signed counts.
        more.into_iter().for_each(|(name, value)| {
            claims.entry(name).or_insert(value);
        });
    }
    accept(provider, metadata, subject, &claims)
}

async fn redeem(
    providers: &Providers,
    of: (TenantId, &str),
    spec: &Spec,
    secret: Option<&GivenSecret>,
    given: Exchange<'_>,
) -> Result<Value, Fault> {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", given.code),
        ("redirect_uri", given.redirect_uri),
        ("code_verifier", given.verifier),
    ];
    let secret = secret.map(GivenSecret::expose).unwrap_or_default();
    // Both are encoded as in a form before they are (RFC 6749 §2.3.1).
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let (id, password) = (encode(&spec.client_id), encode(secret));
    let mut basic = None;
    match spec.auth_method {
        AuthMethod::Basic => basic = Some((&*id, &*password)),
        AuthMethod::Post => form.extend([("client_id", &*spec.client_id), ("client_secret", secret)]),
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
    if let Some(error) = json["error"].as_str() {
        let described = json["error_description"].as_str().unwrap_or_default();
        let what = format!("the token endpoint says {error:.100}: {described:.200}");
        return Err(match error {
            "invalid_client" | "unauthorized_client" | "redirect_uri_mismatch" => Fault::Misconfigured(what),
            _ => Fault::Denied(what),
        });
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

async fn userinfo(
    providers: &Providers,
    of: (TenantId, &str),
    endpoint: &str,
    bearer: &str,
    subject: &str,
) -> Result<Map<String, Value>, Fault> {
    let call = Call {
        url: endpoint,
        bearer: Some(bearer),
        ..Call::default()
    };
    let answer = providers.call(of, call).await?;
    if answer.status >= 500 {
        return Err(Fault::Unavailable(format!("userinfo answers {}", answer.status)));
    }
    let Value::Object(claims) = read_json(&answer.body)? else {
        return Err(Fault::Invalid("userinfo is no object".to_owned()));
    };
    // It could be somebody else's (OpenID Connect Core §5.3.2).
    match answer.status == 200 && claims.get("sub").and_then(Value::as_str) == Some(subject) {
        true => Ok(claims),
        false => Err(Fault::Invalid("userinfo is refused, or of somebody else".to_owned())),
    }
}

fn subject(claims: &Map<String, Value>) -> Result<String, Fault> {
    let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
    let is_one =
        !subject.is_empty() && subject.chars().count() <= LONGEST_SUBJECT && !subject.chars().any(char::is_control);
    match is_one {
        true => Ok(subject.to_owned()),
        false => Err(Fault::Invalid("it does not say who it is, or too long".to_owned())),
    }
}

/// What the claims are worth.
fn accept(
    provider: &Provider,
    metadata: &Metadata,
    subject: String,
    claims: &Map<String, Value>,
) -> Result<Upstream, Fault> {
    let spec = &provider.spec;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::trim);
    let email = text("email").and_then(|text| text.parse::<Email>().ok());
    let has_domain = email.as_ref().is_some_and(|email| spec.has_domain(email.key()));
    if !spec.domains.is_empty() && !has_domain {
        return Err(Fault::NotAccepted);
    }
    // A JSON boolean, and nothing that looks like one.
    let is_claimed = claims.get("email_verified") == Some(&Value::Bool(true)) && has_domain;
    let name: Option<DisplayName> = text("name").and_then(|name| name.parse().ok());
    let display = text("preferred_username")
        .or_else(|| text("email"))
        .or_else(|| text("name"))
        .unwrap_or(&subject);
    let display: String = display.chars().filter(|c| !c.is_control()).take(100).collect();
    Ok(Upstream {
        provider: provider.id(),
        issuer: metadata.issuer.clone(),
        display,
        is_good: is_claimed && spec.email_trust != EmailTrust::Never,
        is_authoritative: is_claimed && spec.email_trust == EmailTrust::Authoritative,
        email,
        name,
        subject,
    })
}
