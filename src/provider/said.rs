//! What the words of each kind of provider are worth: who somebody is, and whether an address is theirs.

use super::{
    Provider, Upstream,
    fetch::Fault,
    kind::{EmailTrust, Kind},
    spec::Spec,
};
use crate::kit::text::{DisplayName, Email};
use serde_json::{Map, Value};

/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 255;

/// Claims of a person.
pub type Claims = Map<String, Value>;

/// What is said of an address.
#[derive(Default)]
struct Address {
    email: Option<Email>,
    /// Whether it is said to be theirs, by the rule of the kind.
    is_theirs: bool,
    /// Whether nobody else gives it out.
    is_given_out: bool,
}

fn text<'a>(claims: &'a Claims, name: &str) -> Option<&'a str> {
    let text = claims.get(name).and_then(Value::as_str).map(str::trim);
    text.filter(|text| !text.is_empty())
}

/// Whom the provider means.
pub(super) fn subject(kind: Kind, claims: &Claims) -> Result<String, Fault> {
    let subject = match kind {
        // `sub` is per application there: another registration would mean other people.
        Kind::Microsoft => match (text(claims, "tid"), text(claims, "oid")) {
            (Some(tid), Some(oid)) if is_guid(tid) => Some(format!("{tid}.{oid}")),
            _ => None,
        },
        // A login is renamed, and taken by somebody else.
        Kind::Github => claims.get("id").and_then(Value::as_u64).map(|id| id.to_string()),
        Kind::Facebook => text(claims, "id").map(str::to_owned),
        Kind::Oauth2 => match claims.get("sub") {
            Some(Value::Number(number)) if !number.is_f64() => Some(number.to_string()),
            other => other.and_then(Value::as_str).map(str::to_owned),
        },
        Kind::Oidc | Kind::Google | Kind::Apple => claims.get("sub").and_then(Value::as_str).map(str::to_owned),
    };
    let is_one = |subject: &String| {
        let length = subject.chars().count();
        (1..=LONGEST_SUBJECT).contains(&length) && !subject.chars().any(char::is_control)
    };
    let missing = || Fault::Invalid("it does not say who it is, or too long".to_owned());
    subject.filter(is_one).ok_or_else(missing)
}

/// Whether this is a GUID as Microsoft writes it.
pub(super) fn is_guid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

/// Whether one of the forms of Microsoft's `xms_edov` says that the owner of the domain gave out the address.
fn is_edov(claims: &Claims) -> bool {
    match claims.get("xms_edov") {
        Some(Value::Bool(said)) => *said,
        Some(Value::Number(said)) => said.as_u64() == Some(1),
        Some(Value::String(said)) => said == "1" || said == "true",
        _ => false,
    }
}

/// The address that GitHub calls the primary one, if it calls it verified. Mail to its own is not delivered.
fn primary(claims: &Claims) -> Option<&str> {
    let all = claims.get("emails")?.as_array()?;
    let primary = all
        .iter()
        .find(|one| one["primary"] == true && one["verified"] == true)?;
    let address = primary["email"].as_str()?;
    (!address.ends_with("@users.noreply.github.com")).then_some(address)
}

fn address(spec: &Spec, claims: &Claims) -> Address {
    let named = match spec.kind {
        Kind::Github => primary(claims),
        _ => text(claims, "email"),
    };
    let Some(email) = named.and_then(|text| text.parse::<Email>().ok()) else {
        return Address::default();
    };
    // A JSON boolean, and nothing that looks like one.
    let is_true = claims.get("email_verified") == Some(&Value::Bool(true));
    let (is_theirs, is_given_out) = match spec.kind {
        Kind::Oidc => {
            let is_theirs = is_true && spec.has_domain(email.key());
            (is_theirs, is_theirs)
        }
        // Of other domains it only knows that somebody once had the address.
        Kind::Google => {
            let is_theirs = is_true && (is_gmail(&email) || text(claims, "hd").is_some());
            (is_theirs, is_theirs)
        }
        // What an administrator of any directory types in is no proof.
        Kind::Microsoft => {
            let listed = claims.get("verified_primary_email").and_then(Value::as_array);
            let is_listed = listed.is_some_and(|all| all.iter().any(|one| one.as_str() == named));
            let is_own = text(claims, "tid").is_some_and(|tid| spec.upstreams.iter().any(|own| own == tid));
            (is_edov(claims) || is_listed, is_edov(claims) && is_own)
        }
        Kind::Apple => (is_true || text(claims, "email_verified") == Some("true"), false),
        Kind::Github => (true, false),
        Kind::Facebook | Kind::Oauth2 => (false, false),
    };
    Address {
        email: Some(email),
        is_theirs,
        is_given_out,
    }
}

/// Whether Google gives out the address.
fn is_gmail(email: &Email) -> bool {
    email.key().ends_with("@gmail.com")
}

/// Whether people of there are taken at all.
fn is_accepted(spec: &Spec, claims: &Claims, email: Option<&Email>) -> bool {
    let tid = text(claims, "tid").unwrap_or_default();
    if spec.kind == Kind::Microsoft && !spec.upstreams.is_empty() && !spec.upstreams.iter().any(|own| own == tid) {
        return false;
    }
    // Anybody who once had an address of the domain may have an account of Google's with it: `hd` says that the domain
    // gave it out.
    let has_domain = match (spec.kind, text(claims, "hd")) {
        (Kind::Google, Some(hd)) => spec.has_domain(&format!("@{}", hd.to_lowercase())),
        (Kind::Google, None) => email.is_some_and(|email| is_gmail(email) && spec.has_domain(email.key())),
        _ => email.is_some_and(|email| spec.has_domain(email.key())),
    };
    spec.domains.is_empty() || has_domain
}

/// What the claims are worth.
pub(super) fn accept(provider: &Provider, issuer: &str, claims: &Claims) -> Result<Upstream, Fault> {
    let spec = &provider.spec;
    let subject = subject(spec.kind, claims)?;
    let Address {
        email,
        is_theirs,
        is_given_out,
    } = address(spec, claims);
    if !is_accepted(spec, claims, email.as_ref()) {
        return Err(Fault::NotAccepted);
    }
    let login = text(claims, "login").filter(|_| spec.kind == Kind::Github);
    let display = text(claims, "preferred_username")
        .or(login)
        .or_else(|| text(claims, "email"))
        .or_else(|| text(claims, "name"))
        .unwrap_or(&subject);
    let display: String = display.chars().filter(|c| !c.is_control()).take(100).collect();
    Ok(Upstream {
        provider: provider.id(),
        issuer: text(claims, "iss").unwrap_or(issuer).to_owned(),
        display,
        is_good: is_theirs && spec.email_trust != EmailTrust::Never,
        is_authoritative: is_given_out && spec.email_trust == EmailTrust::Authoritative,
        email,
        name: text(claims, "name").and_then(|name| name.parse::<DisplayName>().ok()),
        subject,
    })
}
